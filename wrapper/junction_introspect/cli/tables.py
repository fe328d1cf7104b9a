"""Tables of pulls: counts per user and provider, or one user's resources line by line."""

from __future__ import annotations

from collections import Counter
from typing import IO, TYPE_CHECKING, Final

from rich.text import Text

from junction_introspect.cli.filters import NOT_PULLED
from junction_introspect.cli.plain_text import counted, shown
from junction_introspect.cli.records import TEAM
from junction_introspect.cli.sheet import Column, Sheet, TeamColumn
from junction_introspect.enums import STATUS_VALUES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from junction_introspect import HistoricalPull
    from junction_introspect.cli.delivery import Group

# In the order that a pull goes through. Statuses of a newer specification come after them.
_KNOWN: Final = ("scheduled", "in_progress", "retrying", "failure", "success")
_STATES: Final = (*_KNOWN, *sorted(STATUS_VALUES - set(_KNOWN)), NOT_PULLED)
_STYLES: Final = {"success": "green", "failure": "red", "retrying": "yellow"}

_UUID_WIDTH: Final = 36
_NAME_WIDTH: Final = 20


class Overview:
    """Shows one line per user and provider, with counts of resources by status; then the totals.

    Remarks count the errors, and the statuses that the specification does not list.

    Args:
        out: Where to write.
        teams: The teams of the store that the users come from; None for a listing.
    """

    def __init__(self, out: IO[str], teams: Sequence[str] | None = None) -> None:
        self._teams = TeamColumn(teams or ())
        self._paged = teams is None
        self._sheet = Sheet(
            out,
            Column(self._teams.before("user", TEAM), self._teams.width + _UUID_WIDTH),
            Column("provider", _NAME_WIDTH),
            [Column(state, len(state), right=True) for state in _STATES],
            "errors",
        )
        # In a terminal a blank is easier to read; in a pipe awk needs a field, so zero is shown.
        self._none = "" if self._sheet.in_terminal else "0"
        self._states = Counter[str]()
        self._errors = Counter[str]()
        self._users = self._groups = 0

    def group(self, group: Group) -> None:
        """Show a group."""
        self._sheet.write(self._lines(group))
        self._groups += 1

    def _lines(self, group: Group) -> Iterator[Text]:
        if not self._groups:
            yield from self._sheet.header()
        for user in group.users:
            self._users += 1
            counts: dict[str, tuple[Counter[str], Counter[str]]] = {}
            for row in user.rows:
                states, errors = counts.setdefault(row.provider, (Counter(), Counter()))
                states[row.status or NOT_PULLED] += 1
                if row.error_details is not None:
                    errors[row.error_details] += 1
            name = self._teams.before(str(user.user_id), group.team)
            for provider, (states, errors) in counts.items():
                self._states.update(states)
                self._errors.update(errors)
                yield from self._row(name, shown(provider), states, errors)
            if not counts:
                # A user without providers gets a line too, so that no user is missing.
                yield from self._row(name, "-", Counter(), Counter())

    def _row(
        self, user: str, name: str, states: Counter[str], errors: Counter[str]
    ) -> Iterator[Text]:
        cells = [
            Text(str(states[state] or self._none), _STYLES.get(state, "")) for state in _STATES
        ]
        unlisted = ((f"status {shown(state)}", states[state]) for state in states.keys() - _STATES)
        remarks = [*((shown(error), errors[error]) for error in errors), *unlisted]
        return self._sheet.row(user, name, cells, [f"{what} x{n}" for what, n in sorted(remarks)])

    def end(self, *, complete: bool = True) -> None:
        """Show the totals, marked "so far" if the listing was interrupted."""
        self._sheet.write(self._totals("total" if complete else "so far"))

    def _totals(self, name: str) -> Iterator[Text]:
        if self._sheet.in_terminal:
            # The header at the top has scrolled away.
            yield from self._sheet.header()
        yield from self._row(name, "", self._states, self._errors)
        numbers = [(self._users, "user"), (self._states.total(), "pull")]
        if self._paged:
            numbers.append((self._groups, "page"))
        text = ", ".join(counted(number, noun) for number, noun in numbers)
        yield Text(text if name == "total" else f"{text} so far")


class Detail:
    """Shows one line per resource, then how many there are.

    Remarks describe resources that have not succeeded: the error, when the pull was started or
    scheduled, and the trace id.

    Args:
        out: Where to write.
        teams: As for `Overview`.
    """

    def __init__(self, out: IO[str], teams: Sequence[str] | None = None) -> None:
        self._teams = TeamColumn(teams or ())
        columns = [
            Column("status", len("in_progress")),
            Column("days", len("days"), right=True),
            Column("range", len("2025-01-01/2025-12-31")),
            Column("ended", len("2025-01-01 12:00Z")),
        ]
        self._sheet = Sheet(
            out,
            Column(self._teams.before("provider", TEAM), self._teams.width + _NAME_WIDTH),
            Column("resource", _NAME_WIDTH),
            columns,
            "remarks",
        )
        self._begun = False
        self._resources = 0

    def group(self, group: Group) -> None:
        """Show a group."""
        self._sheet.write(self._lines(group))

    def _lines(self, group: Group) -> Iterator[Text]:
        if not self._begun:
            self._begun = True
            yield from self._sheet.header()
        for user in group.users:
            for row in user.rows:
                self._resources += 1
                cells = [
                    Text(shown(row.status or NOT_PULLED), _STYLES.get(row.status or "", "")),
                    Text(str(row.days_with_data) if row.pulled else ""),
                    Text(_range(row)),
                    Text(_minute(row.ended_at)),
                ]
                name = self._teams.before(shown(row.provider), group.team)
                yield from self._sheet.row(name, shown(row.resource), cells, _remarks(row))

    def end(self, *, complete: bool = True) -> None:  # noqa: ARG002 - the count is right either way
        """Show how many resources have been shown."""
        self._sheet.write([Text(counted(self._resources, "resource"))])


def _remarks(row: HistoricalPull) -> list[str]:
    if row.status == "success" and row.error_details is None:
        return []
    remarks: list[str] = []
    if row.error_details is not None:
        remarks.append(f"{shown(row.error_details)} ({row.error_kind})")
    if row.ended_at is None and row.started_at is not None:
        remarks.append(f"started {_minute(row.started_at)}")
    elif row.ended_at is None and row.scheduled_at is not None:
        remarks.append(f"scheduled {_minute(row.scheduled_at)}")
    if row.trace_id is not None:
        remarks.append(f"trace {shown(row.trace_id)}")
    return remarks


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
