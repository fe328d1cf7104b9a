"""The greatest of what comes by, in bounded memory, and how room is shared between groups."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from itertools import count
from typing import Any, Generic, TypeVar

T = TypeVar("T")
K = TypeVar("K")


class Greatest(Generic[T]):
    """Keeps the values with the greatest ranks.

    Args:
        size: How many to keep.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        # The number keeps values from being compared, and the first of equals in place.
        self._heap: list[tuple[tuple[Any, ...], int, T]] = []
        self._numbers = count(0, -1)
        self.seen = 0

    def add(self, rank: tuple[Any, ...], value: T) -> None:
        """Keep a value if its rank is among the greatest so far."""
        self.seen += 1
        if len(self._heap) < self._size:
            heapq.heappush(self._heap, (rank, next(self._numbers), value))
        elif self._heap and rank > self._heap[0][0]:
            heapq.heapreplace(self._heap, (rank, next(self._numbers), value))

    def values(self) -> list[T]:
        """Return what was kept, the greatest first."""
        return [value for _, _, value in sorted(self._heap, key=_order, reverse=True)]


def _order(entry: tuple[tuple[Any, ...], int, object]) -> tuple[tuple[Any, ...], int]:
    return entry[:2]


def allotted(wanted: Mapping[K, int], room: int) -> dict[K, int]:
    """Share out some room, so that no group is crowded out by another.

    Each group gets what it wants as far as an even share goes; what some leave of theirs goes to
    the others, and what cannot be divided to the first.

    Args:
        wanted: How much each group could use, the most important first.
        room: How much there is.
    """
    given: dict[K, int] = dict.fromkeys(wanted, 0)
    left = room
    while hungry := [group for group in wanted if given[group] < wanted[group]]:
        share, odd = divmod(left, len(hungry))
        for place, group in enumerate(hungry):
            portion = min(wanted[group] - given[group], share + (place < odd))
            given[group] += portion
            left -= portion
        if not left:
            break
    return given
