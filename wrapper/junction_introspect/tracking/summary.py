"""Counts pulls by state, and measures how long they took."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from uuid import UUID

from attrs import field, frozen

from junction_introspect.operations.historical_pulls import HistoricalPull
from junction_introspect.tracking.states import State, in_utc, state_of


@frozen
class Spread:
    """The distribution of some durations.

    Attributes:
        count: How many durations there are.
        median: The median, in seconds.
        p95: The 95th percentile, in seconds, interpolated between the two nearest durations.
    """

    count: int
    median: float
    p95: float


@frozen
class Tally:
    """Pulls that were counted together.

    Attributes:
        states: How many are in each state; empty states are left out.
        queueing: The time from scheduled to started; None if no pull has both times.
        duration: The time from started to ended; None if no pull has both times.
    """

    states: Counter[State]
    queueing: Spread | None
    duration: Spread | None

    @property
    def pulls(self) -> int:
        """How many pulls there are, including resources that were not pulled."""
        return self.states.total()

    @property
    def settled(self) -> int:
        """How many have settled: those that are neither waiting nor unrecognized."""
        return self.pulls - self.states["waiting"] - self.states["unrecognized"]


@frozen
class Summary:
    """What `summarize` found.

    Attributes:
        total: All pulls.
        by_resource: The pulls of each (provider, resource), in alphabetical order.
        by_user: How many pulls of each user are in each state, in the order of the rows.
    """

    total: Tally
    by_resource: Mapping[tuple[str, str], Tally]
    by_user: Mapping[UUID, Counter[State]]


@frozen
class _Measures:
    """Counts and times that are being collected for a tally. Each time takes 8 bytes."""

    states: Counter[State] = field(factory=Counter["State"])
    queueing: array[float] = field(factory=lambda: array("d"))
    duration: array[float] = field(factory=lambda: array("d"))

    def tally(self) -> Tally:
        return Tally(self.states, _spread(self.queueing), _spread(self.duration))


def summarize(rows: Iterable[HistoricalPull]) -> Summary:
    """Count pulls by provider, resource, user and state, and measure how long they took.

    Reads the rows once and does not keep them. Keeps at most two numbers per row and one counter
    per user. A negative duration is a contradiction and is left out.

    Args:
        rows: Any rows; a key that occurs twice is counted twice.
    """
    by_user: defaultdict[UUID, Counter[State]] = defaultdict(Counter)

    def counting() -> Iterator[HistoricalPull]:
        for row in rows:
            by_user[row.user_id][state_of(row)] += 1
            yield row

    return Summary(*tallies(counting()), dict(by_user))


def tallies(rows: Iterable[HistoricalPull]) -> tuple[Tally, Mapping[tuple[str, str], Tally]]:
    """Count as `summarize`, but not by user. The rows may be of several teams.

    Returns:
        All pulls, and the pulls of each (provider, resource).
    """
    measures: defaultdict[tuple[str, str], _Measures] = defaultdict(_Measures)
    for row in rows:
        measure = measures[row.provider, row.resource]
        measure.states[state_of(row)] += 1
        _add(measure.queueing, row.scheduled_at, row.started_at)
        _add(measure.duration, row.started_at, row.ended_at)
    total = _Measures()
    for measure in measures.values():
        total.states.update(measure.states)
        total.queueing.extend(measure.queueing)
        total.duration.extend(measure.duration)
    return total.tally(), {name: measures[name].tally() for name in sorted(measures)}


def _add(times: array[float], begin: datetime | None, end: datetime | None) -> None:
    if begin is None or end is None:
        return
    seconds = (in_utc(end) - in_utc(begin)).total_seconds()
    if seconds >= 0:
        times.append(seconds)


def _spread(times: array[float]) -> Spread | None:
    if not times:
        return None
    ordered = sorted(times)
    return Spread(len(ordered), _quantile(ordered, 0.5), _quantile(ordered, 0.95))


def _quantile(ordered: list[float], share: float) -> float:
    # As statistics.quantiles(method="inclusive"), which needs at least two numbers.
    position = share * (len(ordered) - 1)
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)
