"""What `watch` shows: a table of providers for a terminal, or a line or record per change."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from rich.cells import cell_len, set_cell_size
from rich.console import Group
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from junction_introspect._texts import counted, escaped
from junction_introspect.cli.plain_text import NOT_PULLED, shown
from junction_introspect.tracking import State, state_of
from junction_introspect.tracking.text import in_words

if TYPE_CHECKING:
    from datetime import datetime

    from rich.console import RenderableType

    from junction_introspect import HistoricalPull
    from junction_introspect.tracking import Change

_WIDEST: Final = 100  # a longer bar says no more, and would be far from its numbers
_NAME_WIDTH: Final = 18

# The fields of `record` that a line has.
_LINE: Final = (
    *("seen_at", "kind", "user_id", "provider", "resource", "from", "to"),
    *("error_details", "trace_id"),
)

# The table's lines besides those of the providers: two of text, two of titles, the total.
_FRAME: Final = 5


class Board:
    """Counts each provider's pulls by state, updated with every change.

    It holds only counts, so that drawing it does not take longer for more pulls.

    Args:
        since: When watching began. All times here are in UTC.
    """

    def __init__(self, since: datetime) -> None:
        self._since = since
        self._providers: dict[str, Counter[State]] = {}
        self._total = Counter[State]()
        self._looks = 0
        self._last_look: datetime | None = None
        self._last_change: datetime | None = None
        self._standing = Text("looking")

    def see(self, change: Change, at: datetime) -> None:
        """Count a change that was seen at a time."""
        self._last_change = at
        if change.before is not None:
            self._count(change.before, -1)
        if change.after is not None:
            self._count(change.after, 1)

    def looked(self, at: datetime) -> None:
        """Record that a look has ended."""
        self._looks += 1
        self._last_look = at

    def look(self) -> None:
        """Show that a look is in progress."""
        self._standing = Text("looking")

    def wait(self, seconds: float) -> None:
        """Show in how many seconds the next look starts."""
        self._standing = Text(f"next look in {in_words(timedelta(seconds=seconds))}")

    def end(self, *, settled: bool) -> None:
        """Show that watching has ended, and whether everything has settled."""
        words = "everything has settled" if settled else "ended before everything had settled"
        self._standing = Text(words, "bold green" if settled else "bold yellow")

    def drawn(self, width: int, height: int | None) -> Group:
        """Render the current state: the progress, the totals, then one line per provider.

        Args:
            width: How many columns there are.
            height: How many lines there are; None for no limit. If they are too few, settled
                providers are left out first, and the last line counts the hidden ones.
        """
        table = self._table(min(width, _WIDEST))
        self._add(table, Text("total"), self._total)
        table.rows[-1].style = "bold"
        names = sorted(self._providers)
        available = len(names) if height is None else height - _FRAME
        hidden: list[str] = []
        if len(names) > available:
            by_need = sorted(names, key=lambda name: _settled(self._providers[name]))
            available = max(0, available - 1)
            names, hidden = sorted(by_need[:available]), by_need[available:]
        for name in names:
            self._add(table, Text(_fitted(shown(name))), self._providers[name])
        parts: list[RenderableType] = [self._standing, Text(self._times(), no_wrap=True), table]
        if hidden:
            settled = sum(_settled(self._providers[name]) for name in hidden)
            parts.append(Text(f"and {counted(len(hidden), 'more provider')}, {settled:,} settled"))
        return Group(*parts)

    def _count(self, row: HistoricalPull, number: int) -> None:
        state = state_of(row)
        counts = self._providers.setdefault(row.provider, Counter())
        counts[state] += number
        self._total[state] += number
        if not counts.total():
            del self._providers[row.provider]

    def _times(self) -> str:
        parts = [f"since {self._since:%Y-%m-%d %H:%M:%SZ}", counted(self._looks, "look")]
        if self._last_look is not None:
            parts.append(f"last {self._time(self._last_look)}")
        if self._last_change is not None:
            parts.append(f"last change {self._time(self._last_change)}")
        return ", ".join(parts)

    def _time(self, moment: datetime) -> str:
        same_day = moment.date() == self._since.date()
        return f"{moment:%H:%M:%SZ}" if same_day else f"{moment:%m-%d %H:%MZ}"

    def _table(self, width: int) -> Table:
        table = Table(
            box=None, width=width, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold"
        )
        table.add_column("\nprovider", no_wrap=True)
        table.add_column("", ratio=1, vertical="middle")
        for title in ("\nsettled", "\nwaiting", "\nfailed", "not\npulled"):
            table.add_column(title, justify="right", no_wrap=True)
        if self._total["unrecognized"]:
            table.add_column("unrecog-\nnized", justify="right", no_wrap=True)
        return table

    def _add(self, table: Table, name: Text, counts: Counter[State]) -> None:
        total = counts.total()
        settled = total - _pending(counts)
        failed = counts["failed_retriable"] + counts["failed_final"]
        # Named colours, because every terminal's theme makes them legible on its background.
        bar = ProgressBar(
            total=total or 1,
            completed=settled,
            style="bright_black",
            complete_style="cyan",
            finished_style="green",
        )
        cells: list[RenderableType] = [
            name,
            bar,
            Text(f"{settled:,}/{total:,}"),
            _number(counts["waiting"], "yellow"),
            _number(failed, "red"),
            _number(counts["not_pulled"]),
        ]
        if self._total["unrecognized"]:
            cells.append(_number(counts["unrecognized"], "magenta"))
        table.add_row(*cells)


def line(change: Change, at: datetime) -> str:
    """Return a change as nine fields, separated by spaces; spaces within fields are escaped.

    The fields are: when it was seen (UTC), kind, user, provider, resource, status before, status
    after, error and trace id. An absent value is ``-``.
    """
    fields = record(change, at)
    return " ".join(_field(fields[name]) for name in _LINE)


def record(change: Change, at: datetime) -> dict[str, Any]:
    """Return a change as a JSON object.

    ``from`` and ``to`` are a status, ``"not_pulled"``, or null if there is no row. The fields after
    them are those of the row when it was last seen.
    """
    row = latest(change)
    return {
        "seen_at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "kind": change.kind,
        "user_id": str(row.user_id),
        "provider": row.provider,
        "resource": row.resource,
        "from": _status(change.before),
        "to": _status(change.after),
        "settled": row.settled,
        "error_details": row.error_details,
        "error_kind": row.error_kind,
        "trace_id": row.trace_id,
    }


def latest(change: Change) -> HistoricalPull:
    """Return a change's row after it; of a pull that vanished, the row before it."""
    row = change.after or change.before
    assert row is not None  # noqa: S101 - a change has at least one row
    return row


def _status(row: HistoricalPull | None) -> str | None:
    return None if row is None else row.status or NOT_PULLED


def _field(value: str | None) -> str:
    if value is None:
        return "-"
    return escaped(value).replace(" ", r"\x20") or "''"


def _pending(counts: Counter[State]) -> int:
    return counts["waiting"] + counts["unrecognized"]


def _settled(counts: Counter[State]) -> bool:
    return not _pending(counts)


def _number(number: int, style: str = "") -> Text:
    return Text(f"{number:,}" if number else "", style)


def _fitted(name: str) -> str:
    if cell_len(name) <= _NAME_WIDTH:
        return name
    return set_cell_size(name, _NAME_WIDTH - 3) + "..."
