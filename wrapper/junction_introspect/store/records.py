"""The records of a store's tables as values: runs, changes and teams."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, Generic, Literal, TypeAlias, TypeVar
from uuid import UUID

from attrs import fields, frozen

from junction_introspect._paging.operation import Operation
from junction_introspect.store.schema import TIMES, tables
from junction_introspect.tracking import ChangeKind

Row = TypeVar("Row")

RunState: TypeAlias = Literal["unfinished", "complete", "abandoned"]


@frozen(kw_only=True)
class Run:
    """One operation's part in a sync: a pass over its listing, including all interruptions.

    Attributes:
        team: The team whose users are listed.
        run: The number of the sync; a team's later syncs have higher numbers. The operations of
            one sync share it.
        what: The operation that is listed: ``"pulls"`` or ``"resources"``.
        state: ``"unfinished"`` until the last page is committed, then ``"complete"``;
            ``"abandoned"`` if another run replaced it.
        user_id: Only this user is listed, if not None.
        provider: Only users of this provider or lab are listed, if not None.
        started_at: When it started.
        observed_at: When its last page was received.
        ended_at: When it was completed or abandoned.
        next_cursor: Where to resume; None before the first page and after the last.
        pages: How many pages it has committed. ``users``, ``rows`` and ``invalid`` count the users,
            the rows, and the invalid records that were left out.
    """

    team: str
    run: int
    what: str
    state: RunState = "unfinished"
    user_id: UUID | None = None
    provider: str | None = None
    started_at: datetime
    observed_at: datetime
    ended_at: datetime | None = None
    next_cursor: str | None = None
    pages: int = 0
    users: int = 0
    rows: int = 0
    invalid: int = 0

    @property
    def whole(self) -> bool:
        """Whether the run lists all users and left out nothing, so that missing rows are gone."""
        return self.user_id is None and self.provider is None and not self.invalid


RUN_COLUMNS: Final = tuple(each.name for each in fields(Run))


@frozen
class Transition(Generic[Row]):
    """A change that a sync has seen.

    Attributes:
        number: The number of the change among those of its operation in the store, from 1.
        run: The number of the team's run that saw the change.
        team: The team whose row changed.
        kind: What happened, as in `junction_introspect.tracking.Change`.
        seen_at: When the page with the change was received; for a vanished row, when the run
            ended.
        before: The row before the change; None if it appeared.
        after: The row after the change; None if it vanished.
    """

    number: int
    run: int
    team: str
    kind: ChangeKind
    seen_at: datetime
    before: Row | None
    after: Row | None


@frozen
class StoredTeam:
    """A team of a store.

    Attributes:
        team: Its name.
        environment: The environment of its rows, or an address of no environment; None if a
            version of the store that did not record it was the last to write.
        observed_at: For each operation that the store has of the team, like ``"pulls"``, when the
            last page was received.
    """

    team: str
    environment: str | None
    observed_at: Mapping[str, datetime]


def run_of(record: Sequence[Any]) -> Run:
    """Build a run from a record with `RUN_COLUMNS`."""
    return Run(**_with_zone(RUN_COLUMNS, record))


def row_of(operation: Operation[Any, Row], record: Sequence[Any]) -> Row:
    """Build a row from a record with the operation's key and facts. Times are in UTC."""
    of = tables(operation)
    return operation.row(**_with_zone((*of.key, *of.facts), record))


def transition_of(operation: Operation[Any, Row], record: Sequence[Any]) -> Transition[Row]:
    """Build a change from number, run, team, kind, seen_at, the key, and old and new facts."""
    of = tables(operation)
    number, run, team, kind, seen_at, *rest = record
    key, facts = rest[: len(of.key)], rest[len(of.key) :]
    before, after = facts[: len(of.facts)], facts[len(of.facts) :]
    return Transition(
        number,
        run,
        team,
        kind,
        seen_at.replace(tzinfo=UTC),
        None if kind == "appeared" else row_of(operation, [*key, *before]),
        None if kind == "vanished" else row_of(operation, [*key, *after]),
    )


def teams_of(records: Iterable[Sequence[Any]]) -> list[StoredTeam]:
    """Build teams from records of team, environment, operation and the time of its last page.

    Args:
        records: The records, ordered by team.
    """
    return [
        StoredTeam(
            team,
            environment,
            {what: observed_at.replace(tzinfo=UTC) for *_, what, observed_at in of_team},
        )
        for (team, environment), of_team in groupby(records, itemgetter(0, 1))
    ]


def selected(columns: Iterable[str], table: str = "") -> str:
    """Return the SQL that selects columns for the functions above: times in UTC, without a zone.

    Args:
        columns: The columns.
        table: The table's name or alias, and a dot.
    """
    return ", ".join(in_utc(table + name) if name in TIMES else table + name for name in columns)


def in_utc(column: str) -> str:
    """Return the SQL for a time in UTC, without a zone."""
    # An offset can move a time beyond the years that Python supports.
    return (
        f"CASE WHEN {column} IS NOT NULL THEN"
        f" least(greatest({column} AT TIME ZONE 'UTC', TIMESTAMP '0001-01-01'),"
        f" TIMESTAMP '9999-12-31 23:59:59.999999') END"
    )


def _with_zone(columns: Sequence[str], record: Sequence[Any]) -> dict[str, Any]:
    return {
        name: value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
        for name, value in zip(columns, record, strict=True)
    }
