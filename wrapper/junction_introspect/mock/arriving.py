"""Computes how the data of a connection is doing, from its history and the time, without state."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from struct import Struct
from typing import Final

from attrs import frozen

from junction_api.models import (
    LastAttempt,
    SingleHistoricalPullStatistics,
    SingleResourceStatistics,
)
from junction_introspect.mock.connecting import Connecting
from junction_introspect.mock.courses import SETTLED
from junction_introspect.tracking import Key, delivery_of, recurrence_of

# How often the vendor polls, and how often a phone sends.
_POLLING: Final = timedelta(minutes=15)
_SENDING: Final = timedelta(hours=1)

_ORIGIN: Final = datetime(2000, 1, 1, tzinfo=UTC)
_DAY: Final = timedelta(days=1)

# Numbers that depend only on the key. A digest takes a tenth of the time of a seeded generator, and
# one page needs a thousand of them.
_DRAWS: Final = Struct(">5I")


@frozen
class _Rhythm:
    """When the data of one resource of one user is measured: once per period, without end.

    Attributes:
        offset: When in a period it is measured.
        period: The time between two measurements.
        delay: The time from the measurement until the provider has it.
    """

    offset: timedelta
    period: timedelta
    delay: timedelta

    def last(self, moment: datetime) -> datetime:
        """Return the time of the newest data that the provider has at a moment."""
        first = _ORIGIN + self.offset
        return first + (moment - self.delay - first) // self.period * self.period

    def count(self, begin: datetime, end: datetime) -> int:
        """Return how many measurements the provider gets after `begin`, up to `end`."""
        return max(0, (self.last(end) - self.last(begin)) // self.period)


def statistics(
    key: Key, story: Connecting, pull: SingleHistoricalPullStatistics | None, now: datetime
) -> SingleResourceStatistics:
    """Return how the data of a resource is doing at `now`.

    New data is expected once the backfill has ended, or from the connection on if the resource was
    not pulled. A polled provider is asked every 15 minutes, whether or not it has new data. A
    provider that pushes sends when there is new data. A phone sends every hour.

    Args:
        key: Decides the rhythm of the data. Its provider decides how data arrives, and its resource
            how often.
        story: What has happened to the connection.
        pull: The backfill as it is at `now`; None if the resource was not pulled.
        now: The moment.
    """
    resource = key.resource
    digest = blake2b(f"{key.user_id} {key.provider} {resource}".encode(), digest_size=20).digest()
    draws = _DRAWS.unpack(digest)
    begin, stop = _begin(story, pull), story.ended(now, resource)
    if begin is None or stop <= begin:
        return _nothing(draws)
    rhythm = _rhythm(draws, resource)
    measured = draws[4] % 2 == 0 if pull is None else pull.days_with_data != 0
    failing, abandoned = story.failing.get(resource, stop), story.abandoned.get(resource, stop)
    last = max(begin, min(stop, failing, abandoned, story.silent.get(resource, stop)))
    new = 0 if rhythm is None or not measured else rhythm.count(begin, last)
    attempted: datetime | None = None
    delivery = delivery_of(key.provider)
    if delivery == "poll":
        attempted = _floor(begin, max(begin, min(stop, abandoned)), _POLLING)
    elif delivery == "phone":
        attempted = _floor(begin, last, _SENDING)
    elif measured:
        attempted = rhythm.last(last) + rhythm.delay if rhythm is not None and new else begin
    failed = resource in story.failing and failing <= stop
    if failed:
        attempted = max(attempted or failing, failing)
    result = SingleResourceStatistics(
        last_attempt=None
        if attempted is None
        else LastAttempt(timestamp=attempted, status="failure" if failed else "success"),
        oldest_data=None,
        newest_data=None,
        sent_count=0,
    )
    days = pull.days_with_data if pull is not None and pull.days_with_data else 0
    if measured and (days or new or rhythm is None):
        first = story.connected_on if rhythm is None else rhythm.last(begin) + rhythm.period
        if pull is not None and days:
            asked_for = pull.range_start
            first = asked_for if isinstance(asked_for, datetime) else begin - days * _DAY
        result.oldest_data = first
        result.newest_data = first if rhythm is None else max(first, rhythm.last(last))
        result.sent_count = max(1, days + new)
    return result


def _begin(story: Connecting, pull: SingleHistoricalPullStatistics | None) -> datetime | None:
    """Return since when new data is expected; None if the backfill has not ended."""
    if pull is None:
        return story.connected_on
    ended = pull.timeline.ended_at
    return ended if pull.status in SETTLED and isinstance(ended, datetime) else None


def _rhythm(draws: tuple[int, ...], resource: str) -> _Rhythm | None:
    """Return when data is measured; None if it does not recur."""
    recurrence = recurrence_of(resource)
    rhythm = _Rhythm(
        timedelta(seconds=draws[0] % 86_400),
        _DAY if recurrence == "daily" else _DAY * (2 + draws[1] % 5),
        timedelta(seconds=60 + draws[2] % 2_341),
    )
    return None if recurrence == "never" else rhythm


def _floor(begin: datetime, moment: datetime, step: timedelta) -> datetime:
    return begin + (moment - begin) // step * step


def _nothing(draws: tuple[int, ...]) -> SingleResourceStatistics:
    """Return empty statistics in one of two spellings: null values, or fields left out."""
    if draws[3] % 2:
        return SingleResourceStatistics()
    return SingleResourceStatistics(
        last_attempt=None, oldest_data=None, newest_data=None, sent_count=None
    )
