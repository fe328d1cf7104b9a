"""`sync`, `changes`, `export` and `--from`: what they say, and with which status they end."""

import csv
import io
import json
import re
import subprocess
import sys
from contextlib import closing
from datetime import datetime, timedelta

import duckdb
import pytest

from junction_introspect.cli import changes, export, main
from junction_introspect.store import Store, store, sync
from tests.support import payloads
from tests.unit.store.scripted import Team

pytestmark = pytest.mark.any_specification

HOLDER = """
import duckdb, sys
with duckdb.connect("pulls.duckdb"):
    print(flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def run(junction_mock, monkeypatch, tmp_path, capfd):
    """Runs the command line where `pulls.duckdb` is to be; returns status, output, errors."""
    monkeypatch.setenv("JUNCTION_API_KEY", junction_mock.api_key)
    monkeypatch.setenv("JUNCTION_BASE_URL", junction_mock.url)
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        status = main(arguments)
        out, err = capfd.readouterr()
        return status, out, err.removeprefix("junction-introspect: ").removesuffix("\n")

    return run


@pytest.fixture
def user_id(junction_mock):
    """A user with two pulls, which succeed within a day."""
    return junction_mock.add_user("oura", resources=["sleep", "hrv"])


@pytest.fixture
def synced(run, user_id):
    """A store in which that user is."""
    assert user_id
    assert run("sync", "--to", "pulls.duckdb")[0] == 0


def test_sync_tells_what_it_has_done(run, user_id, junction_mock):
    done = run("sync", "--to", "pulls.duckdb")
    assert done == (0, "", "run 1 of team default: 1 user, 2 pulls, 1 page; 2 appeared")

    junction_mock.set_pull(user_id, "oura", "sleep", "failure")
    done = run("sync", "--to", "pulls.duckdb")
    assert done == (0, "", "run 2 of team default: 1 user, 2 pulls, 1 page; 1 moved")

    done = run("sync", "--to", "pulls.duckdb", "--team", "other", "--provider", "oura")
    assert done == (0, "", "run 1 of team other: 1 user, 2 pulls, 1 page; 2 appeared")
    done = run("sync", "--to", "pulls.duckdb")
    assert done == (0, "", "run 3 of team default: 1 user, 2 pulls, 1 page; nothing changed")


@pytest.mark.usefixtures("user_id")
def test_sync_takes_several_operations_in_one_run(run):
    status, _, err = run("sync", "--to", "pulls.duckdb", "--what", "pulls, resources")

    assert status == 0
    assert err == (
        "run 1 of team default: 1 user, 2 pulls, 1 page; 2 appeared\n"
        "junction-introspect: run 1 of team default: 1 user, 2 resources, 1 page; 2 appeared"
    )
    status, _, err = run("sync", "--to", "pulls.duckdb", "--what", "resources")
    assert (status, err) == (
        0,
        "run 2 of team default: 1 user, 2 resources, 1 page; nothing changed",
    )


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("pull", "'pull' cannot be listed: choose from pulls, resources; did you mean `pulls`?"),
        ("", "'' cannot be listed: choose from pulls, resources"),
        ("pulls,pulls", "'pulls,pulls' names an operation twice"),
        ("connections", "'connections' cannot be listed: choose from pulls, resources"),
    ],
)
def test_what_cannot_be_listed_is_wrong_usage(run, tmp_path, what, reason):
    status, _, err = run("sync", "--to", "pulls.duckdb", "--what", what)

    assert (status, err.removeprefix("Invalid value for --what: ")) == (2, reason)
    assert not list(tmp_path.iterdir())


def test_team_without_a_name_is_wrong_usage(run, tmp_path):
    status, _, err = run("sync", "--to", "pulls.duckdb", "--team", "")

    assert (status, err) == (
        2,
        "Invalid value: --team must not be empty or contain a NUL character",
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("synced")
@pytest.mark.parametrize("option", ["--provider", "--resource", "--status", "--error", "--team"])
def test_filter_that_is_no_text_is_wrong_usage(run, option):
    for command in (["pulls"], ["changes"], ["export", "--to", "*.csv"]):
        status, _, err = run(*command, "--from", "pulls.duckdb", option, "a\udcff")

        assert (status, err) == (2, r"Invalid value: 'a\udcff' has bytes that are not UTF-8")


@pytest.mark.usefixtures("synced")
def test_team_of_another_environment_is_3(run, monkeypatch):
    monkeypatch.setenv("JUNCTION_API_KEY", "sk_eu_0123456789")

    assert run("sync", "--to", "pulls.duckdb", "--environment", "SandboxEU") == (
        3,
        "",
        (
            "pulls.duckdb: this store's team 'default' is of localhost, not of SandboxEU:"
            " use another store, or another name for the team"
        ),
    )


def test_fresh_sync_that_breaks_off_says_that_a_fresh_one_would_begin_anew(run, junction_mock):
    junction_mock.fail_next(501)

    _, _, err = run("sync", "--to", "pulls.duckdb", "--fresh")

    assert err.startswith("without --fresh the same command resumes the sync\n")


def test_sync_that_breaks_off_says_that_the_same_command_goes_on(run, junction_mock):
    for _ in range(51):
        junction_mock.add_user("oura", resources=["sleep"])
    junction_mock.fail_next("delay", seconds=0)
    junction_mock.fail_next(501)

    status, _, err = run("sync", "--to", "pulls.duckdb")

    assert status == 6
    assert err == ("the same command resumes the sync\njunction-introspect: 501 Not Implemented")
    status, _, err = run("sync", "--to", "pulls.duckdb")
    assert status == 0
    assert err.startswith("run 1 of team default, resumed: 51 users")


def test_sync_can_begin_anew(run, junction_mock):
    for _ in range(51):
        junction_mock.add_user("oura", resources=["sleep"])
    junction_mock.fail_next("delay", seconds=0)
    junction_mock.fail_next(501)
    run("sync", "--to", "pulls.duckdb")

    status, _, err = run("sync", "--to", "pulls.duckdb", "--fresh")

    assert (status, err.split(":")[0]) == (0, "run 2 of team default")


def test_sync_whose_cursor_is_refused_says_so(run, junction_mock):
    for _ in range(51):
        junction_mock.add_user("oura", resources=["sleep"])
    junction_mock.fail_next("delay", seconds=0)
    junction_mock.fail_next(501)
    run("sync", "--to", "pulls.duckdb")
    junction_mock.fail_next(422)

    status, _, err = run("sync", "--to", "pulls.duckdb")

    assert status == 0
    assert err.startswith("the server no longer knows the cursor of the interrupted sync: started")


@pytest.mark.usefixtures("user_id")
def test_sync_leaves_out_invalid_records_and_says_so(run, junction_mock):
    junction_mock.fail_next("malformed_record")

    status, _, err = run("sync", "--to", "pulls.duckdb")

    assert status == 7
    assert err.startswith("left out an invalid record: ")
    assert "no pull was recorded as vanished, because invalid records were left out" in err


@pytest.mark.usefixtures("user_id")
def test_interrupted_sync_says_that_the_same_command_goes_on(run, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(store.Store, "commit", interrupt)

    done = run("sync", "--to", "pulls.duckdb")

    assert done == (130, "", "interrupted; the same command resumes the sync")


def test_wrong_filter_is_wrong_usage_and_makes_no_store(run, tmp_path):
    status, _, err = run("sync", "--to", "pulls.duckdb", "--user-id", "me")

    assert (status, err) == (2, "Invalid value: --user-id is not a UUID")
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("synced")
def test_store_in_use_is_one_line_that_names_the_lock(run):
    holder = subprocess.Popen(  # noqa: S603 - this interpreter
        [sys.executable, "-c", HOLDER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    holder.stdout.readline()
    sentence = (
        f"pulls.duckdb is locked by process {holder.pid}: DuckDB lets one process write or several"
        " read, so wait until it has finished"
    )

    assert run("sync", "--to", "pulls.duckdb") == (10, "", sentence)
    assert run("changes", "--from", "pulls.duckdb") == (10, "", sentence)
    assert run("stuck", "--from", "pulls.duckdb") == (10, "", sentence)

    holder.communicate()


def test_what_is_no_store_is_one_line(run, tmp_path):
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")

    assert run("stuck", "--from", "none.duckdb") == (10, "", "there is no store none.duckdb")
    assert run("sync", "--to", "notes.txt") == (10, "", "notes.txt is not a DuckDB database")


@pytest.mark.usefixtures("user_id")
def test_full_disk_is_told_as_such(run, monkeypatch):
    def execute(*_):
        raise duckdb.IOException(
            'IO Error: Could not write file "pulls.duckdb.wal": No space left on device'
        )

    monkeypatch.setattr(store, "merge", execute)

    done = run("sync", "--to", "pulls.duckdb")

    assert done == (8, "", "cannot write pulls.duckdb: No space left on device")


def answers(text):
    """Return records of JSON in an order, without what depends on the time of asking."""
    records = json.loads(text)
    for record in records:
        record.pop("overdue_seconds", None)
        record.pop("team", None)
    return sorted(records, key=str)


def test_tracking_answers_from_a_store_as_from_the_api(run, user_id, junction_mock):
    junction_mock.set_pull(user_id, "oura", "sleep", "failure")
    run("sync", "--to", "pulls.duckdb")

    for command in ("summary", "stuck", "coverage"):
        asked = run(command, "--format", "json")
        stored = run(command, "--format", "json", "--from", "pulls.duckdb")
        assert stored[0] == asked[0]
        assert answers(stored[1]) == answers(asked[1])


def test_changes_are_a_table_for_a_person(run, user_id, junction_mock):
    run("sync", "--to", "pulls.duckdb")
    junction_mock.set_pull(
        user_id, "oura", "sleep", "failure", error_details="retry_quota_exhausted"
    )
    run("sync", "--to", "pulls.duckdb")

    status, out, _ = run("changes", "--from", "pulls.duckdb")

    assert status == 0
    *_, appeared, moved, count = out.splitlines()
    assert count == "3 changes"
    assert re.search(r"oura +(sleep|hrv) +appeared +- > scheduled ", appeared)
    assert re.search(
        r"oura sleep +moved +scheduled > failure +\d{4}-\d\d-\d\d \d\d:\d\dZ,"
        r" retry_quota_exhausted \(non_retriable\), trace [0-9a-f]{32}$",
        moved,
    )


def test_pull_that_there_was_none_of_is_a_change_as_well(run):
    with Store.open("pulls.duckdb") as opened, Team([payloads.user(1)]).client() as junction:
        sync(junction, opened)

    _, out, _ = run("changes", "--from", "pulls.duckdb")

    assert re.search(r"oura hrv +appeared +- > not_pulled +[-\d]+ [:\d]+Z\n", out)


def test_changes_are_records_for_a_program(run, user_id, junction_mock):
    run("sync", "--to", "pulls.duckdb", "--team", "one")
    junction_mock.reset()
    run("sync", "--to", "pulls.duckdb", "--team", "one")

    _, out, _ = run("changes", "--from", "pulls.duckdb", "--team", "one", "--format", "ndjson")

    appeared, *_, vanished = map(json.loads, out.splitlines())
    assert (appeared["kind"], appeared["previous_status"]) == ("appeared", None)
    assert (appeared["status"], appeared["user_id"]) == ("scheduled", str(user_id))
    assert (vanished["kind"], vanished["previous_status"]) == ("vanished", "scheduled")
    assert (vanished["status"], vanished["user_id"]) == (None, str(user_id))
    assert appeared.keys() == vanished.keys()
    _, out, _ = run("changes", "--from", "pulls.duckdb", "--team", "one", "--format", "csv")
    assert next(csv.DictReader(io.StringIO(out)))["seen_at"] == appeared["seen_at"]


@pytest.mark.usefixtures("synced")
def test_changes_that_break_off_leave_a_document_that_can_be_read(run, monkeypatch):
    def broken_off(*arguments, **options):
        yield next(iter(changed(*arguments, **options)))
        raise KeyboardInterrupt

    changed = Store.changes
    monkeypatch.setattr(Store, "changes", broken_off)
    status, out, _ = run("changes", "--from", "pulls.duckdb", "--format", "json")
    assert (status, len(json.loads(out))) == (130, 1)


@pytest.mark.usefixtures("synced")
def test_changes_since_later_are_none(run):
    tomorrow = datetime.now().astimezone() + timedelta(days=1)

    for since in ("2999-01-01", tomorrow.isoformat()):
        assert run("changes", "--from", "pulls.duckdb", "--since", since)[1] == "0 changes\n"
    for since in ("today", "yesterday", "1h", "2026-01-01", "2026-01-01T10:00:00Z"):
        out = run("changes", "--from", "pulls.duckdb", "--since", since)[1]
        assert out.endswith("\n2 changes\n")


@pytest.mark.parametrize("since", ["the flood", "-3d", "999999999w", "0001-01-01"])
@pytest.mark.usefixtures("synced")
def test_time_that_is_none_is_wrong_usage(run, since):
    status, _, err = run("changes", "--from", "pulls.duckdb", f"--since={since}")

    assert (status, err) == (
        2,
        (
            f"Invalid value: {since!r} is not a time: "
            "give one like yesterday, 12h, 2026-01-31 or 2026-01-31T08:00"
        ),
    )


def test_yesterday_begins_at_midnight():
    begun = changes._beginning("yesterday")
    assert begun.utcoffset() is not None
    assert (begun.hour, begun.minute, begun.second, begun.microsecond) == (0, 0, 0, 0)
    assert changes._beginning("today").date() - begun.date() == timedelta(days=1)


@pytest.mark.parametrize("source", [[], ["--from", "pulls.duckdb"]])
@pytest.mark.usefixtures("synced")
def test_export_tells_what_it_has_done(run, source):
    asked = ["export", "--to", "out/part-*.parquet", *source]

    assert run(*asked) == (0, "", "2 rows in 1 part")
    assert run(*asked) == (
        0,
        "",
        "nothing to do: the export is complete, 2 rows in 1 part; --fresh starts over",
    )
    status, _, err = run(*asked, "--rows-per-part", "5")
    assert status == 10
    assert err.endswith(
        "part-manifest.parquet.json belongs to an export that differs in rows per part: "
        "use another name, or start over with --fresh (fresh=True)"
    )
    assert run(*asked, "--fresh") == (0, "", "2 rows in 1 part")


@pytest.mark.usefixtures("user_id")
def test_export_of_several_teams_has_their_names_and_of_one_has_not(run, tmp_path):
    for team in ("one", "two"):
        assert run("sync", "--to", "pulls.duckdb", "--team", team, "--what", "pulls")[0] == 0
    asked = ["export", "--from", "pulls.duckdb"]

    assert run(*asked, "--to", "all-*.csv") == (0, "", "4 rows in 1 part")
    assert run(*asked, "--to", "one-*.csv", "--team", "one") == (0, "", "2 rows in 1 part")

    with closing(duckdb.connect()) as connection:
        teams = connection.execute(f"SELECT team FROM '{tmp_path}/all-00000.csv'").fetchall()  # noqa: S608
    assert teams == [("one",), ("one",), ("two",), ("two",)]
    assert (tmp_path / "one-00000.csv").read_text(encoding="utf-8").startswith("user_id,")
    status, _, err = run(*asked, "--to", "r-*.csv", "--what", "resources")
    assert status == 10
    assert "resources" in err
    several = run(*asked, "--to", "r-*.csv", "--what", "pulls,resources")
    assert several == (2, "", "Invalid value for --what: give one operation at a time")


def test_export_that_breaks_off_goes_on(run, junction_mock):
    for _ in range(51):
        junction_mock.add_user("oura", resources=["sleep"])
    junction_mock.fail_next("delay", seconds=0)
    junction_mock.fail_next(501)
    asked = ["export", "--to", "out/part-*.csv", "--rows-per-part", "10"]

    status, _, err = run(*asked)
    assert status == 6
    assert err.startswith("the same command resumes the export\n")

    assert run(*asked) == (0, "", "51 rows in 2 parts, 1 of them now")


@pytest.mark.usefixtures("synced")
def test_export_of_a_changed_store_says_that_it_began_anew(run, monkeypatch):
    asked = ["export", "--from", "pulls.duckdb", "--to", "*.csv", "--rows-per-part", "1"]
    taken = []

    def interrupt_at_the_second(_, piece):
        taken.append(piece)
        if len(taken) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(export.Progress, "draw", interrupt_at_the_second)
    done = run(*asked)
    assert done == (130, "", "interrupted; the same command resumes the export")
    run("sync", "--to", "pulls.duckdb")

    status, _, err = run(*asked)

    assert status == 0
    assert err == (
        "the interrupted export could not be resumed: started over\n"
        "junction-introspect: 2 rows in 2 parts"
    )


@pytest.mark.usefixtures("user_id")
def test_export_leaves_out_invalid_records_and_says_so(run, junction_mock):
    junction_mock.fail_next("malformed_record")

    status, _, err = run("export", "--to", "*.csv")

    assert status == 7
    assert err.startswith("left out an invalid record: ")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--to", "part.csv"], "the file name needs one * in place of the number, like part-*.csv"),
        (["--to", "*.csv", "--team", "one"], "--team works only with --from"),
        (["--to", "*.csv", "--user-id", "me"], "--user-id is not a UUID"),
        (
            ["--to", "*.csv", "--from", "pulls.duckdb", "--profile", "staging"],
            "--from cannot be combined with --profile",
        ),
    ],
)
def test_options_that_do_not_go_together_are_wrong_usage(run, options, reason):
    assert run("export", *options) == (2, "", f"Invalid value: {reason}")


@pytest.mark.usefixtures("user_id")
def test_store_that_the_library_filled_is_the_command_lines(run, junction):
    with Store.open("pulls.duckdb") as opened:
        sync(junction, opened)

    assert run("changes", "--from", "pulls.duckdb")[1].endswith("2 changes\n")
