"""`watch`: the board, the lines of a pipe, and the command while a mock's clock is advanced."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import httpx
import pytest
import stamina
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from junction_introspect import HistoricalPull, Junction, tracking
from junction_introspect.cli import main, source, watch_screen
from junction_introspect.cli.watch_screen import now
from junction_introspect.cli.watch_view import Board, line, record
from junction_introspect.mock import MockServer, Population
from junction_introspect.tracking import Change, following, state_of
from tests.support.limits import LIMIT
from tests.support.payloads import encoded, page, statistics, user

pytestmark = pytest.mark.any_specification

KEY = "sk_us_0123456789"
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def pull(number=1, provider="oura", resource="sleep", status="success", **fields):
    return HistoricalPull(
        user_id=UUID(int=number),
        provider=provider,
        resource=resource,
        status=status,
        pulled=status is not None,
        **fields,
    )


def appeared(*rows):
    return tracking.changes([], rows)


def board_of(changes, since=NOON):
    board = Board(since)
    for change in changes:
        board.see(change, NOON)
    return board


def drawn(board, width=80, height=None, **options):
    out = io.StringIO()
    console = Console(file=out, width=width, height=height or 25, **options)
    console.print(board.drawn(width, height))
    return out.getvalue()


def lines_of(board, width=80, height=None):
    return [each.rstrip() for each in drawn(board, width, height).splitlines()]


def numbers(board):
    """Return provider → the numbers that stand beside it."""
    *_, lines = (lines_of(board)[4:],)
    return {
        each.split()[0]: [word for word in each.split()[1:] if word[0].isdigit()] for each in lines
    }


EACH_STATE = [
    pull(1, status="success"),
    pull(2, status="scheduled"),
    pull(3, status="retrying"),
    pull(4, status="failure", error_details="provider_rate_limit_exceeded"),
    pull(5, status="failure"),
    pull(6, status=None),
    pull(7, status="paused"),
]

statuses = st.sampled_from(["success", "scheduled", "retrying", "failure", "paused", None])
snapshots = st.dictionaries(
    st.tuples(st.integers(1, 4), st.sampled_from(["oura", "fitbit", "garmin"])), statuses
)


@given(st.lists(snapshots, max_size=5))
def test_board_that_was_kept_up_to_date_is_that_of_the_last_look(looks):
    board, before = Board(NOON), []
    for look in looks:
        after = [
            pull(number, provider, status=status) for (number, provider), status in look.items()
        ]
        for change in tracking.changes(before, after):
            board.see(change, NOON)
        before = after

    assert lines_of(board)[2:] == lines_of(board_of(appeared(*before)))[2:]
    counts = Counter(state_of(row) for row in before)
    settled = len(before) - counts["waiting"] - counts["unrecognized"]
    assert numbers(board)["total"][0] == f"{settled}/{len(before)}"


def test_every_state_has_its_column():
    lines = lines_of(board_of(appeared(*EACH_STATE)))

    assert [lines[2].split(), lines[3].split()] == [
        ["not", "unrecog-"],
        ["provider", "settled", "waiting", "failed", "pulled", "nized"],
    ]
    assert lines[4].split()[-5:] == ["4/7", "2", "2", "1", "1"]


def test_column_of_what_is_unrecognized_is_there_only_when_something_is():
    assert "nized" not in "\n".join(lines_of(board_of(appeared(*EACH_STATE[:6]))))


def test_zeros_are_blank_and_nothing_at_all_is_zero_of_zero():
    assert numbers(board_of(appeared(EACH_STATE[0])))["oura"] == ["1/1"]
    assert numbers(Board(NOON)) == {"total": ["0/0"]}


def test_provider_whose_pulls_have_vanished_is_gone():
    board = board_of([*appeared(pull()), *tracking.changes([pull()], [])])

    assert set(numbers(board)) == {"total"}


@pytest.mark.parametrize("width", [80, 100, 200])
def test_board_fits_80_columns_however_many_pulls(width):
    board = board_of(appeared(pull(provider="a_provider_of_an_absurd_length")))
    for state in ("waiting", "failed_final", "not_pulled", "unrecognized", "succeeded"):
        board._total[state] += 199_999
    for hour in (0, 30):
        board.looked(NOON + timedelta(hours=hour))
        lines = lines_of(board, width)
        assert max(map(len, lines)) <= min(width, 100)
        assert lines[4].split()[-5:] == ["599,998/999,996", *["199,999"] * 4]


def test_names_are_the_servers_and_steer_nothing():
    text = drawn(board_of(appeared(pull(provider="\x1b[31m[red]\n"))))

    assert r"\x1b[31m[red]\n" in text
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("name", "told"),
    [("x" * 18, "x" * 18), ("x" * 19, "x" * 15 + "..."), ("日" * 10, "日" * 7 + " ...")],
)
def test_long_names_are_cut_and_say_so(name, told):
    lines = lines_of(board_of(appeared(pull(provider=name))))

    assert lines[5].startswith(f"{told}  ")
    assert max(map(cell_len, lines)) <= 80


def forty():
    return [
        pull(provider=f"provider_{n:02}", status="scheduled" if n % 4 == 3 else "success")
        for n in range(40)
    ]


def test_forty_providers_fit_24_lines_with_the_totals_on_top():
    lines = lines_of(board_of(appeared(*forty())), height=24)

    assert len(lines) == 24
    assert lines[4].startswith("total")
    assert lines[-1] == "and 22 more providers, 22 settled"


def test_what_has_not_settled_is_shown_before_what_has():
    shown = [each.split()[0] for each in lines_of(board_of(appeared(*forty())), height=24)[5:-1]]

    assert {f"provider_{n:02}" for n in range(3, 40, 4)} < set(shown)
    assert shown == sorted(shown)


@pytest.mark.parametrize("height", range(1, 8))
def test_tiny_terminal_sees_the_totals(height):
    lines = lines_of(board_of(appeared(*forty())), height=height)

    assert lines[4].startswith("total")
    assert lines[-1].startswith("and ")


def test_board_without_a_limit_shows_every_provider():
    assert len(numbers(board_of(appeared(*forty())))) == 41


def test_times_are_told_with_their_day_where_it_is_another():
    board = board_of([])
    assert lines_of(board)[1] == "since 2026-01-05 12:00:00Z, 0 looks"
    board.looked(NOON + timedelta(minutes=1))
    board.see(*appeared(pull()), NOON + timedelta(days=1))
    assert lines_of(board)[1] == (
        "since 2026-01-05 12:00:00Z, 1 look, last 12:01:00Z, last change 01-06 12:00Z"
    )


def test_board_says_what_it_is_doing():
    board = Board(NOON)
    standing = [lines_of(board)[0]]
    board.wait(62.4)
    standing.append(lines_of(board)[0])
    board.look()
    standing.append(lines_of(board)[0])
    for settled in (True, False):
        board.end(settled=settled)
        standing.append(lines_of(board)[0])

    assert standing == [
        "looking",
        "next look in 1 min 2 s",
        "looking",
        "everything has settled",
        "ended before everything had settled",
    ]


def test_colours_are_of_the_terminals_own_theme(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    board = board_of(appeared(*EACH_STATE))
    board.end(settled=False)
    options = {"force_terminal": True, "color_system": "truecolor"}
    codes = set(re.findall(r"\x1b\[([\d;]*)m", drawn(board, **options)))

    assert {"31", "33", "35", "36", "90"} <= codes
    assert not any(code.startswith(("38", "48")) for code in codes)
    assert "\x1b[3" not in drawn(board, no_color=True, **options)


def test_line_has_nine_fields_whatever_they_hold():
    (first,) = appeared(pull(resource="a b\t", status="failure", error_details="", trace_id="t"))
    moved = Change("moved", pull(status="scheduled"), pull(status=None))

    assert line(first, NOON).split() == [
        "2026-01-05T12:00:00Z", "appeared", str(UUID(int=1)), "oura", r"a\x20b\t", "-", "failure",
        "''", "t",
    ]  # fmt: skip
    assert line(moved, NOON).split()[5:] == ["scheduled", "not_pulled", "-", "-"]


def test_line_of_what_vanished_tells_how_it_was():
    (gone,) = tracking.changes([pull(status="retrying", trace_id="t")], [])

    assert line(gone, NOON).split()[1::5] == ["vanished", "-"]
    assert line(gone, NOON).split()[5:] == ["retrying", "-", "-", "t"]
    assert record(gone, NOON)["to"] is None


def test_record_has_key_kind_statuses_and_error():
    error = "provider_rate_limit_exceeded"
    (change,) = tracking.changes(
        [pull(status="in_progress")],
        [pull(status="failure", error_details=error, trace_id="t")],
    )

    assert record(change, NOON) == {
        "seen_at": "2026-01-05T12:00:00Z",
        "kind": "moved",
        "user_id": str(UUID(int=1)),
        "provider": "oura",
        "resource": "sleep",
        "from": "in_progress",
        "to": "failure",
        "settled": True,
        "error_details": error,
        "error_kind": "retriable",
        "trace_id": "t",
    }


class Time:
    """Passes in sleeps alone, and for the mock as well where there is one."""

    def __init__(self):
        self.passed = 0.0
        self.sleeps = []
        self.on_sleep = float

    def monotonic(self):
        return self.passed

    def now(self):
        return NOON + timedelta(seconds=self.passed)

    def sleep(self, seconds):
        self.passed += seconds
        self.sleeps.append(seconds)
        self.on_sleep(seconds)


@pytest.fixture(autouse=True)
def time(monkeypatch):
    passing = Time()
    monkeypatch.setattr(following, "monotonic", passing.monotonic)
    for name in ("monotonic", "now", "sleep"):
        monkeypatch.setattr(watch_screen, name, getattr(passing, name))
    monkeypatch.setattr(following, "uniform", lambda _low, high: high)
    monkeypatch.setenv("JUNCTION_API_KEY", KEY)
    with stamina.set_testing(True, attempts=2, cap=True):
        yield passing


@pytest.fixture
def mock(junction_mock, time, monkeypatch):
    """A mock whose clock runs a minute while the command sleeps a second."""
    monkeypatch.setenv("JUNCTION_API_KEY", junction_mock.api_key)
    monkeypatch.setenv("JUNCTION_BASE_URL", junction_mock.url)
    time.on_sleep = lambda seconds: junction_mock.advance(60 * seconds)
    return junction_mock


@pytest.fixture
def watch(capsys):
    """Runs the command in a pipe; returns its status, its lines, and its lines on stderr."""

    def run(*arguments):
        status = main(["watch", *map(str, arguments)])
        out, err = capsys.readouterr()
        return status, out.splitlines(), err.replace("junction-introspect: ", "").splitlines()

    return run


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def in_terminal(monkeypatch):
    """Runs the command in a terminal of 80 columns and 24 lines; returns status and what it got.

    It is stderr as well, unless another is given.
    """
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TERM": "xterm", "NO_COLOR": "1", "COLUMNS": "80", "LINES": "24"}.items():
        monkeypatch.setenv(name, value)

    def run(*arguments, err=None):
        out = Terminal()
        with redirect_stdout(out), redirect_stderr(err or out):
            status = main(["watch", *arguments])
        return status, out.getvalue()

    return run


@pytest.fixture
def answer(monkeypatch):
    """Answers requests in turn, and all further ones as the last: a page, bytes, or a status."""

    def script(*answers):
        requests = []

        def handle(request):
            given = answers[min(len(requests), len(answers) - 1)]
            requests.append(request)
            if isinstance(given, int):
                return httpx.Response(given)
            return httpx.Response(200, content=encoded(given))

        transport = httpx.MockTransport(handle)
        monkeypatch.setattr(source, "Junction", partial(Junction, transport=transport))
        return requests

    return script


def oura(status, number=1):
    return user(number, sleep=statistics(status=status))


def test_pipe_gets_a_line_a_change_until_everything_has_settled(mock, watch, time):
    mock.add_user("oura", "fitbit")

    status, lines, err = watch("--poll", "20s")

    assert (status, err) == (0, [])
    fields = [each.split() for each in lines]
    assert {len(each) for each in fields} == {9}
    assert {each[1] for each in fields} >= {"appeared", "moved"}
    last = {tuple(each[2:5]): each[6] for each in fields}
    assert set(last.values()) <= {"success", "failure", "not_pulled"}
    assert "scheduled" in {each[6] for each in fields}
    seen = [each[0] for each in fields]
    assert seen == sorted(seen)
    assert seen[0] == "2026-01-05T12:00:00Z"
    assert seen[-1] <= f"{time.now():%Y-%m-%dT%H:%M:%SZ}"


def test_ndjson_has_what_lines_have(mock, watch):
    mock.add_user("oura")
    _, lines, _ = watch()
    mock.reset()
    mock.add_user("oura")

    status, records, err = watch("--format", "ndjson")

    assert (status, err) == (0, [])
    told = [json.loads(each) for each in records]
    assert Counter((each["kind"], each["resource"], each["to"]) for each in told) == Counter(
        (kind, resource, to) for _, kind, _, _, resource, _, to, *_ in map(str.split, lines)
    )


def test_user_provider_and_resources_are_what_is_watched(mock, watch):
    person = mock.add_user("oura", "fitbit")
    mock.add_user("oura")

    status, lines, _ = watch(
        "--user-id", person, "--provider", "oura", "--resource", "sleep", "--resource", "activity"
    )

    assert status == 0
    assert {tuple(each.split()[2:5]) for each in lines} == {
        (str(person), "oura", "sleep"),
        (str(person), "oura", "activity"),
    }


def test_pipe_shows_only_the_statuses_and_errors_that_are_asked_for(watch, answer):
    looks = [
        page(oura("scheduled", 1), oura("scheduled", 2)),
        page(oura("success", 1), oura("failure", 2)),
    ]
    answer(*looks)
    status, lines, _ = watch("--status", "failure")
    assert status == 0
    assert [each.split()[5:7] for each in lines] == [["scheduled", "failure"]]

    answer(*looks)
    assert watch("--error", "unexpected_error")[:2] == (0, [])


def test_board_counts_only_the_statuses_that_are_asked_for(in_terminal, answer):
    answer(
        page(oura("scheduled", 1), oura("scheduled", 2)),
        page(oura("success", 1), oura("failure", 2)),
    )
    status, text = in_terminal("--status", "scheduled", "--status", "success")
    assert status == 0
    assert re.findall(r"total.*?(\d/\d)", text)[-1] == "1/1"
    assert "0/2" in text


def test_deadline_is_1_and_tells_what_has_not_settled(watch, time, answer):
    answer(page(oura("scheduled")))

    status, lines, err = watch("--deadline", "10m")

    assert status == 1
    assert len(lines) == 2
    assert err == ["1 of 2 pulls have not settled within 600 s"]
    assert time.passed == 600


def test_poll_is_the_first_wait_and_none_is_shorter_but_for_its_jitter(watch, time, answer):
    answer(page(oura("scheduled")))

    assert watch("--poll", "5m", "--deadline", "1h")[0] == 1
    assert time.sleeps == [0, *[240] * 15]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--user-id", "me"),
        ("--provider", ""),
        ("--deadline", "0s"),
        ("--poll", "soon"),
        ("--format", "csv"),
        ("all",),
    ],
)
def test_wrong_usage_is_2_before_any_request(watch, time, answer, arguments):
    requests = answer(page())

    status, lines, (told,) = watch(*arguments)

    assert (status, lines, requests, time.sleeps) == (2, [], [], [])
    assert told


def test_nobody_at_all_has_settled(watch, answer):
    answer(page())

    assert watch() == (0, [], [])


def test_invalid_record_is_told_once_and_7_at_the_end(watch, answer):
    broken = user(2) | {"user_id": "nobody"}
    answer(
        page(oura("scheduled"), broken),
        page(broken, oura("in_progress")),
        page(oura("success"), broken, {"user_id": 7}),
    )

    status, lines, err = watch()

    assert status == 7
    assert lines[-1].split()[6] == "success"
    assert [each.partition(":")[0] for each in err] == ["left out an invalid record"] * 2


def test_look_that_fails_is_told_and_made_again(watch, answer):
    answer(page(oura("scheduled")), 503, 503, page(oura("success")))

    status, lines, err = watch()

    assert (status, len(lines)) == (0, 3)
    assert err == ["a look at the backfills failed and will be repeated: 503 Service Unavailable"]


def test_retries_are_told_when_that_is_wanted(watch, answer):
    answer(503, page(oura("success")))

    _, _, (told,) = watch("-v")

    assert told.startswith("attempt 1 failed")


def test_failure_that_stays_ends_it_without_a_cursor_to_resume_from(watch, answer):
    answer(page(oura("scheduled"), next_cursor="c2"), 403)

    status, lines, err = watch()

    assert (status, len(lines), err) == (4, 2, ["403 Forbidden"])


def test_drift_is_told_once_at_the_end(watch, answer):
    answer(page(oura("paused")), page(oura("success")))

    status, lines, (told,) = watch()

    assert (status, len(lines)) == (0, 3)
    assert "unrecognized HistoricalPullStatus 'paused'" in told


def test_times_are_in_utc():
    assert now().utcoffset() == timedelta()


def as_seen(text):
    """Return the lines that were drawn one after the other, the ones drawn over included."""
    plain = re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", text)
    return [each.rstrip() for each in plain.replace("\r", "\n").split("\n")]


def test_terminal_keeps_the_last_board(mock, in_terminal):
    mock.add_user("oura", "fitbit")

    status, text = in_terminal()

    assert status == 0
    lines = as_seen(text)
    board = lines[lines.index("everything has settled") :]
    assert [each.split()[0] for each in board[4:] if each] == ["total", "fitbit", "oura"]
    assert max(map(len, lines)) <= 80
    assert text.count("\x1b[?25l") == text.count("\x1b[?25h") == 1


def test_all_providers_are_there_at_the_end(in_terminal, answer):
    pulls = {"pulled": {"sleep": statistics()}, "not_pulled": []}
    answer(page(user() | {"provider": {f"provider_{n:02}": pulls for n in range(40)}}))

    _, text = in_terminal()

    assert len(set(re.findall(r"provider_\d\d", text.partition("everything has")[2]))) == 40


def test_terminal_counts_down_in_seconds(time, in_terminal, answer):
    answer(page(oura("scheduled")), page(oura("success")))

    _, text = in_terminal("--poll", "3s")

    assert 2 < len(time.sleeps) <= 4
    assert max(time.sleeps) == 1
    assert "next look in 2 s" in as_seen(text)


def test_board_is_not_drawn_for_every_change(in_terminal, answer, monkeypatch):
    draws = []
    refresh = watch_screen.Live.refresh
    monkeypatch.setattr(watch_screen.Live, "refresh", lambda live: draws.append(1) or refresh(live))
    answer(page(*(oura("success", n) for n in range(1, 200))))

    assert in_terminal()[0] == 0
    assert len(draws) < 10


def test_change_is_drawn_when_the_last_drawing_is_old(in_terminal, answer, monkeypatch):
    tick = iter(range(1000))
    monkeypatch.setattr(watch_screen, "monotonic", lambda: next(tick))
    answer(page(oura("success", 1), oura("success", 2)))

    _, text = in_terminal()

    assert re.findall(r"\d/\d", text)[::2] == ["0/0", "1/1", "2/2", "3/3", "4/4", "4/4"]


def test_notices_stand_above_the_board(in_terminal, answer):
    answer(page(oura("scheduled")), 503, 503, page(oura("success"), {}))

    status, text = in_terminal()

    assert status == 7
    lines = as_seen(text)
    told = [n for n, each in enumerate(lines) if each.startswith("junction-introspect: ")]
    assert len(told) == 2
    assert told[-1] < lines.index("everything has settled")


def test_notices_go_to_a_stderr_that_is_elsewhere(in_terminal, answer):
    answer(page(oura("scheduled")), 503, 503, page(oura("success")))
    err = io.StringIO()

    status, text = in_terminal(err=err)

    assert status == 0
    assert "503 Service Unavailable\n" in err.getvalue()
    assert "503" not in text


def test_drift_is_told_below_the_board(in_terminal, answer):
    answer(page(oura("paused")), page(oura("success")))

    lines = as_seen(in_terminal()[1])

    (told,) = [n for n, each in enumerate(lines) if "beyond specification" in each]
    assert told > lines.index("everything has settled")


def test_ctrl_c_is_130_and_leaves_the_board_and_the_cursor(time, in_terminal, answer):
    def interrupt(_):
        raise KeyboardInterrupt

    time.on_sleep = interrupt
    answer(page(oura("scheduled")))

    status, text = in_terminal()

    assert status == 130
    lines = as_seen(text)
    assert "ended before everything had settled" in lines
    assert lines[-2:] == ["junction-introspect: interrupted", ""]
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")


@pytest.mark.parametrize("kind", ["dumb", "unknown"])
def test_terminal_that_cannot_be_drawn_on_gets_lines(in_terminal, answer, monkeypatch, kind):
    monkeypatch.setenv("TERM", kind)
    answer(page(oura("success")))

    status, text = in_terminal()

    assert (status, len(text.splitlines())) == (0, 2)
    assert "\x1b" not in text


def test_pipe_is_none_of_a_terminals_business(watch, answer, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    answer(page(oura("success")))

    assert "\x1b" not in "".join(watch()[1])


@pytest.fixture
def start(monkeypatch):
    """Starts the command as a process that watches a mock of 120 users who have not settled."""
    for name in [name for name in os.environ if name.startswith("COVERAGE_")]:
        monkeypatch.delenv(name)
    with MockServer(Population(120, seed=1)) as server:
        monkeypatch.setenv("JUNCTION_API_KEY", server.api_key)
        monkeypatch.setenv("JUNCTION_BASE_URL", server.url)
        monkeypatch.setenv("NO_PROXY", "*")
        started = []

        def run(*arguments, **options):
            code = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler);"
            code += "from junction_introspect.cli import main; sys.exit(main())"
            pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
            process = subprocess.Popen(  # noqa: S603 - the command line, as users start it
                [sys.executable, "-c", code, "watch", *arguments], **pipes | options
            )
            started.append(process)
            return process

        yield run
        for process in started:
            process.kill()
            with process:
                pass


def test_reader_who_has_seen_enough_ends_it_quietly(start):
    process = start()
    assert process.stdout.readline()
    process.stdout.close()
    assert process.wait(LIMIT) == 141
    assert process.stderr.read() == ""


def test_line_is_seen_as_soon_as_its_change(start):
    process = start("--provider", "peloton", "--deadline", "1h")
    # It waits for the next look now, and has not ended.
    assert len(process.stdout.readline().split()) == 9
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 130
    assert err == "junction-introspect: interrupted\n"


def test_real_terminal_is_left_in_order_after_ctrl_c(start, monkeypatch):
    pty = pytest.importorskip("pty")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")
    near, far = pty.openpty()
    shown, waiting = bytearray(), threading.Event()

    def read():
        try:
            while chunk := os.read(near, 65536):
                shown.extend(chunk)
                if b"next look in" in shown:
                    waiting.set()
        except OSError:  # how Linux ends a terminal whose far end was closed
            return

    reader = threading.Thread(target=read)
    reader.start()
    process = start(stdout=far, stderr=far)
    os.close(far)
    assert waiting.wait(LIMIT)
    process.send_signal(signal.SIGINT)
    assert process.wait(LIMIT) == 130
    reader.join()
    os.close(near)

    text = shown.decode()
    assert text.count("\x1b[?25l") == text.count("\x1b[?25h") == 1
    *_, final_board = text.partition("ended before everything had settled")
    assert "total" in final_board
    assert final_board.endswith("junction-introspect: interrupted\r\n")
