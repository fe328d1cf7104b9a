"""The tables as a person sees them, in terminals of several widths, and what streams can take."""

from __future__ import annotations

import io
import itertools
from functools import partial
from pathlib import Path

import pytest
from rich.text import Text

from junction_api.models import UserHistoricalPullsResponse
from junction_introspect.cli.filters import Filters
from junction_introspect.cli.notices import Notices
from junction_introspect.cli.options import Format
from junction_introspect.cli.plain_text import shown
from junction_introspect.cli.pulls import listed
from junction_introspect.cli.pulls_view import PULLS, Overview, User
from junction_introspect.cli.sheet import Paragraphs
from junction_introspect.cli.showing import show
from junction_introspect.cli.source import Reading
from junction_introspect.cli.streams import let_go, take_any_text
from junction_introspect.mock import Population
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS, rows
from tests.support.payloads import encoded, page, statistics, user, user_id
from tests.support.pulls import decode_page

pytestmark = pytest.mark.any_specification

POPULATION = Population(50, seed=2)
PAGE = UserHistoricalPullsResponse(
    data=[POPULATION.user(number) for number in range(50)], next=None, next_cursor=None
)

FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full")

Detail = partial(PULLS.shown, format_=Format.TABLE)

LONGEST = "provider_rate_limit_exceeded"


def grouped(page):
    """Return the users of a page as a listing hands them to a writer."""
    return [User(each.user_id, list(rows(each))) for each in page.data]


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.fixture
def render(monkeypatch):
    """Returns the lines that a table shows of a page in a terminal of a width, or in a pipe."""

    def show(kind, document, columns=None):
        if columns is not None:
            monkeypatch.setenv("COLUMNS", str(columns))
        out = io.StringIO() if columns is None else Terminal()
        table = kind(out)
        table.add(grouped(document))
        table.end()
        return bare(out.getvalue()).splitlines()

    return show


def bare(text):
    return text.replace("\x1b[1m", "").replace("\x1b[0m", "")


def decoded(*users):
    return decode_page(encoded(page(*users)))


def one_user(**pulled):
    return decoded(user(1, **pulled))


@pytest.mark.parametrize("columns", [80, 100, 121, 122, 140, 200])
@pytest.mark.parametrize("kind", [Overview, Detail])
def test_no_line_is_wider_than_the_terminal(render, kind, columns):
    assert max(map(len, render(kind, PAGE, columns))) <= columns


@pytest.mark.parametrize("columns", [80, 100, 140, None])
def test_nothing_is_cut_short_at_any_width(render, columns):
    text = "\n".join(render(Overview, PAGE, columns))
    for each in PAGE.data:
        assert str(each.user_id) in text
        assert all(provider in text for provider in each.provider)
    assert LONGEST in text
    assert "..." not in text


def test_terminal_groups_providers_under_their_user(render):
    lines = render(Overview, decoded(user(1), user(2)), 80)
    assert lines[1] == str(user_id(1))
    assert lines[2].split() == ["oura", "2", "1"]
    assert lines[3] == str(user_id(2))


def test_numbers_stand_under_their_status(render):
    sleep = statistics(status="retrying")
    header, _, line, *_ = render(Overview, one_user(sleep=sleep), 80)
    assert line.index("1") == header.index("retrying") + len("retrying") - 1


def test_errors_stand_below_their_row_in_a_narrow_terminal(render):
    failed = statistics(status="failure", error_details="unexpected_error")
    lines = render(Overview, one_user(sleep=failed), 80)
    assert lines[0].split() == [
        "provider", "scheduled", "in_progress", "retrying", "failure", "success", "not_pulled",
    ]  # fmt: skip
    assert lines[3] == "      unexpected_error x1"


def test_errors_stand_beside_their_row_in_a_wide_terminal(render):
    failed = statistics(status="failure", error_details="unexpected_error")
    header, _, line, *_ = render(Overview, one_user(sleep=failed), 140)
    assert line.index("unexpected_error x1") == header.index("errors") == 82


def test_errors_beside_a_row_are_folded_beside_it(render):
    errors = ("unexpected_error", "non_retriable_error", LONGEST)
    failed = {
        name: statistics(status="failure", error_details=error)
        for name, error in zip(("sleep", "activity", "hrv"), errors, strict=True)
    }
    _, _, first, second, *_ = render(Overview, one_user(**failed), 140)
    assert first[82:] == f"non_retriable_error x1, {LONGEST} x1,"
    assert second == " " * 82 + "unexpected_error x1"


def test_trace_ids_are_never_broken(render):
    trace_id = "51cc7d2d72e98ed4eb63e2b0864b39e3"
    failed = statistics(status="failure", error_details=LONGEST, trace_id=trace_id)
    for columns in (80, 100, 122, 140):
        lines = render(Detail, one_user(sleep=failed), columns)
        assert any(f"trace {trace_id}" in line for line in lines)


def test_header_is_repeated_above_the_totals_in_a_terminal_alone(render):
    header, *lines = render(Overview, PAGE, 80)
    assert header in lines
    header, *lines = render(Overview, PAGE)
    assert header not in lines


def test_user_without_providers_is_a_line_too(render):
    empty = user(1) | {"provider": {}}
    for columns in (80, None):
        lines = render(Overview, decoded(empty), columns)
        assert str(user_id(1)) in lines[1]
        assert lines[-1] == "1 user, 0 pulls, 1 page"


def test_status_beyond_the_specification_is_counted_by_name(render):
    lines = render(Overview, one_user(sleep=statistics(status="paused"), hrv=statistics()))
    assert all(line.endswith("  status paused x1") for line in lines[1:3])
    assert lines[-1] == "1 user, 3 pulls, 1 page"


@pytest.mark.parametrize("kind", [Overview, Detail, partial(PULLS.shown, format_=Format.CSV)])
def test_header_of_a_pipe_stands_once(kind):
    out = io.StringIO()
    table = kind(out)
    for _ in range(2):
        table.add(grouped(one_user(sleep=statistics())))
    table.end()
    header, *lines = out.getvalue().splitlines()
    assert "provider" in header
    assert header not in lines


def test_name_too_long_for_its_column_has_a_line_of_its_own(render):
    lines = render(Detail, one_user(heart_rate_recovery_one_minute=statistics()), 80)
    assert lines[1:3] == ["oura", "  heart_rate_recovery_one_minute"]
    assert lines[3].split()[0] == "success"


def test_what_has_succeeded_takes_one_line(render):
    lines = render(Detail, one_user(sleep=statistics()), 80)
    assert lines[2].split() == [
        "sleep", "success", "70", "2025-10-05/2026-01-05", "2026-01-05", "10:04Z",
    ]  # fmt: skip
    assert lines[3].split() == ["hrv", "not_pulled"]


@pytest.mark.parametrize(
    ("started", "told"), [("2026-01-05T10:00:03Z", "started"), (None, "scheduled")]
)
def test_what_is_under_way_tells_since_when(render, started, told):
    timeline = {"scheduled_at": "2026-01-05T10:00:00Z", "started_at": started, "ended_at": None}
    pull = statistics(status="in_progress", timeline=timeline, trace_id=None)
    lines = render(Detail, one_user(sleep=pull), 80)
    assert lines[3] == f"      {told} 2026-01-05 10:00Z"


@pytest.mark.parametrize(
    ("sent", "told"),
    [("10:04:05Z", "10:04Z"), ("10:04:05+02:00", "10:04+02:00"), ("10:04:05", "10:04")],
)
def test_times_are_shown_as_sent(render, sent, told):
    timeline = {"scheduled_at": "2026-01-05T10:00:00Z", "started_at": None}
    pull = statistics(timeline=timeline | {"ended_at": f"2026-01-05T{sent}"})
    assert render(Detail, one_user(sleep=pull))[1].endswith(f"  2026-01-05 {told}")


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [
        ("2025-10-05T00:00:00Z", None, "2025-10-05/.."),
        (None, "2025-10-05T00:00:00Z", "../2025-10-05"),
    ],
)
def test_range_with_one_end_is_open(render, start, end, told):
    pull = statistics(range_start=start, range_end=end)
    assert told in render(Detail, one_user(sleep=pull))[1]


@pytest.mark.parametrize(("variable", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colours_can_be_turned_off(monkeypatch, variable, value):
    monkeypatch.delenv("NO_COLOR")
    coloured, plain = Terminal(), Terminal()
    Overview(coloured).add(grouped(PAGE))
    monkeypatch.setenv(variable, value)
    Overview(plain).add(grouped(PAGE))
    assert "\x1b[32m" in coloured.getvalue()
    assert "\x1b[3" not in plain.getvalue()


def test_pipe_has_no_escape_sequences(monkeypatch):
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("FORCE_COLOR", "1")
    out = io.StringIO()
    Overview(out).add(grouped(PAGE))
    assert "\x1b" not in out.getvalue()


def test_table_takes_any_text_whatever_the_locale():
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    take_any_text(out, exact=False)
    table = Detail(out)
    table.add(grouped(one_user(schläf=statistics())))
    assert rb"schl\xe4f" in out.buffer.getvalue()


@pytest.mark.parametrize("format_", [Format.NDJSON, Format.CSV, Format.JSON])
def test_records_are_utf_8_whatever_the_locale(format_):
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii", newline="\r\n")
    take_any_text(out, exact=True)
    PULLS.shown(out, format_).add(grouped(one_user(schläf=statistics())))
    out.flush()
    assert "schläf".encode() in out.buffer.getvalue()
    assert b"\r" not in out.buffer.getvalue()


@needs_full
def test_stream_that_cannot_be_written_is_closed_without_a_word():
    with FULL.open("w") as out:
        out.write("lost")
        let_go(out)


@needs_full
def test_notice_that_cannot_be_written_is_no_failure():
    with FULL.open("w") as err:
        Notices(err).tell("something")


def test_stream_in_memory_is_left_alone():
    take_any_text(io.StringIO(), exact=True)


def test_cut_says_so_with_the_length():
    assert shown("x" * 60) == "x" * 60
    assert shown("x" * 1061) == "x" * 60 + "... (1,061 characters)"


def test_empty_value_does_not_look_absent():
    assert shown("") == "''"


def test_paragraph_takes_the_width_of_a_terminal_whose_size_is_not_told(monkeypatch):
    monkeypatch.setenv("COLUMNS", "0")
    out = Terminal()
    Paragraphs(out).write(Text("x " * 30))
    assert len(out.getvalue().splitlines()) == 1


class Shown:
    """A writer that keeps what stood on stderr while it wrote."""

    def __init__(self, err):
        self.err = err
        self.seen = []

    def add(self, users, team):
        assert team is None
        self.seen.append((len(users), self.err.getvalue()))

    def end(self, *, complete):
        assert complete
        self.seen.append(("end", self.err.getvalue()))


class Pages:
    """A listing of two pages."""

    next_cursor = None

    def pages(self):
        return iter([decoded(user(1), user(2)), decoded(user(3))])


def test_progress_is_drawn_while_waiting_and_gone_before_anything_is_shown():
    terminal = Terminal()
    writer = Shown(terminal)
    notices = Notices(terminal, clock=lambda: 0.0)
    reading = Reading(notices)
    reading.list(Pages(), HISTORICAL_PULLS, Filters())
    show(listed(reading), writer, notices)
    assert [what for what, _ in writer.seen] == [2, 1, "end"]
    assert all(err.endswith("\r") for _, err in writer.seen)
    drawn = [part for part in terminal.getvalue().split("\r") if part.strip()]
    assert drawn == [
        "0 users, 0 pages so far", "2 users, 1 page so far", "3 users, 2 pages so far",
    ]  # fmt: skip


def test_progress_gives_way_to_a_notice():
    terminal = Terminal()
    notices = Notices(terminal)
    notices.progress(1, 1)
    notices.tell("a\x1b  b\n")
    assert terminal.getvalue().split("\r")[-1] == "junction-introspect: a\\x1b  b\\n\n"


def test_progress_is_not_drawn_where_lines_cannot_be_redrawn(monkeypatch):
    terminal = Terminal()
    monkeypatch.setenv("TERM", "dumb")
    Notices(terminal).progress(1, 1)
    assert terminal.getvalue() == ""


def test_progress_is_not_drawn_in_a_pipe():
    err = io.StringIO()
    Notices(err).progress(1, 1)
    assert err.getvalue() == ""


def test_process_without_stderr_says_nothing(capsys):
    Notices(None).tell("something")
    assert capsys.readouterr() == ("", "")


def test_long_work_from_a_store_shows_how_far_it_has_got():
    err, seconds = Terminal(), itertools.count()
    notices = Notices(err, clock=lambda: float(next(seconds)))
    assert list(notices.counting(range(250), "pull")) == list(range(250))
    drawn = err.getvalue().split("\r")
    assert drawn[0] == "0 pulls so far"
    assert any(line.startswith("100 pulls so far, ") for line in drawn)
    assert any(line.startswith("200 pulls so far, ") for line in drawn)


def test_counting_draws_nothing_in_a_pipe():
    err = io.StringIO()
    assert list(Notices(err).counting("abc", "pull")) == ["a", "b", "c"]
    assert err.getvalue() == ""
