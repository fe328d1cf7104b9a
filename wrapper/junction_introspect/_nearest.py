"""Which listed value somebody meant who wrote another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

# How many characters may be wrong in a value, and how long a value is in which two may be.
_FEW: Final = 1
_SOME: Final = 2
_LONG: Final = 6


def nearest(value: str, known: Iterable[str]) -> str | None:
    """Return the listed value that another is a slip for, if there is one.

    Upper and lower case, hyphens and white space are no difference. Beyond that, one character may
    be wrong, missing, too many or swapped with the next, and two in a longer value.

    Args:
        value: One that is not listed.
        known: Those that are.
    """
    if not value:
        return None
    plain = _plain(value)
    most = _SOME if len(plain) >= _LONG else _FEW
    found = min(((_distance(plain, _plain(each)), each) for each in known), default=None)
    return None if found is None or found[0] > most else found[1]


def did_you_mean(value: str, known: Iterable[str]) -> str:
    """Return a question to put behind a complaint about a value, or nothing."""
    meant = nearest(value, known)
    return "" if meant is None else f"; did you mean `{meant}`?"


def _plain(text: str) -> str:
    return "_".join(text.casefold().replace("-", " ").replace("_", " ").split())


def _distance(first: str, second: str) -> int:
    """Return how many slips lie between two texts (optimal string alignment)."""
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
