"""The records of a store's tables as values: rows, runs and transitions."""

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
    """A sync: one pass over a listing, including all its interruptions.

    Attributes:
        run: The run's number; later runs have higher numbers.
        team: The team whose pulls are listed.
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
        """Whether the run lists all users and left out nothing, so that missing pulls are gone."""
        return self.user_id is None and self.provider is None and not self.invalid


@frozen
class Transition:
    """A change that a sync has seen.

    Attributes:
        number: The number of the transition in the store, from 1.
        run: The run that saw the change.
        team: The team whose pull changed.
        seen_at: When the page with the change was received; for a vanished pull, when the run
            ended.
        change: What changed.
    """

    number: int
    run: int
    team: str
    seen_at: datetime
    change: Change


def run_of(record: Sequence[Any]) -> Run:
    """Build a run from a record with `RUN_COLUMNS`."""
    return Run(**_with_zone(RUN_COLUMNS, record, _RUN_TIMES))


def row_of(record: Sequence[Any]) -> HistoricalPull:
    """Build a row from a record with the columns `KEY` and `FACTS`. Times are in UTC."""
    return HistoricalPull(**_with_zone((*KEY, *FACTS), record, TIMES))


def transition_of(record: Sequence[Any]) -> Transition:
    """Build a transition from number, run, team, kind, seen_at, `KEY`, and old and new `FACTS`."""
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
    """Return the SQL that selects columns for the functions above: times in UTC, without a zone.

    Args:
        columns: The columns.
        table: The table's name or alias.
    """
    prefix = f"{table}." if table else ""
    return ", ".join(
        _in_utc(prefix + name) if name in _TIMES else prefix + name for name in columns
    )


def _in_utc(column: str) -> str:
    # An offset can move a time beyond the years that Python supports.
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
