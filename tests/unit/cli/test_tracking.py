"""`junction-introspect summary`, `stuck` and `coverage`, against the mock and scripted servers."""

from __future__ import annotations

import csv
import gc
import io
import json
from datetime import UTC, datetime, timedelta
from functools import partial

import httpx
import msgspec
import pytest
from attrs import evolve

from junction_introspect import Junction, tracking
from junction_introspect.cli import main, options, source, tracking_view
from junction_introspect.cli.app import loaded
from junction_introspect.cli.notices import Notices
from junction_introspect.cli.options import Format
from junction_introspect.cli.records import Csv, Json
from junction_introspect.mock import MockServer, Population
from junction_introspect.store import Store, sync
from junction_introspect.tracking import STATES
from tests.support.drivers import KEY
from tests.support.payloads import encoded, page, statistics, user, user_id

pytestmark = pytest.mark.any_specification

FORMATS = ("ndjson", "csv", "json")


@pytest.fixture(scope="module")
def server():
    with MockServer(Population(60, seed=3)) as running:
        yield running


@pytest.fixture(scope="module")
def rows(server):
    with Junction(api_key=server.api_key, base_url=server.url) as junction:
        return list(junction.historical_pulls().rows())


@pytest.fixture
def mock(server, monkeypatch):
    monkeypatch.setenv("JUNCTION_API_KEY", server.api_key)
    monkeypatch.setenv("JUNCTION_BASE_URL", server.url)


@pytest.fixture
def cli(capsys):
    """Runs a command; returns its status, its output and the lines on stderr."""

    def run(*arguments):
        status = main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return (
            status,
            out,
            [line.removeprefix("junction-introspect: ") for line in err.splitlines()],
        )

    return run


@pytest.fixture
def serve(monkeypatch):
    """Has the next client get these answers; an exception is raised in the place of one."""

    def script(*documents):
        answers = iter(documents)

        def answer(_):
            document = next(answers)
            if isinstance(document, BaseException):
                raise document
            return httpx.Response(200, content=encoded(document))

        transport = httpx.MockTransport(answer)
        monkeypatch.setenv("JUNCTION_API_KEY", KEY)
        monkeypatch.setattr(source, "Junction", partial(Junction, transport=transport))

    return script


def records(out, format_):
    if format_ == "csv":
        return list(csv.DictReader(io.StringIO(out)))
    return json.loads(out) if format_ == "json" else [json.loads(line) for line in out.splitlines()]


@pytest.mark.usefixtures("mock")
@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("by", ["resource", "user", "total"])
def test_summary_counts_what_is_listed(cli, rows, by, format_):
    status, out, err = cli("summary", "--by", by, "--format", format_)

    expected = tracking.summarize(rows)
    assert (status, err) == (0, [])
    found = records(out, format_)
    assert sum(int(each["pulls"]) for each in found) == len(rows)
    assert sum(int(each["settled"]) for each in found) == expected.total.settled
    for state in STATES:
        assert sum(int(each[state]) for each in found) == expected.total.states[state]
    lengths = {"resource": len(expected.by_resource), "user": len(expected.by_user), "total": 1}
    assert len(found) == lengths[by]


@pytest.mark.usefixtures("mock")
def test_summary_tells_spreads_in_seconds(cli, rows):
    _, out, _ = cli("summary", "--by", "total", "--format", "ndjson")

    total, record = tracking.summarize(rows).total, json.loads(out)
    assert record["users"] == len({row.user_id for row in rows})
    assert record["queueing_median"] == total.queueing.median
    assert record["queueing_p95"] == total.queueing.p95
    assert record["duration_median"] == total.duration.median
    assert record["duration_p95"] == total.duration.p95


def test_summary_of_pulls_that_never_started_has_no_spread(cli, serve):
    pull = {"status": "scheduled", "timeline": {"scheduled_at": "2026-01-01T00:00:00Z"}}
    serve(
        page(user(1, sleep={**pull, "release": "1"})), page(user(1, sleep={**pull, "release": "1"}))
    )

    _, out, _ = cli("summary", "--by", "total", "--format", "json")

    assert json.loads(out)[0]["duration_p95"] is None


@pytest.mark.usefixtures("mock")
def test_summary_table_ends_with_the_total(cli, rows):
    status, out, _ = cli("summary")

    header, *lines = out.splitlines()
    assert status == 0
    assert header.split()[:4] == ["provider", "resource", "succeeded", "waiting"]
    users = len({row.user_id for row in rows})
    assert lines[-1].startswith(f"{users} users, {len(rows):,} pulls")
    assert len(lines) == len(tracking.summarize(rows).by_resource) + 1


@pytest.mark.usefixtures("mock")
def test_summary_of_one_user_or_provider(cli, rows):
    _, out, _ = cli("summary", "--user-id", rows[0].user_id, "--by", "user", "--format", "ndjson")
    assert json.loads(out)["user_id"] == str(rows[0].user_id)

    _, out, _ = cli("summary", "--provider", "oura", "--format", "ndjson")
    assert {each["provider"] for each in records(out, "ndjson")} == {"oura"}


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    "kind", [tracking_view.BY_RESOURCE, tracking_view.BY_USER, tracking_view.TOTAL]
)
def test_summary_tables_fit_80_columns(kind, rows, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "dumb")
    odd = ("from_the_future", "failure")
    summary = tracking.summarize(
        evolve(row, status=odd[place % 2], pulled=True, error_details="provider_unavailable")
        for place, row in enumerate(rows)
    )
    out = Terminal()
    table = kind.shown(out, Format.TABLE)
    table.add(summary)
    table.end()

    assert "unrecognized" in out.getvalue()
    assert "failed retriably" in out.getvalue()
    assert max(map(len, out.getvalue().splitlines())) <= 80


@pytest.mark.usefixtures("mock")
@pytest.mark.parametrize("format_", FORMATS)
def test_stuck_finds_what_the_library_finds_and_exits_with_1(cli, rows, format_):
    status, out, err = cli("stuck", "--format", format_)

    expected = list(tracking.stuck(rows, datetime.now(UTC)))
    found = records(out, format_)
    assert (status, err) == (1, [])
    assert expected
    assert [each["problem"] for each in found] == [each.problem for each in expected]
    assert [each["trace_id"] or None for each in found] == [each.trace_id for each in expected]


def test_stuck_says_why_and_what_to_quote(cli, serve):
    pull = statistics(status="retrying", error_details="provider_unavailable")
    serve(page(user(1, sleep=pull)))

    status, out, _ = cli("stuck")

    assert status == 1
    _, line, count = out.splitlines()
    assert line.split()[:4] == [str(user_id(1)), "oura", "sleep", "retrying"]
    assert "retrying for " in line
    assert "more than 1 d is too long" in line
    assert "provider_unavailable (retriable), trace 51cc7d2d72e98ed4eb63e2b0864b39e3" in line
    assert count == "1 finding"


@pytest.mark.parametrize("end", [KeyboardInterrupt(), 404])
def test_count_of_what_broke_off_is_no_final_one(cli, serve, end):
    serve(page(user(1, sleep=statistics(status="retrying")), next_cursor="c2"), end)

    _, out, _ = cli("stuck")

    assert out.splitlines()[-1] == "1 finding so far"


def test_stuck_thresholds_are_the_callers(cli, serve):
    pull = statistics(status="retrying", error_details=None, trace_id=None)
    serve(page(user(1, sleep=pull)))

    status, out, _ = cli("stuck", "--retrying", "5000w")

    assert (status, out) == (0, "0 findings\n")


def test_stuck_finds_nothing_in_what_has_settled(cli, serve):
    for format_, nothing in (("ndjson", ""), ("json", "[]\n")):
        serve(page(user(1)))
        assert cli("stuck", "--format", format_) == (0, nothing, [])


@pytest.mark.usefixtures("mock")
@pytest.mark.parametrize("format_", FORMATS)
def test_coverage_is_of_every_settled_pull_with_a_range(cli, rows, format_):
    status, out, _ = cli("coverage", "--format", format_)

    expected = list(tracking.coverage(rows))
    found = records(out, format_)
    assert status == 0
    assert [int(each["gap"]) for each in found] == [each.gap for each in expected]
    assert [float(each["fraction"]) for each in found] == [each.fraction for each in expected]


def test_coverage_below_a_share(cli, serve):
    pulls = {
        "sleep": statistics(days_with_data=92),
        "steps": statistics(status="failure", days_with_data=9),
    }
    serve(page(user(1, **pulls)))

    status, out, _ = cli("coverage", "--below", "0.5")

    assert status == 0
    _, line, count = out.splitlines()
    assert line.split() == [str(user_id(1)), "oura", "steps", "92", "9", "83", "9%", "failure"]
    assert count == "1 pull"


FORMATS = ("table", "json", "ndjson", "csv")
COMMANDS = ("summary", "stuck", "coverage")


@pytest.mark.parametrize("command", ["stuck", "coverage"])
def test_interrupted_listing_shows_what_came_before_and_where_to_resume(cli, serve, command):
    serve(page(user(1), next_cursor="c2"), KeyboardInterrupt())

    status, out, err = cli(command, "--format", "json")

    assert status == 130
    json.loads(out)
    assert err == ["interrupted; resume with --cursor=c2"]


def test_failed_listing_shows_what_came_before_and_where_to_resume(cli, serve):
    serve(page(user(1), next_cursor="c2"), page(user(2), next_cursor="c2"))

    status, out, (line,) = cli("coverage", "--format", "ndjson")

    assert status == 7
    assert {each["user_id"] for each in records(out, "ndjson")} == {
        str(user_id(1)),
        str(user_id(2)),
    }
    assert line.endswith("resume with --cursor=c2")


OPTIONS = [f"--by {by} --format {show}" for by in ("resource", "user", "total") for show in FORMATS]


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize(
    ("end", "status"), [(KeyboardInterrupt(), 130), (page(user(2), next_cursor="c2"), 7)]
)
def test_summary_that_breaks_off_shows_no_part_of_it(cli, serve, options, end, status):
    serve(page(user(1), next_cursor="c2"), end)

    ended, out, (line,) = cli("summary", *options.split())

    assert (ended, out) == (status, "")
    assert "cursor=" not in line


def test_cursor_that_was_given_is_not_told_again(cli, serve):
    serve(KeyboardInterrupt())

    assert cli("stuck", "--cursor", "c9")[2] == ["interrupted"]


def test_invalid_records_are_told_and_make_the_status_7(cli, serve):
    serve(page({"user_id": 1}, user(1), next_cursor="c"), page({"user_id": 2}, next_cursor=""))

    status, _, err = cli("summary")

    assert status == 7
    assert [line.split(":")[0] for line in err[:2]] == ["left out an invalid record"] * 2

    serve(page({"user_id": 1}, user(1)))
    assert cli("summary")[0] == 7


def test_reader_who_has_seen_enough_is_told_nothing(cli, serve, monkeypatch):
    serve(page(user(1)))

    def broken(*_):
        raise BrokenPipeError

    monkeypatch.setattr(Json, "add", broken)
    assert cli("coverage", "--format", "json") == (141, "", [])


def test_output_that_cannot_be_written_is_8_and_resumes_with_its_page(cli, serve, monkeypatch):
    serve(page(user(1), next_cursor="c2"), page(user(2)))
    written = []

    def full(_, record):
        written.append(record)
        if len(written) > 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(Csv, "add", full)
    status, _, (line,) = cli("coverage", "--format", "csv")

    assert status == 8
    assert line == "cannot write the output: No space left on device; resume with --cursor=c2"


def test_interrupt_while_answers_are_shown_tells_where_to_resume(cli, serve, monkeypatch):
    serve(page(user(1), next_cursor="c2"), page(user(2)))

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Csv, "end", interrupt)
    status, _, (line,) = cli("coverage", "--format", "csv")

    assert (status, line) == (130, "interrupted")


@pytest.mark.parametrize("command", COMMANDS)
def test_wrong_user_id_is_wrong_usage(cli, serve, command):
    serve()
    status, out, (line,) = cli(command, "--user-id", "me")
    assert (status, out) == (2, "")
    assert line.endswith("Invalid value: --user-id is not a UUID")


@pytest.mark.parametrize("text", ["", "h", "12", "1y", "xh", "nanh", "1e99w", "0s", "-1h"])
def test_absurd_length_of_time_is_wrong_usage(cli, text):
    status, _, (line,) = cli("stuck", "--scheduled", text)

    assert status == 2
    assert "--scheduled" in line


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("90s", timedelta(seconds=90)),
        ("1.5m", timedelta(seconds=90)),
        ("12h", timedelta(hours=12)),
        ("3d", timedelta(days=3)),
        ("2w", timedelta(weeks=2)),
        (timedelta(7), timedelta(7)),
    ],
)
def test_length_of_time_has_a_unit(text, length):
    assert options.length_of_time(text) == length


def test_defaults_in_the_help_are_the_librarys():
    limits = tracking.Thresholds()
    told = {"scheduled": "1h", "in_progress": "12h", "retrying": "1d", "empty_range": "3w"}
    command = loaded("stuck")
    for parameter in command.params:
        if parameter.name in told:
            assert parameter.show_default == told[parameter.name]
            assert options.length_of_time(told[parameter.name]) == getattr(limits, parameter.name)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0 s"), (59, "59 s"), (61, "1 min"), (3600, "1.0 h"), (9000, "2.5 h"), (259_200, "3.0 d")],
)
def test_lengths_in_columns_have_one_unit(seconds, shown):
    spread = tracking.Spread(1, seconds, seconds)
    tally = tracking.Tally(tracking.summarize([]).total.states, None, spread)
    summary = tracking.Summary(tally, {}, {})
    out = io.StringIO()
    table = tracking_view.TOTAL.shown(out, Format.TABLE)
    table.add(summary)
    table.end()

    assert out.getvalue().count(shown) == 2


def test_progress_tells_the_rate():
    err, times = Terminal(), iter([10.0, 12.0])
    notices = Notices(err, clock=lambda: next(times))
    notices.progress(0, 0)
    notices.progress(1000, 20)
    notices.clear()

    assert "1,000 users, 20 pages so far, 500 users/s" in err.getvalue()
    assert err.getvalue().endswith("\r")


def test_progress_is_gone_before_the_answers_come(cli, serve, monkeypatch):
    gc.collect()  # what other tests have left clears its progress when it is collected
    drawn = []
    monkeypatch.setattr(Notices, "progress", lambda *_: drawn.append("progress"))
    monkeypatch.setattr(Notices, "clear", lambda *_: drawn.append("clear"))
    serve(page(user(1)))

    cli("summary")

    assert drawn[:4] == ["progress", "clear", "progress", "clear"]


def test_records_are_plain_values(rows):
    for kind, answer in (
        (tracking_view.STUCK, next(tracking.stuck(rows, datetime.now(UTC)))),
        (tracking_view.COVERAGE, next(tracking.coverage(rows))),
        (tracking_view.BY_USER, tracking.summarize(rows)),
    ):
        for record in kind.records(answer):
            assert tuple(msgspec.to_builtins(record)) == kind.fields


def test_alert_is_not_missed_because_a_record_was_left_out(cli, serve):
    serve(page({"user_id": 1}, user(1, sleep=statistics(status="retrying"))))

    assert cli("stuck")[0] == 1


@pytest.mark.parametrize("command", ["summary", "report"])
def test_answer_about_all_pages_cannot_start_at_a_cursor(cli, command):
    status, _, (line,) = cli(command, "--cursor", "c9")

    assert status == 2
    assert line.startswith("No such option: --cursor")


def test_header_of_a_pipe_is_above_its_columns(cli, serve):
    serve(page(user(1, sleep=statistics(status="retrying"))))

    header, line, *_ = cli("stuck")[1].splitlines()

    assert header.index("pull") == line.index("oura sleep")
    assert header.index("status") == line.index("retrying")


@pytest.mark.usefixtures("mock")
def test_store_is_measured_as_of_when_it_was_filled(cli, server, tmp_path):
    path = tmp_path / "pulls.duckdb"
    filled = datetime(2025, 10, 2, tzinfo=UTC)
    with (
        Junction(api_key=server.api_key, base_url=server.url) as junction,
        Store.open(path) as store,
    ):
        sync(junction, store, now=lambda: filled)
        expected = list(tracking.stuck(store.rows(), filled))

    status, out, _ = cli("stuck", "--from", path, "--format", "json")

    assert status == 1
    assert [each["explanation"] for each in json.loads(out)] == [
        each.explanation for each in expected
    ]


def test_store_that_holds_no_page_lacks_pulls(cli, tmp_path):
    path = tmp_path / "pulls.duckdb"
    Store.open(path).close()

    lack = f"{path} has no pulls: sync them with --what pulls"
    assert cli("stuck", "--from", path) == (10, "", [lack])
