"""Finds values of the three operations that cannot all be true."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from junction_introspect.tracking.cases import Case
from junction_introspect.tracking.states import in_utc
from junction_introspect.tracking.stuck import stuck
from junction_introspect.tracking.text import at

_BY_ITSELF: Final = frozenset({"final_without_end", "ended_before_start"})


def contradictions(case: Case) -> Iterator[str]:
    """Yield one sentence for each contradiction about a resource or a connection."""
    if case.connections > 1:
        yield f"There are {case.connections} connections to this provider; the newest was read."
    connected_on = case.connection.created_on if case.connection else None
    if case.pull is not None:
        scheduled_at = case.pull.scheduled_at
        if connected_on and scheduled_at and in_utc(connected_on) > in_utc(scheduled_at):
            yield (
                f"The connection was made at {at(connected_on)}, after its backfill was scheduled"
                f" at {at(scheduled_at)}; the backfill may be that of an earlier connection."
            )
        for finding in stuck((case.pull,), case.now, case.limits):
            if finding.problem in _BY_ITSELF:
                yield f"The backfill is reported as {finding.explanation}."
    oldest = case.statistics.oldest_data if case.statistics else None
    newest = case.newest_data
    if oldest and newest and in_utc(oldest) > in_utc(newest):
        yield f"The oldest data is of {at(oldest)}, but the newest is of {at(newest)}."
    for what, moment in (
        ("The newest data is of", newest),
        ("The last attempt was at", case.attempted_at),
        ("The connection was made at", connected_on),
    ):
        if moment is not None and in_utc(moment) > case.now:
            yield f"{what} {at(moment)}, which is later than now."
