"""How pulls are shown: a table for a person, NDJSON or CSV for a program."""

from __future__ import annotations

import csv
from collections import Counter
from typing import IO, TYPE_CHECKING, Any, Final, Protocol

import attrs
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from junction_introspect.enums import STATUS_VALUES
from junction_introspect.pulls import HistoricalPull, rows

if TYPE_CHECKING:
    from uuid import UUID

    from junction_introspect import Page

_COLUMNS: Final = (*(field.name for field in attrs.fields(HistoricalPull)), "settled", "error_kind")

# Where a pull stands, in the order of its life. What the specification adds later comes last.
_STATUSES: Final = ("scheduled", "in_progress", "retrying", "failure", "success")

# Nothing is wrapped in a pipe, where the reader is a program or a pager.
_PIPE_WIDTH: Final = 1000


def record(row: HistoricalPull) -> dict[str, Any]:
    """Return a row as JSON has it: every field, then ``settled`` and ``error_kind``."""
    return {
        **msgspec.to_builtins(row),
        "settled": row.settled,
        "error_kind": row.error_kind,
    }


class Writer(Protocol):
    """Shows pages one by one, then what remains to be said."""

    def page(self, page: Page) -> None:
        """Show a page, or keep it for the end."""

    def end(self) -> None:
        """Show the rest."""


class Ndjson:
    """One JSON object a line, one line a row, written as pages arrive."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out

    def page(self, page: Page) -> None:
        """Write the rows of a page."""
        for user in page.data:
            for row in rows(user):
                self._out.write(msgspec.json.encode(record(row)).decode() + "\n")

    def end(self) -> None:
        """Nothing remains."""
        self._out.flush()


class Csv:
    """A header and one line a row, written as pages arrive; None is an empty field."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._csv = csv.DictWriter(out, _COLUMNS, lineterminator="\n")
        self._csv.writeheader()

    def page(self, page: Page) -> None:
        """Write the rows of a page."""
        for user in page.data:
            self._csv.writerows(record(row) for row in rows(user))

    def end(self) -> None:
        """Nothing remains."""
        self._out.flush()


class Overview:
    """A line a user and provider, with how many of its pulls stand where; then the totals.

    Holds a few numbers a line until the end, since a table's widths are known only then.
    """

    def __init__(self, out: IO[str]) -> None:
        self._console = console(out)
        self._lines: list[tuple[UUID, str, Counter[str], Counter[str]]] = []
        self._pages = 0

    def page(self, page: Page) -> None:
        """Count the rows of a page."""
        self._pages += 1
        for user in page.data:
            lines: dict[str, tuple[Counter[str], Counter[str]]] = {}
            for row in rows(user):
                states, errors = lines.setdefault(row.provider, (Counter(), Counter()))
                states[row.status or "not pulled"] += 1
                if row.error_details is not None:
                    errors[row.error_details] += 1
            # A user without providers is a line as well, or it would look lost.
            for provider, (states, errors) in (lines or {"-": (Counter(), Counter())}).items():
                self._lines.append((user.user_id, provider, states, errors))

    def end(self) -> None:
        """Draw the table and the totals."""
        total = sum((states for *_, states, _ in self._lines), Counter[str]())
        errors = sum((errors for *_, errors in self._lines), Counter[str]())
        unlisted = sorted(total.keys() - STATUS_VALUES - {"not pulled"})
        states = [*_STATUSES, *sorted(STATUS_VALUES - set(_STATUSES)), *unlisted, "not pulled"]
        table = _table("user", "provider")
        for state in states:
            table.add_column(_text(state.replace("_", " ")), justify="right", style=_style(state))
        table.add_column("errors")
        shown: UUID | None = None
        for user_id, provider, counts, its_errors in self._lines:
            table.add_row(
                "" if user_id == shown and self._console.is_terminal else str(user_id),
                _text(provider),
                *(str(counts[state] or "") for state in states),
                _counted(its_errors),
            )
            shown = user_id
        users = len({user_id for user_id, *_ in self._lines})
        table.add_section()
        table.add_row("total", "", *(str(total[state]) for state in states), _counted(errors))
        self._console.print(table)
        pulls = sum(total.values()) - total["not pulled"]
        self._console.print(f"{users:,} users, {pulls:,} pulls, {self._pages:,} pages")


class Detail:
    """A line a resource, as for a single user; then the totals. Holds the rows until the end."""

    def __init__(self, out: IO[str]) -> None:
        self._console = console(out)
        self._rows: list[HistoricalPull] = []

    def page(self, page: Page) -> None:
        """Keep the rows of a page."""
        self._rows.extend(row for user in page.data for row in rows(user))

    def end(self) -> None:
        """Draw the table and the totals."""
        table = _table("provider", "resource", "status", "days", "range", "scheduled", "ended")
        for name in ("error", "trace_id"):
            table.add_column(name, overflow="fold")
        for row in self._rows:
            table.add_row(
                _text(row.provider),
                _text(row.resource),
                _text(row.status or "not pulled", _style(row.status)),
                str(row.days_with_data) if row.pulled else "",
                f"{_day(row.range_start)} - {_day(row.range_end)}" if row.range_start else "",
                _minute(row.scheduled_at),
                _minute(row.ended_at),
                _text(f"{row.error_details} ({row.error_kind})" if row.error_details else ""),
                _text(row.trace_id or ""),
            )
        self._console.print(table)
        self._console.print(f"{len(self._rows):,} resources")


def console(out: IO[str]) -> Console:
    """Return a console that colours and wraps for a terminal, and does neither in a pipe."""
    terminal = out.isatty()
    return Console(file=out, width=None if terminal else _PIPE_WIDTH, highlight=False)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, no_wrap=True)
    return table


def _style(status: str | None) -> str:
    return {"success": "green", "failure": "red", "retrying": "yellow"}.get(status or "", "")


def _text(value: str, style: str = "") -> Text:
    """Return what the server sent as it is: no markup, and nothing that steers a terminal."""
    return Text(value if value.isprintable() else repr(value), style)


def _counted(values: Counter[str]) -> Text:
    return _text(", ".join(f"{value} ×{number}" for value, number in sorted(values.items())))


def _day(moment: Any) -> str:
    return f"{moment:%Y-%m-%d}" if moment else ""


def _minute(moment: Any) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""
