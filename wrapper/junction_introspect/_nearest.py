"""Finds the known value that was probably meant by a misspelt one."""

from __future__ import annotations

from collections.abc import Iterable
from os.path import commonprefix
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
    plain = _plain(value)
    candidates = [(_plain(each), each) for each in sorted(known)]
    for slips in range((_SOME if len(plain) >= _LONG else _FEW) + 1):
        for candidate, each in candidates:
            if _within(slips, plain, candidate):
                return each
    return None


def did_you_mean(value: str, known: Iterable[str]) -> str:
    """Return a suggestion to append to an error about a value, or an empty text."""
    meant = nearest(value, known)
    return "" if meant is None else f"; did you mean `{meant}`?"


def _plain(text: str) -> str:
    return "_".join(text.casefold().replace("-", " ").replace("_", " ").split())


def _within(slips: int, first: str, second: str) -> bool:
    """Tell whether two texts differ by so many slips at most."""
    same = len(commonprefix((first, second)))  # noqa: RUF071 - characters are what counts
    first, second = first[same:], second[same:]
    if not slips:
        return first == second
    return (
        _within(slips - 1, first[1:], second[1:])
        or _within(slips - 1, first[1:], second)
        or _within(slips - 1, first, second[1:])
        or (first[:2] == second[1::-1] and _within(slips - 1, first[2:], second[2:]))
    )
