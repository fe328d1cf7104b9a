"""Commands that read a store of several teams: none mixes them, and each says what is missing."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import sys
from datetime import timedelta
from functools import partial

import pytest

from junction_introspect import Junction
from junction_introspect.cli import main, notices
from junction_introspect.mock import MockServer, Population
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS
from junction_introspect.operations.resources import RESOURCES
from junction_introspect.store import Store, sync
from junction_introspect.testing import JunctionMock

pytestmark = pytest.mark.any_specification

DAY = timedelta(days=1)
STORE = "pulls.duckdb"
COMPLETE = "complete.duckdb"
LACK = "pulls.duckdb has no resources of team 'acme': sync them with --what resources"
TEAMS = ["acme", "globex"]


@pytest.fixture
def cli(directory, monkeypatch, capsys):
    """Runs a command where the stores are; returns its status, its output and its errors."""
    monkeypatch.chdir(directory)
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments):
        status = main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return status, out, err.replace("junction-introspect: ", "").rstrip("\n")

    return run


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    return tmp_path_factory.mktemp("teams")


@pytest.fixture(scope="module")
def people(directory):
    """Fills two stores with two teams; returns a user whose id is in both, and one of `globex`.

    At `acme` the shared user's backfill is stuck. At `globex` it has failed, and the other user's
    attempts fail. One of the stores has no resources of `acme`.
    """
    with MockServer(Population(0, seed=1), control=True) as server:
        mock = JunctionMock(server, server.control)
        mock.reset()  # stops its clock
        shared = mock.add_user("garmin", resources=["sleep", "steps"])
        mock.set_pull(shared, "garmin", "sleep", "in_progress")
        mock.advance(2 * DAY)
        with Junction(api_key=server.api_key, base_url=server.url) as junction:
            fill = partial(sync, junction, now=lambda: mock.now)
            with Store.open(directory / STORE) as store:
                fill(store, [HISTORICAL_PULLS], team="acme")
                mock.set_pull(
                    shared, "garmin", "sleep", "failure", error_details="retry_quota_exhausted"
                )
                other = mock.add_user("wahoo", resources=["workouts"])
                mock.advance(2 * DAY)
                mock.end_attempts(other, "wahoo", ago=timedelta(hours=1))
                fill(store, [HISTORICAL_PULLS, RESOURCES], team="globex")
            shutil.copy(directory / STORE, directory / COMPLETE)
            with Store.open(directory / COMPLETE) as store:
                fill(store, [RESOURCES], team="acme")
    return shared, other


def records(out):
    return [json.loads(line) for line in out.splitlines()]


PULLS = [
    ("pulls",),
    ("summary",),
    ("summary", "--by", "user"),
    ("summary", "--by", "total"),
    ("stuck",),
    ("coverage",),
    ("changes", "--since", "2000-01-01"),
]


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("command", PULLS, ids=" ".join)
def test_every_record_names_its_team_and_each_team_is_as_if_alone(cli, command):
    read = (*command, "--from", STORE, "--format", "ndjson")

    both = records(cli(*read)[1])
    assert all(next(iter(record)) == "team" for record in both)
    for team in TEAMS:
        alone = records(cli(*read, "--team", team)[1])
        assert alone == [record for record in both if record["team"] == team]

    header, *_ = csv.reader(io.StringIO(cli(*read[:-1], "csv")[1]))
    assert header[0] == "team"


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("command", PULLS, ids=" ".join)
def test_table_has_the_column_team_if_there_are_several(cli, command):
    header, *lines = cli(*command, "--from", STORE)[1].splitlines()
    assert header.split()[0] == "team"
    assert {line.split()[0] for line in lines} & set(TEAMS)

    out = cli(*command, "--from", STORE, "--team", "globex")[1]
    assert not re.search("team|acme|globex", out)


def test_user_id_in_two_teams_is_two_users(cli, people):
    shared, other = people

    counted = records(cli("summary", "--by", "user", "--from", STORE, "--format", "ndjson")[1])
    assert sorted((each["team"], each["user_id"]) for each in counted) == sorted(
        [("acme", str(shared)), ("globex", str(shared)), ("globex", str(other))]
    )
    last = cli("summary", "--from", STORE)[1].splitlines()[-1]
    assert last.startswith("2 teams  3 users, ")
    last = cli("pulls", "--from", STORE)[1].splitlines()[-1]
    assert last.startswith("3 users, 5 pulls")

    out = cli("report", "--from", STORE, "-o", "-")[1]
    assert "All users of 2 teams" in out
    names = set(re.findall(r"<code>((?:acme|globex) [0-9a-f]{5}-[0-9a-f]{5})</code>", out))
    assert {name.split()[0] for name in names} == set(TEAMS)
    assert len({name.split()[1] for name in names}) == len(names)

    out = cli("report", "--from", STORE, "-o", "-", "--show-user-ids")[1]
    assert f"acme {shared}" in out
    assert f"globex {shared}" in out


def test_each_team_is_measured_up_to_its_own_last_sync(cli, people):
    # Since the first sync, two days have passed for the second.
    _, out, _ = cli("stuck", "--from", STORE, "--format", "ndjson")
    overdue = {each["team"]: each["overdue_seconds"] for each in records(out)}
    assert overdue["acme"] < 2 * DAY.total_seconds()
    assert people


@pytest.mark.parametrize("command", ["pulls", "stuck", "report", "stale", "explain", "changes"])
@pytest.mark.usefixtures("people")
def test_unknown_team_is_named_with_the_near_one(cli, command):
    status, _, err = cli(command, "--from", STORE, "--team", "globxe")
    assert status == 2
    assert err == (
        "Invalid value for --team: pulls.duckdb has no team 'globxe'; its teams: acme, globex;"
        " did you mean `globex`?"
    )


@pytest.mark.parametrize("command", ["pulls", "summary", "report", "stale"])
def test_team_needs_a_store(cli, command, monkeypatch):
    monkeypatch.setenv("JUNCTION_API_KEY", "sk_us_0123456789")
    status, _, err = cli(command, "--team", "acme")
    assert (status, err) == (2, "Invalid value: --team works only with --from")


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("command", ["stale", "explain"])
def test_store_says_which_operation_it_lacks_and_what_to_do(cli, command):
    assert cli(command, "--from", STORE) == (10, "", LACK)
    assert cli(command, "--from", STORE, "--team", "acme") == (10, "", LACK)
    assert cli(command, "--from", STORE, "--team", "globex")[0] == 1


def test_stale_lists_what_has_gone_silent(cli, people):
    _, other = people
    status, out, err = cli("stale", "--from", STORE, "--team", "globex", "--format", "ndjson")
    assert (status, err) == (1, "")
    found = {(each["user_id"], each["resource"]): each for each in records(out)}
    assert found[str(other), "workouts"]["verdict"] == "attempts_failing"
    assert found[str(other), "workouts"]["turn"] == "junction"
    assert found[str(other), "workouts"]["last_attempt_status"] == "failure"

    *_, line, count = cli("stale", "--from", STORE, "--team=globex", "--provider=wahoo")[
        1
    ].splitlines()
    assert line.split()[:5] == [str(other), "wahoo", "workouts", "attempts_failing", "junction"]
    assert count == "1 resource"

    assert cli("stale", "--from", STORE, "--team=globex", "--provider", "oura") == (
        0,
        "0 resources\n",
        "",
    )


def test_explain_reads_a_store_as_diagnose_reads_rows(cli, people):
    shared, other = people
    read = ("explain", "--from", STORE, "--team", "globex", "--format", "ndjson")

    everybody = records(cli(*read)[1])
    assert {each["team"] for each in everybody} == {"globex"}
    verdicts = {(each["user_id"], each["resource"]): each["verdict"] for each in everybody}
    assert verdicts[str(shared), "sleep"] == "backfill_failed"
    assert verdicts[str(other), "workouts"] == "attempts_failing"
    assert not any(each["evidence"]["connections_asked"] for each in everybody)

    one = records(cli(*read, other)[1])
    assert one == [each for each in everybody if each["user_id"] == str(other)]
    narrow = records(cli(*read, "--resource", "sleep", "--provider", "garmin")[1])
    assert narrow == [each for each in everybody if each["resource"] == "sleep"]


def test_explain_says_of_whom_a_store_has_nothing(cli, people):
    shared, other = people
    read = ("explain", "--from", STORE, "--team", "globex")
    status, out, err = cli(*read, other, "0b6ab5a4-6a62-4d31-a4f8-8a1e4bd7c9d1", shared)
    assert status == 10
    assert f"{other}: " in out
    assert f"{shared}: " in out
    assert err == "0b6ab5a4-6a62-4d31-a4f8-8a1e4bd7c9d1: pulls.duckdb has no such rows of this user"


def test_ids_are_checked_before_anything_of_a_store_is_shown(cli, people):
    shared, _ = people
    status, out, err = cli("explain", "--from", COMPLETE, shared, "me")
    assert (status, out, err) == (2, "", "Invalid value: me is not a UUID")


def test_explanation_names_the_team_if_there_are_several(cli, people):
    shared, _ = people
    _, out, _ = cli("explain", "--from", COMPLETE, shared)
    assert f"team acme, {shared}: " in out
    assert f"team globex, {shared}: " in out


@pytest.mark.parametrize(
    "option", ["--show-personal", "--requests-per-second=1", "--base-url=http://127.0.0.1:1"]
)
def test_explain_of_a_store_asks_nobody(cli, option):
    status, _, err = cli("explain", "--from", STORE, option)
    assert status == 2
    assert err == f"Invalid value: --from cannot be combined with {option.partition('=')[0]}"


def test_explain_needs_users_or_a_store(cli):
    status, _, err = cli("explain")
    assert status == 2
    assert "give at least one, or a store with --from" in err


@pytest.mark.usefixtures("people")
def test_no_row_of_a_store_names_a_lab(cli):
    status, _, err = cli("pulls", "--from", STORE, "--provider", "labcorp")
    assert status == 2
    assert err.startswith("Invalid value for --provider: 'labcorp' is a lab: ")


@pytest.mark.usefixtures("people")
def test_changes_are_of_any_operation(cli):
    read = ("changes", "--from", STORE, "--since", "2000-01-01", "--team", "globex")
    found = records(cli(*read, "--what", "resources", "--format", "ndjson")[1])
    assert {each["kind"] for each in found} == {"appeared"}
    assert "last_attempt_status" in found[0]
    failing = records(
        cli(*read, "--what", "resources", "--status", "failure", "--format", "ndjson")[1]
    )
    assert failing == [each for each in found if each["last_attempt_status"] == "failure"]
    assert failing
    assert "appeared" in cli(*read, "--what", "resources")[1]

    status, _, err = cli(*read, "--what", "resources", "--error", "unexpected_error")
    assert (status, err) == (2, "Invalid value for --error: resources have no error to filter by")
    status, _, err = cli(*read, "--what", "pulls,resources")
    assert (status, err) == (2, "Invalid value for --what: give one operation at a time")


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    "slip", ["--status=failrue", "--resource=sleeep", "--error=unexpectederror"]
)
@pytest.mark.parametrize("command", ["pulls", "stuck", "changes"])
def test_near_slip_is_named(cli, command, slip):
    status, _, err = cli(command, "--from", STORE, slip)
    assert status == 2
    assert re.search(r"did you mean `(failure|sleep|unexpected_error)`\?", err)
    assert cli(command, "--from", STORE, slip, "--unlisted")[0] == 0


@pytest.mark.usefixtures("people")
def test_filters_narrow_what_a_store_is_read_for(cli):
    out = cli("pulls", "--from", STORE, "--status", "failure", "--format", "ndjson")[1]
    assert [(each["team"], each["resource"]) for each in records(out)] == [("globex", "sleep")]
    changed = cli(
        "changes", "--from", STORE, "--since=2000-01-01", "--error=retry_quota_exhausted",
        "--format=ndjson",
    )[1]  # fmt: skip
    assert [each["status"] for each in records(changed)] == ["failure"]
    report = cli("report", "--from", STORE, "-o", "-", "--team=globex", "--status=failure")[1]
    assert "All users of team globex, failure" in report


@pytest.mark.usefixtures("people")
def test_totals_are_of_no_team_and_begin_their_line(cli):
    *_, total, count = cli("pulls", "--from", STORE)[1].splitlines()
    assert total.startswith("total ")
    assert count.endswith(" pulls")


@pytest.mark.usefixtures("people")
def test_table_of_no_users_still_counts_them(cli):
    out = cli("pulls", "--from", STORE, "--resource", "weight")[1]
    assert out.splitlines()[-1] == "0 users, 0 pulls"
    status, out, _ = cli("pulls", "--from", STORE, "--limit", "1", "--format", "ndjson")
    assert status == 0
    assert len({(each["team"], each["user_id"]) for each in records(out)}) == 1


def exported(cli, directory, *options):
    status, _, err = cli("export", "--from", STORE, "--to", "out/*.csv", "--fresh", *options)
    assert status == 0, err
    return list(csv.DictReader(io.StringIO((directory / "out/00000.csv").read_text())))


@pytest.mark.usefixtures("people")
def test_export_of_a_store_has_what_pulls_has(cli, directory):
    options = ("--status", "failure", "--status", "in_progress", "--resource", "sleep")
    rows = exported(cli, directory, *options)
    listed = records(cli("pulls", "--from", STORE, *options, "--format", "ndjson")[1])
    assert [(row["team"], row["user_id"], row["status"]) for row in rows] == [
        (each["team"], each["user_id"], each["status"]) for each in listed
    ]
    assert len(rows) == 2

    assert "team" not in exported(cli, directory, "--team", "globex")[0]
    (row,) = exported(cli, directory, "--what", "resources", "--team=globex", "--status=failure")
    assert row["last_attempt_status"] == "failure"

    lacking = cli("export", "--from", STORE, "--to", "out/*.csv", "--what", "resources")
    assert lacking == (10, "", LACK)
    status, _, err = cli("export", "--from", STORE, "--to", "out/*.csv", "--team", "globxe")
    assert status == 2
    assert "did you mean `globex`?" in err


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    "command",
    [*PULLS, ("report",), ("stale",), ("explain",), ("export", "--to", "shown/*.csv")],
    ids=" ".join,
)
def test_progress_is_drawn_and_gives_way_to_what_is_shown(cli, monkeypatch, command):
    terminal = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(notices, "_STRIDE", 1)
    monkeypatch.setattr(notices, "_REDRAW", 0)

    cli(*command, "--from", COMPLETE)

    after = re.findall(r"(?:row|change)s? so far[^\r\n]*(.?)", terminal.getvalue(), re.DOTALL)
    assert len(after) > 1
    assert set(after) == {"\r"}


@pytest.mark.usefixtures("people")
def test_progress_counts_the_rows_of_all_teams(cli, monkeypatch):
    terminal = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(notices, "_STRIDE", 1)
    monkeypatch.setattr(notices, "_REDRAW", 0)

    cli("summary", "--from", STORE)

    numbers = [int(number) for number in re.findall(r"(\d+) rows? so far", terminal.getvalue())]
    assert numbers == sorted(numbers)
    assert numbers[-1] == 4  # the last row of five
