"""Counts how long pulls took, in bins that get wider with the time."""

from __future__ import annotations

from bisect import bisect_right
from typing import Final

from junction_introspect.report.values import Bin

_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR

# The lower edge of each bin, in seconds: familiar times, two or three per factor of ten.
EDGES: Final[tuple[int, ...]] = (
    *(0, 1, 2, 5, 10, 30),
    *(each * _MINUTE for each in (1, 2, 5, 10, 30)),
    *(each * _HOUR for each in (1, 2, 6, 12)),
    *(each * _DAY for each in (1, 2, 7)),
)


class Histogram:
    """Counts durations in bins. Keeps the counts only."""

    def __init__(self) -> None:
        self._counts = [0] * len(EDGES)

    def add(self, seconds: float) -> None:
        """Count a duration, which must not be negative."""
        self._counts[bisect_right(EDGES, seconds) - 1] += 1

    def bins(self) -> tuple[Bin, ...]:
        """Return the bins, without the empty ones at either end."""
        bins = tuple(map(Bin, EDGES, (*EDGES[1:], None), self._counts))
        filled = [place for place, count in enumerate(self._counts) if count]
        return bins[filled[0] : filled[-1] + 1] if filled else ()
