"""Finds the known value that was probably meant by a misspelt one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

# How many slips are allowed in a value, how many in a long one, and the length of a long one.
_FEW: Final = 1
_SOME: Final = 2
_LONG: Final = 6


def nearest(value: str, known: Iterable[str]) -> str | None:
    """Return the known value that a misspelt value probably means, or None.

    Case is ignored, and hyphens, underscores and white space are the same. Apart from that, one
    character may be wrong, missing, extra or swapped with the next; two in a long value.

    Args:
        value: The misspelt value.
        known: The known values.
    """
    if not value:
        return None
    plain = _plain(value)
    most = _SOME if len(plain) >= _LONG else _FEW
    found = min(((_distance(plain, _plain(each)), each) for each in known), default=None)
    return None if found is None or found[0] > most else found[1]


def did_you_mean(value: str, known: Iterable[str]) -> str:
    """Return a suggestion to append to an error about a value, or an empty text."""
    meant = nearest(value, known)
    return "" if meant is None else f"; did you mean `{meant}`?"


def _plain(text: str) -> str:
    return "_".join(text.casefold().replace("-", " ").replace("_", " ").split())


def _distance(first: str, second: str) -> int:
    """Return the number of slips between two texts (their optimal string alignment distance)."""
    if abs(len(first) - len(second)) > _SOME:
        return _SOME + 1
    before: list[int] = []
    row = list(range(len(second) + 1))
    for i, left in enumerate(first, 1):
        above, row = row, [i]
        for j, right in enumerate(second, 1):
            least = min(above[j] + 1, row[-1] + 1, above[j - 1] + (left != right))
            if i > 1 and j > 1 and left == second[j - 2] and right == first[i - 2]:
                least = min(least, before[j - 2] + 1)
            row.append(least)
        before = above
    return row[-1]
