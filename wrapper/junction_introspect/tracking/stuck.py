"""Finds pulls that make no progress and pulls that contradict themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

from attrs import Attribute, field, frozen

from junction_introspect._data import Data
from junction_introspect.enums import is_final
from junction_introspect.operations.historical_pulls import HistoricalPull
from junction_introspect.tracking.states import in_utc
from junction_introspect.tracking.text import in_words

Problem: TypeAlias = Literal[
    "not_started",
    "not_finished",
    "still_retrying",
    "final_without_end",
    "ended_before_start",
    "success_without_data",
]


def _positive(_: object, attribute: Attribute[timedelta], value: timedelta) -> None:
    if value <= timedelta():
        raise ValueError(f"{attribute.name} must be more than 0")


@frozen(kw_only=True)
class Thresholds:
    """How long something may make no progress before it counts as stuck, late or silent.

    Attributes:
        scheduled: How long a pull may be scheduled, from `scheduled_at`. 1 hour: workers start a
            pull within minutes, and a longer queue means that something is wrong.
        in_progress: How long a pull may run, from `started_at`. 12 hours: months of data take
            minutes to hours.
        retrying: How long a pull may be retried, from `started_at`. 1 day: the rate limits of most
            providers renew at least daily.
        empty_range: How long a range must be before a success without any day of data is reported.
            3 weeks: it is normal that a device is not worn for two weeks.
        polling: How old the last attempt at a polled resource may be. 1 day: most are polled every
            15 minutes or so, some less often.
        daily_data: How old the newest data of a polled resource that recurs daily may be. 1 week.
        episodic_data: The same for a resource that recurs now and then, such as workouts or weight;
            also how long a provider that pushes may send nothing for it. 4 weeks.
        silence: How long a provider that pushes may send nothing for a resource that recurs daily.
            3 days.
    """

    scheduled: timedelta = field(default=timedelta(hours=1), validator=_positive)
    in_progress: timedelta = field(default=timedelta(hours=12), validator=_positive)
    retrying: timedelta = field(default=timedelta(days=1), validator=_positive)
    empty_range: timedelta = field(default=timedelta(days=21), validator=_positive)
    polling: timedelta = field(default=timedelta(days=1), validator=_positive)
    daily_data: timedelta = field(default=timedelta(days=7), validator=_positive)
    episodic_data: timedelta = field(default=timedelta(days=28), validator=_positive)
    silence: timedelta = field(default=timedelta(days=3), validator=_positive)


@frozen
class Finding(Data):
    """A problem of one pull.

    Attributes:
        pull: The row.
        problem: What is wrong with it.
        explanation: The problem in words, without ids.
        since: When it last made progress; None for a contradiction.
        overdue: By how much it exceeds its threshold; None for a contradiction.
    """

    pull: HistoricalPull
    problem: Problem
    explanation: str
    since: datetime | None = None
    overdue: timedelta | None = None

    @property
    def trace_id(self) -> str | None:
        """The id to quote to the vendor's support."""
        return self.pull.trace_id


def stuck(
    rows: Iterable[HistoricalPull], now: datetime, thresholds: Thresholds | None = None
) -> Iterator[Finding]:
    """Yield the problems of each row, lazily: no progress, or a contradiction. May be several.

    A failure is not a problem in this sense, because it has ended. A row with an unrecognized
    status is never reported as stuck, because the meaning of its status is unknown.

    Args:
        rows: Any rows.
        now: The time to measure from.
        thresholds: How long is too long.
    """
    limits = thresholds or Thresholds()
    for row in rows:
        yield from _standstill(row, in_utc(now), limits)
        yield from _contradictions(row, limits)


# By status. A threshold has the name of the status that it is for.
_STANDSTILLS: Final[Mapping[str, tuple[Problem, str]]] = {
    "scheduled": ("not_started", "scheduled {} ago and not started"),
    "in_progress": ("not_finished", "in progress for {}"),
    "retrying": ("still_retrying", "retrying for {}"),
}


def _standstill(row: HistoricalPull, now: datetime, limits: Thresholds) -> Iterator[Finding]:
    if row.status is None or row.status not in _STANDSTILLS:
        return
    problem, words = _STANDSTILLS[row.status]
    since = row.scheduled_at if row.status == "scheduled" else row.started_at or row.scheduled_at
    limit: timedelta = getattr(limits, row.status)
    if since is None:
        return
    waited = now - in_utc(since)
    if waited > limit:
        words = f"{words.format(in_words(waited))}; more than {in_words(limit)} is too long"
        yield Finding(row, problem, words, since, waited - limit)


def _contradictions(row: HistoricalPull, limits: Thresholds) -> Iterator[Finding]:
    # While a pull is retried, `ended_at` is the end of an earlier attempt.
    if row.status is None or not is_final(row.status):
        return
    if row.ended_at is None:
        yield Finding(row, "final_without_end", f"{row.status}, but without an end time")
    elif row.started_at is not None and in_utc(row.ended_at) < in_utc(row.started_at):
        early = in_words(in_utc(row.started_at) - in_utc(row.ended_at))
        yield Finding(row, "ended_before_start", f"ended {early} before it was started")
    if row.status != "success" or row.days_with_data:
        return
    if row.range_start is None or row.range_end is None:
        return
    length = in_utc(row.range_end) - in_utc(row.range_start)
    if length >= limits.empty_range:
        yield Finding(
            row, "success_without_data", f"success, but no data in a range of {length.days} days"
        )
