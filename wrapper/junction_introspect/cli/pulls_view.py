"""Tables of pulls: counts per user and provider, or one user's resources line by line."""

from __future__ import annotations

from collections import Counter
from typing import IO, TYPE_CHECKING, Final, NamedTuple

from rich.text import Text

from junction_introspect._texts import counted
from junction_introspect.cli.plain_text import NOT_PULLED, failure_of, shown, trace_of
from junction_introspect.cli.records import COLUMNS, record
from junction_introspect.cli.sheet import NARROW, WIDE, Column, Line, Sheet
from junction_introspect.cli.showing import Kind
from junction_introspect.enums import STATUS_VALUES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from junction_introspect import HistoricalPull
    from junction_introspect.cli.sheet import Cell

# In the order that a pull goes through. Statuses of a newer specification come after them.
_KNOWN: Final = ("scheduled", "in_progress", "retrying", "failure", "success")
_STATES: Final = (*_KNOWN, *sorted(STATUS_VALUES - set(_KNOWN)), NOT_PULLED)
_STYLES: Final = {"success": "green", "failure": "red", "retrying": "yellow"}


class User(NamedTuple):
    """A user and the user's pulls that pass the filters."""

    user_id: UUID
    rows: Sequence[HistoricalPull]


class Overview:
    """Shows one line per user and provider, with counts of resources by status; then the totals.

    Remarks count the errors, and the statuses that the specification does not list.

    Args:
        out: Where to write.
        teams: The teams of the store that the users come from; None for a listing.
    """

    def __init__(self, out: IO[str], teams: Sequence[str] | None = None) -> None:
        self._paged = teams is None
        self._sheet = Sheet(
            out,
            Column("user", WIDE),
            Column("provider", NARROW),
            [Column(state, len(state), right=True) for state in _STATES],
            "errors",
            teams=teams or (),
        )
        # In a terminal a blank is easier to read; in a pipe awk needs a field, so zero is shown.
        self._none = "" if self._sheet.in_terminal else "0"
        self._states = Counter[str]()
        self._errors = Counter[str]()
        self._users = self._groups = 0

    def add(self, answer: Sequence[User], team: str | None = None) -> None:
        """Show users: a page of a listing, or some of a team."""
        self._groups += 1
        self._users += len(answer)
        self._sheet.add((line for user in answer for line in self._lines(user)), team)

    def _lines(self, user: User) -> Iterator[Line]:
        name = str(user.user_id)
        counts: dict[str, tuple[Counter[str], Counter[str]]] = {}
        for row in user.rows:
            states, errors = counts.setdefault(row.provider, (Counter(), Counter()))
            states[row.status or NOT_PULLED] += 1
            if row.error_details is not None:
                errors[row.error_details] += 1
        for provider, (states, errors) in counts.items():
            self._states.update(states)
            self._errors.update(errors)
            yield self._line(name, shown(provider), states, errors)
        if not counts:
            # A user without providers gets a line too, so that no user is missing.
            yield self._line(name, "-", Counter(), Counter())

    def _line(self, user: str, name: str, states: Counter[str], errors: Counter[str]) -> Line:
        cells = [
            Text(str(states[state] or self._none), _STYLES.get(state, "")) for state in _STATES
        ]
        unlisted = ((f"status {shown(state)}", states[state]) for state in states.keys() - _STATES)
        remarks = [*((shown(error), errors[error]) for error in errors), *unlisted]
        return Line(user, name, cells, [f"{what} x{n}" for what, n in sorted(remarks)])

    def end(self, *, complete: bool = True) -> None:
        """Show the totals, marked "so far" if the listing was interrupted."""
        totals = self._line("total" if complete else "so far", "", self._states, self._errors)
        # In a terminal, the titles at the top have scrolled away.
        self._sheet.add([totals], titled=self._sheet.in_terminal)
        numbers = [(self._users, "user"), (self._states.total(), "pull")]
        if self._paged:
            numbers.append((self._groups, "page"))
        text = ", ".join(counted(number, noun) for number, noun in numbers)
        self._sheet.write([text if complete else f"{text} so far"])


def _resource(row: HistoricalPull) -> Line:
    cells: list[Cell] = [
        Text(shown(row.status or NOT_PULLED), _STYLES.get(row.status or "", "")),
        str(row.days_with_data) if row.pulled else "",
        _range(row),
        _minute(row.ended_at),
    ]
    return Line(shown(row.provider), shown(row.resource), cells, _remarks(row))


# A table of the resources of one user, or records of any pulls. Remarks describe resources that
# have not succeeded: the error, when the pull was started or scheduled, and the trace id.
PULLS: Final = Kind["Sequence[User]"](
    ("provider", "resource", "remarks"),
    (
        Column("status", len("in_progress")),
        Column("days", len("days"), right=True),
        Column("range", len("2025-01-01/2025-12-31")),
        Column("ended", len("2025-01-01 12:00Z")),
    ),
    lambda users: (_resource(row) for user in users for row in user.rows),
    COLUMNS,
    lambda users: (record(row) for user in users for row in user.rows),
    noun="resource",
)


def _remarks(row: HistoricalPull) -> list[str]:
    if row.status == "success" and row.error_details is None:
        return []
    remarks = failure_of(row)
    if row.ended_at is None and row.started_at is not None:
        remarks.append(f"started {_minute(row.started_at)}")
    elif row.ended_at is None and row.scheduled_at is not None:
        remarks.append(f"scheduled {_minute(row.scheduled_at)}")
    return remarks + trace_of(row)


def _range(row: HistoricalPull) -> str:
    if row.range_start is None and row.range_end is None:
        return ""
    return "/".join(
        str(moment.date()) if moment is not None else ".."
        for moment in (row.range_start, row.range_end)
    )


def _minute(moment: datetime | None) -> str:
    """Return a time to the minute, with the offset that the server sent, if any."""
    if moment is None:
        return ""
    return moment.isoformat(" ", "minutes").replace("+00:00", "Z")
