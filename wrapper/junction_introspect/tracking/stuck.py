"""Pulls that should have moved, and pulls that contradict themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

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
        raise ValueError(f"{attribute.name} must be more than nothing")


@frozen(kw_only=True)
class Thresholds:
    """For how long something may stand still before it counts as stuck, late or silent.

    Attributes:
        scheduled: From `scheduled_at`. An hour: workers take up a pull within minutes, and a queue
            that is longer says that something is wrong with it.
        in_progress: From `started_at`. Twelve hours: months of data take minutes to hours.
        retrying: From `started_at`. A day: the rate limits of most providers renew at least daily.
        empty_range: How long a range has to be for a success without a single day of data to be
            strange. Three weeks: a device left in a drawer for a fortnight is none.
        polling: How old the last attempt at a polled resource may be. A day: most are polled every
            15 minutes or so, some less often.
        daily_data: How old the newest datum of a polled resource may be that recurs daily. A week.
        episodic_data: The same for one that recurs now and then, such as workouts or weight; also
            how long a provider that pushes may bring nothing of it. Four weeks.
        silence: How long a provider that pushes may bring nothing of a resource that recurs daily.
            Three days.
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
    """A pull that needs a look.

    Attributes:
        pull: The row.
        problem: What is wrong with it.
        explanation: The same in words, with no id in it.
        since: Since when it has stood still; None for a contradiction.
        overdue: By how much it is over its threshold; None for a contradiction.
    """

    pull: HistoricalPull
    problem: Problem
    explanation: str
    since: datetime | None = None
    overdue: timedelta | None = None

    @property
    def trace_id(self) -> str | None:
        """What to quote to the vendor's support."""
        return self.pull.trace_id


def stuck(
    rows: Iterable[HistoricalPull], now: datetime, thresholds: Thresholds | None = None
) -> Iterator[Finding]:
    """Yield what should have moved and what contradicts itself, lazily; a row may have several.

    Failures are none: they have ended. Nor is an unrecognized status: nobody can tell.

    Args:
        rows: Any rows.
        now: The time to measure from.
        thresholds: How long is too long.
    """
    limits = thresholds or Thresholds()
    for row in rows:
        yield from _standstill(row, in_utc(now), limits)
        yield from _contradictions(row, limits)


def _standstill(row: HistoricalPull, now: datetime, limits: Thresholds) -> Iterator[Finding]:
    problem: Problem
    match row.status:
        case "scheduled":
            since, limit = row.scheduled_at, limits.scheduled
            problem, words = "not_started", "scheduled {} ago and not started"
        case "in_progress":
            since, limit = row.started_at or row.scheduled_at, limits.in_progress
            problem, words = "not_finished", "in progress for {}"
        case "retrying":
            since, limit = row.started_at or row.scheduled_at, limits.retrying
            problem, words = "still_retrying", "retrying for {}"
        case _:
            return
    if since is None:
        return
    waited = now - in_utc(since)
    if waited > limit:
        words = f"{words.format(in_words(waited))}; {in_words(limit)} would be long"
        yield Finding(row, problem, words, since, waited - limit)


def _contradictions(row: HistoricalPull, limits: Thresholds) -> Iterator[Finding]:
    # Where it is retried, the end is that of an earlier attempt.
    if row.status is None or not is_final(row.status):
        return
    if row.ended_at is None:
        yield Finding(row, "final_without_end", f"{row.status}, yet without a time of its end")
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
            row, "success_without_data", f"success, yet no data in a range of {length.days} days"
        )
