"""How the data of one connection is doing: a function of its story and of time, without state."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from struct import Struct
from typing import Final

from attrs import frozen

from junction_api.models.last_attempt import LastAttempt
from junction_api.models.single_historical_pull_statistics import (
    SingleHistoricalPullStatistics,
)
from junction_api.models.single_resource_statistics import SingleResourceStatistics
from junction_introspect.mock.connecting import Connecting
from junction_introspect.mock.courses import SETTLED
from junction_introspect.tracking import Key, delivery_of, recurrence_of

# How often the vendor polls, and a phone sends.
_POLLING: Final = timedelta(minutes=15)
_SENDING: Final = timedelta(hours=1)

_ORIGIN: Final = datetime(2000, 1, 1, tzinfo=UTC)
_DAY: Final = timedelta(days=1)

# Numbers that depend on the key alone. A digest takes a tenth of the time of a seeded generator,
# and a page asks for a thousand.
_DRAWS: Final = Struct(">5I")


@frozen
class _Rhythm:
    """When the data of one resource of one user comes into being: at equal distances, for ever.

    Attributes:
        offset: Where in a period it does.
        period: The distance.
        delay: How long until the provider has it.
    """

    offset: timedelta
    period: timedelta
    delay: timedelta

    def last(self, moment: datetime) -> datetime:
        """Return the time of the newest datum that the provider has at a moment."""
        first = _ORIGIN + self.offset
        return first + (moment - self.delay - first) // self.period * self.period

    def count(self, begin: datetime, end: datetime) -> int:
        """Return how many the provider gets after `begin`, up to `end`."""
        return max(0, (self.last(end) - self.last(begin)) // self.period)


def statistics(
    key: Key, story: Connecting, pull: SingleHistoricalPullStatistics | None, now: datetime
) -> SingleResourceStatistics:
    """Return how the data of a resource is doing at `now`.

    New data is looked for once the backfill has ended; of a resource that was not pulled, from the
    connection on. A provider that is polled is asked every 15 minutes, whether or not it has
    anything; one that pushes is heard of when there is something new; a phone, every hour.

    Args:
        key: Decides the rhythm of the data; the provider how it arrives, the resource how often
            there is any.
        story: What has happened to the connection.
        pull: The backfill as it stands at `now`; None where the resource was not pulled.
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
    match delivery_of(key.provider):
        case "poll":
            attempted = _floor(begin, max(begin, min(stop, abandoned)), _POLLING)
        case "phone":
            attempted = _floor(begin, last, _SENDING)
        case _ if measured:
            attempted = rhythm.last(last) + rhythm.delay if rhythm is not None and new else begin
        case _:
            pass
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
    """Return when new data began to be looked for; None where that is still to come."""
    if pull is None:
        return story.connected_on
    ended = pull.timeline.ended_at
    return ended if pull.status in SETTLED and isinstance(ended, datetime) else None


def _rhythm(draws: tuple[int, ...], resource: str) -> _Rhythm | None:
    """Return when data comes into being; None where it does once."""
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
    """Either spelling of statistics without a value: nulls, or left out."""
    if draws[3] % 2:
        return SingleResourceStatistics()
    return SingleResourceStatistics(
        last_attempt=None, oldest_data=None, newest_data=None, sent_count=None
    )
