"""Draws one provider's backfill at random, as the endpoint reports it, free of contradictions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final, NamedTuple

from junction_api.models import (
    HistoricalPullTimeline,
    SingleHistoricalPullStatistics,
    SingleProviderHistoricalPullResponse,
)
from junction_api.models.historical_pull_non_retriable_error_details import (
    KnownHistoricalPullNonRetriableErrorDetails,
)
from junction_api.models.historical_pull_retriable_error_details import (
    KnownHistoricalPullRetriableErrorDetails,
)
from junction_api.models.historical_pull_status import KnownHistoricalPullStatus
from junction_api.models.providers import KnownProviders
from junction_api.types import UNSET, Unset
from junction_introspect.enums import (
    NON_RETRIABLE_ERROR_VALUES,
    RETRIABLE_ERROR_VALUES,
    STATUS_VALUES,
)
from junction_introspect.mock.catalogue import measured_by

ErrorDetails = (
    KnownHistoricalPullRetriableErrorDetails | KnownHistoricalPullNonRetriableErrorDetails
)

# The default moment that a population is drawn for; fixed, so that tests are reproducible.
NOW: Final = datetime(2025, 10, 1, 12, tzinfo=UTC)

# The vendor's documentation: connections made before May 2025 carry no error details.
ERROR_DETAILS_SINCE: Final = datetime(2025, 5, 1, tzinfo=UTC)

# Sorted, because the order of a set of strings differs from process to process.
_STATUSES: Final = sorted(STATUS_VALUES)
RETRIABLE: Final = sorted(RETRIABLE_ERROR_VALUES)
NON_RETRIABLE: Final = sorted(NON_RETRIABLE_ERROR_VALUES)

# The weight of a status that a newer specification adds; it is treated as not final.
_RARE: Final = 2
_SETTLED: Final[Mapping[KnownHistoricalPullStatus, int]] = {"success": 80, "failure": 14}
_FRESH: Final[Mapping[KnownHistoricalPullStatus, int]] = {
    "success": 40,
    "failure": 8,
    "in_progress": 16,
    "scheduled": 20,
    "retrying": 16,
}
_SETTLED_WEIGHTS: Final = [_SETTLED.get(status, _RARE) for status in _STATUSES]
_FRESH_WEIGHTS: Final = [_FRESH.get(status, _RARE) for status in _STATUSES]

_RELEASES: Final = ("0.4.412+8c1f0e7", "0.4.447+d27ab90", "0.4.483+51e6f3c")


class Backfill(NamedTuple):
    """One provider's backfill for one user.

    Attributes:
        connected_on: When the user connected.
        response: Every resource of the provider, either pulled or not pulled.
    """

    connected_on: datetime
    response: SingleProviderHistoricalPullResponse


def backfill(rng: Random, provider: KnownProviders, now: datetime) -> Backfill:
    """Draw the state of one provider's backfill for one user.

    Two thirds of the connections are months old and mostly settled; one third are hours old and
    still in progress. All timestamps are in UTC, in whole seconds, and not later than `now`.

    Args:
        rng: The user's own random numbers; the caller's seed decides everything.
        provider: The provider, which decides which resources there are.
        now: The moment to draw it for.
    """
    fresh = rng.random() < 1 / 3
    age = timedelta(
        seconds=rng.randrange(7_200, 14_400) if fresh else rng.randrange(86_400, 30_000_000)
    )
    connected = now - age
    weights = _FRESH_WEIGHTS if fresh else _SETTLED_WEIGHTS
    days = rng.choice((30, 60, 90, 180, 365))
    result = SingleProviderHistoricalPullResponse(pulled={}, not_pulled=[])
    for resource in measured_by(provider):
        if rng.random() < 1 / 8:
            result.not_pulled.append(resource)
        else:
            (status,) = rng.choices(_STATUSES, weights)
            result.pulled[resource] = _statistics(rng, status, connected, days)
    return Backfill(connected, result)


def scheduled(rng: Random, moment: datetime) -> SingleHistoricalPullStatistics:
    """Draw a pull that was scheduled at a moment and has not started."""
    return SingleHistoricalPullStatistics(
        status="scheduled",
        timeline=HistoricalPullTimeline(scheduled_at=moment, started_at=None, ended_at=None),
        range_start=None,
        range_end=None,
        days_with_data=0,
        release=_RELEASES[-1],
        trace_id=f"{rng.getrandbits(128):032x}",
        error_details=None,
    )


def _statistics(
    rng: Random, status: KnownHistoricalPullStatus, connected: datetime, days: int
) -> SingleHistoricalPullStatistics:
    """Draw one pull of `status`, for a connection that asked for `days` days of history."""
    begun = status != "scheduled" and rng.random() < 31 / 32
    range_end = connected.replace(hour=0, minute=0, second=0)
    return SingleHistoricalPullStatistics(
        status=status,
        range_start=range_end - timedelta(days=days) if begun else _nothing(rng),
        range_end=range_end if begun else _nothing(rng),
        timeline=_timeline(rng, status, connected + timedelta(seconds=rng.randrange(120))),
        # Never left out, because it has a default: a client would read a value that was not sent.
        days_with_data=_days_with_data(rng, status, days) if begun else 0,
        release=rng.choice(_RELEASES),
        trace_id=f"{rng.getrandbits(128):032x}" if rng.random() < 7 / 8 else _nothing(rng),
        error_details=_error(rng, status, connected),
    )


def _timeline(
    rng: Random, status: KnownHistoricalPullStatus, scheduled: datetime
) -> HistoricalPullTimeline:
    started = scheduled + timedelta(seconds=rng.randrange(1, 900))
    ended = started + timedelta(seconds=rng.randrange(2, 3_600))
    # A pull that is `retrying` may have an end time, as in the vendor's example: that of its last
    # attempt.
    has_ended = status in {"success", "failure"} or (status == "retrying" and rng.random() < 1 / 2)
    return HistoricalPullTimeline(
        scheduled_at=scheduled,
        started_at=_nothing(rng) if status == "scheduled" else started,
        ended_at=ended if has_ended else _nothing(rng),
    )


def _days_with_data(rng: Random, status: KnownHistoricalPullStatus, days: int) -> int:
    if status == "success":
        return rng.randint(0, days)
    # A pull that failed or has not ended has at most half of its days, and often none.
    return max(0, rng.randint(-days // 2, days // 2))


def _error(
    rng: Random, status: KnownHistoricalPullStatus, connected: datetime
) -> ErrorDetails | Unset | None:
    if connected >= ERROR_DETAILS_SINCE:
        if status == "failure":
            return rng.choice(NON_RETRIABLE)
        if status == "retrying":
            return rng.choice(RETRIABLE)
    return _nothing(rng)


def _nothing(rng: Random) -> Unset | None:
    """Return one of the two spellings of an optional field without a value: null, or left out."""
    return None if rng.random() < 1 / 2 else UNSET
