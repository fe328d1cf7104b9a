"""What is measured, and what follows from it: series, claims, verdicts."""

from __future__ import annotations

import gc
import statistics
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


@dataclass(frozen=True)
class Series:
    """One contender's runs.

    Attributes:
        name: Who ran.
        values: What each run took, in `unit`.
        unit: ``ms``, ``s`` or ``MB``.
        server: Which share of its wall time the server was at work; None where there is none.
    """

    name: str
    values: Sequence[float]
    unit: str = "ms"
    server: float | None = None

    @property
    def median(self) -> float:
        """What a run took as a rule."""
        return statistics.median(self.values)

    @property
    def minimum(self) -> float:
        """What the least disturbed run took."""
        return min(self.values)

    def per(self, number: int, unit: str | None = None) -> Series:
        """Return the series with each value divided, as from a walk to a page of it."""
        values = [value / number for value in self.values]
        return Series(self.name, values, unit or self.unit, self.server)


@dataclass(frozen=True)
class Target:
    """A bound that a ratio is held to."""

    relation: Literal["≤", "≥"]
    bound: float
    unit: str = "×"

    def met_by(self, value: float) -> bool:
        """Tell whether a value keeps the bound."""
        return value <= self.bound if self.relation == "≤" else value >= self.bound

    def __str__(self) -> str:
        return f"{self.relation} {shown(self.bound, self.unit)}"


@dataclass(frozen=True)
class Claim:
    """A figure drawn from series, with what it is held to.

    Attributes:
        what: What the figure is.
        value: It, by the medians: these decide.
        least: It by the minima, or None where there is only one way to draw it.
        target: The bound; None for a figure that is only told.
    """

    what: str
    value: float
    least: float | None = None
    target: Target | None = None
    unit: str = "×"

    @property
    def verdict(self) -> str:
        """``met``, ``missed``, or nothing without a target."""
        if self.target is None:
            return ""
        return "met" if self.target.met_by(self.value) else "missed"


@dataclass(frozen=True)
class Answer:
    """What came of a question.

    Attributes:
        title: The question.
        series: What was measured.
        claims: What follows, target by target.
        remark: What was measured and what was not, in a sentence or two.
    """

    title: str
    series: Sequence[Series]
    claims: Sequence[Claim]
    remark: str = ""


def at_most(bound: float, unit: str = "×") -> Target:
    """Return the target of a cost."""
    return Target("≤", bound, unit)


def at_least(bound: float, unit: str = "×") -> Target:
    """Return the target of a gain."""
    return Target("≥", bound, unit)


def cost(ours: Series, other: Series, target: Target | None = None, what: str = "") -> Claim:
    """Return how many times as much one takes as the other."""
    return Claim(
        what or f"{ours.name} / {other.name}",
        ours.median / other.median,
        ours.minimum / other.minimum,
        target,
    )


def gain(ours: Series, other: Series, target: Target | None = None) -> Claim:
    """Return how many times as fast one is as the other."""
    return cost(other, ours, target, what=f"{ours.name}: times as fast as {other.name}")


def interleaved(
    contenders: Mapping[str, Callable[[], object]],
    runs: int,
    *,
    busy: Callable[[], float] | None = None,
    clock: Callable[[], float] = perf_counter,
) -> list[Series]:
    """Time contenders by turns, A B A B …, so that a noisy minute is everybody's.

    Each first runs once untimed. What one left to the garbage collector is gone before the next.

    Args:
        contenders: What to call, by name.
        runs: How often each is timed.
        busy: Returns the seconds that the server has worked so far.
        clock: Returns seconds.
    """
    for run in contenders.values():
        run()
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    served = dict.fromkeys(contenders, 0.0)
    for _ in range(runs):
        for name, run in contenders.items():
            gc.collect()
            before = busy() if busy else 0.0
            begun = clock()
            run()
            taken[name].append(clock() - begun)
            served[name] += busy() - before if busy else 0.0
    return [
        Series(
            name,
            [1000 * seconds for seconds in values],
            server=served[name] / sum(values) if busy else None,
        )
        for name, values in taken.items()
    ]


def shown(value: float, unit: str) -> str:
    """Return a figure with three digits that count, and its unit."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f} {unit}".rstrip()
