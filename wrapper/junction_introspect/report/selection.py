"""Keeps the greatest of many values in bounded memory, and divides a limit between groups."""

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
        # The number breaks ties: values are never compared, and the first of equal ranks is kept.
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


def allotted(wanted: Mapping[K, int], total: int) -> dict[K, int]:
    """Divide a total between groups, so that no group is crowded out by another.

    Each group gets what it wants, up to an equal share. What a group does not use goes to the
    others; a remainder that cannot be divided goes to the first groups.

    Args:
        wanted: How much each group could use, the most important group first.
        total: How much there is to divide.
    """
    given: dict[K, int] = dict.fromkeys(wanted, 0)
    left = total
    while hungry := [group for group in wanted if given[group] < wanted[group]]:
        share, odd = divmod(left, len(hungry))
        for place, group in enumerate(hungry):
            portion = min(wanted[group] - given[group], share + (place < odd))
            given[group] += portion
            left -= portion
        if not left:
            break
    return given
