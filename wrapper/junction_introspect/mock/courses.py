"""Computes how a backfill continues after the moment it was drawn for, without keeping state."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Final

import attrs

from junction_api.models import SingleHistoricalPullStatistics
from junction_api.models.historical_pull_status import KnownHistoricalPullStatus
from junction_introspect.mock.backfills import (
    ERROR_DETAILS_SINCE,
    NON_RETRIABLE,
    RETRIABLE,
    scheduled,
)

SETTLED: Final[frozenset[str]] = frozenset({"success", "failure"})

# The largest number of attempts, and the shortest and longest times in seconds. A client that looks
# once per minute sees every step, and every backfill has settled after some hours.
MAX_ATTEMPTS: Final = 4
_SHORTEST: Final = 60
_LONGEST_WAIT: Final = 1_800
_LONGEST_PULL: Final = 3_600
SETTLED_AFTER: Final = timedelta(seconds=(_LONGEST_WAIT + _LONGEST_PULL) * MAX_ATTEMPTS)

_OUTCOMES: Final[tuple[KnownHistoricalPullStatus, ...]] = ("success", "retrying", "failure")
_WEIGHTS: Final = (70, 20, 10)


def at(
    drawn: SingleHistoricalPullStatistics, since: datetime, now: datetime, key: str
) -> SingleHistoricalPullStatistics:
    """Return a pull as it is at `now`: scheduled, in progress, retrying ..., then settled.

    Args:
        drawn: The pull as it was at `since`.
        since: The time of `drawn`.
        now: The moment; not before `since`.
        key: Decides how the pull continues; the same key always gives the same course.

    Returns:
        `drawn` itself until its first change; if `drawn` has settled, it never changes.
    """
    if drawn.status in SETTLED:
        return drawn
    # The prefix makes the numbers differ from those that the pull was drawn with.
    rng = Random(f"course {key}")  # noqa: S311  it must be reproducible
    pull, moment = drawn, since
    attempt = 0
    while True:
        attempt += 1
        if attempt > 1 or drawn.status in {"scheduled", "retrying"}:
            moment += timedelta(seconds=rng.randint(_SHORTEST, _LONGEST_WAIT))
            if now < moment:
                return pull
            pull = _started(rng, pull, moment)
        moment += timedelta(seconds=rng.randint(_SHORTEST, _LONGEST_PULL))
        if now < moment:
            return pull
        (outcome,) = rng.choices(_OUTCOMES, _WEIGHTS)
        if attempt == MAX_ATTEMPTS and outcome == "retrying":
            outcome = "failure"
        pull = _ended(pull, outcome, moment, rng)
        if outcome != "retrying":
            return pull


def _started(
    rng: Random, pull: SingleHistoricalPullStatistics, moment: datetime
) -> SingleHistoricalPullStatistics:
    pull, days = _ranged(pull, rng)
    return attrs.evolve(
        pull,
        status="in_progress",
        timeline=attrs.evolve(pull.timeline, started_at=moment, ended_at=None),
        days_with_data=rng.randrange(days // 2 + 1),
        error_details=None,
    )


def standing(
    pull: SingleHistoricalPullStatistics,
    status: KnownHistoricalPullStatus,
    now: datetime,
    rng: Random,
) -> SingleHistoricalPullStatistics:
    """Return a pull that has just changed to `status`, from any status."""
    if status == "scheduled":
        fresh = scheduled(rng, pull.timeline.scheduled_at)
        return attrs.evolve(fresh, release=pull.release, trace_id=pull.trace_id)
    began = _started(rng, pull, pull.timeline.started_at or now)
    if status in SETTLED or status == "retrying":
        return _ended(began, status, now, rng)
    return attrs.evolve(began, status=status)


def _ended(
    pull: SingleHistoricalPullStatistics,
    outcome: KnownHistoricalPullStatus,
    moment: datetime,
    rng: Random,
) -> SingleHistoricalPullStatistics:
    """Return a pull whose attempt has ended: sets the end time, the error and the days."""
    pull, days = _ranged(pull, rng)
    error = None
    if outcome != "success" and pull.timeline.scheduled_at >= ERROR_DETAILS_SINCE:
        error = rng.choice(NON_RETRIABLE if outcome == "failure" else RETRIABLE)
    return attrs.evolve(
        pull,
        status=outcome,
        timeline=attrs.evolve(pull.timeline, ended_at=moment),
        days_with_data=rng.randint(0, days if outcome == "success" else days // 2),
        error_details=error,
    )


def _ranged(
    pull: SingleHistoricalPullStatistics, rng: Random
) -> tuple[SingleHistoricalPullStatistics, int]:
    """Return a pull with a range, which is drawn if it has none, and how many days that has."""
    start, end = pull.range_start, pull.range_end
    if not (isinstance(start, datetime) and isinstance(end, datetime)):
        end = pull.timeline.scheduled_at.replace(hour=0, minute=0, second=0)
        start = end - timedelta(days=rng.choice((30, 60, 90, 180, 365)))
    return attrs.evolve(pull, range_start=start, range_end=end), (end - start).days
