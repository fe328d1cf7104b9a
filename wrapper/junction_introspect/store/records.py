"""What stands in a store's tables, as values: rows, runs, transitions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

from attrs import frozen

from junction_introspect.operations.historical_pulls import HistoricalPull
from junction_introspect.store.schema import FACTS, KEY, TIMES
from junction_introspect.tracking import Change, ChangeKind

RunState: TypeAlias = Literal["unfinished", "complete", "abandoned"]

RUN_COLUMNS: Final = (
    "run",
    "team",
    "state",
    "user_id",
    "provider",
    "started_at",
    "observed_at",
    "ended_at",
    "next_cursor",
    "pages",
    "users",
    "rows",
    "invalid",
)

_RUN_TIMES: Final = frozenset({"started_at", "observed_at", "ended_at"})
_TIMES: Final = TIMES | _RUN_TIMES | {"seen_at"}


@frozen(kw_only=True)
class Run:
    """A sync: one pass over a listing, however often it was interrupted.

    Attributes:
        run: Its number; later ones are higher.
        team: Whose pulls.
        state: ``"unfinished"`` until the last page is in, then ``"complete"``; ``"abandoned"`` when
            another run was begun in its place.
        user_id: That user alone, or None.
        provider: Users of that provider or lab alone, or None.
        started_at: When it began.
        observed_at: When its last page was received.
        ended_at: When it was completed or abandoned.
        next_cursor: Where it goes on; None before the first page and after the last.
        pages: How many pages it has committed; so are users, rows, and invalid records left out.
    """

    run: int
    team: str
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
        """Whether a pull that it has not met is gone: it lists everybody, and left out nothing."""
        return self.user_id is None and self.provider is None and not self.invalid


@frozen
class Transition:
    """A change that a sync has seen.

    Attributes:
        number: Its place among all of the store, from 1.
        run: The run that saw it.
        team: Whose pull.
        seen_at: When the page was received that showed it; for what vanished, when the run ended.
        change: What changed.
    """

    number: int
    run: int
    team: str
    seen_at: datetime
    change: Change


def run_of(record: Sequence[Any]) -> Run:
    """Build from a record with `RUN_COLUMNS`."""
    return Run(**_with_zone(RUN_COLUMNS, record, _RUN_TIMES))


def row_of(record: Sequence[Any]) -> HistoricalPull:
    """Build from a record with the columns `KEY` and `FACTS`. Times are in UTC."""
    return HistoricalPull(**_with_zone((*KEY, *FACTS), record, TIMES))


def transition_of(record: Sequence[Any]) -> Transition:
    """Build from number, run, team, kind, seen_at, `KEY`, `FACTS` before and `FACTS` after."""
    number, run, team, kind, seen_at, *rest = record
    key, facts = rest[: len(KEY)], rest[len(KEY) :]
    before, after = facts[: len(FACTS)], facts[len(FACTS) :]
    found: ChangeKind = kind
    return Transition(
        number,
        run,
        team,
        seen_at.replace(tzinfo=UTC),
        Change(
            found,
            None if found == "appeared" else row_of([*key, *before]),
            None if found == "vanished" else row_of([*key, *after]),
        ),
    )


def selected(columns: Sequence[str], table: str = "") -> str:
    """Return what to select so that the functions above can read it: times without a zone, in UTC.

    Args:
        columns: The columns.
        table: The table's name or alias.
    """
    prefix = f"{table}." if table else ""
    return ", ".join(
        _in_utc(prefix + name) if name in _TIMES else prefix + name for name in columns
    )


def _in_utc(column: str) -> str:
    # An offset can lead beyond the years that Python knows.
    return (
        f"CASE WHEN {column} IS NOT NULL THEN"
        f" least(greatest({column} AT TIME ZONE 'UTC', TIMESTAMP '0001-01-01'),"
        f" TIMESTAMP '9999-12-31 23:59:59.999999') END"
    )


def _with_zone(
    columns: Sequence[str], record: Sequence[Any], times: frozenset[str]
) -> dict[str, Any]:
    return {
        name: value.replace(tzinfo=UTC) if name in times and value is not None else value
        for name, value in zip(columns, record, strict=True)
    }
