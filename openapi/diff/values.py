"""Compares JSON values and their bounds."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Key = TypeVar("Key")

LOWER = ("minimum", "minLength", "minItems", "minProperties")
UPPER = ("maximum", "maxLength", "maxItems", "maxProperties")
# The first that fits counts, because a bool is an int in Python.
_JSON_TYPES = (
    *((type(None), "null"), (bool, "boolean"), (int, "integer"), (float, "number")),
    *((str, "string"), (dict, "object")),
)


class Bound(NamedTuple):
    """A lower or upper bound of a number."""

    value: int | float
    exclusive: bool


def both(
    old: Mapping[Key, Any], new: Mapping[Key, Any], missing: Any = None
) -> Iterator[tuple[Key, Any, Any]]:
    """Yield each key of two objects with its old and its new value, or `missing` for either."""
    for key in {**old, **new}:
        yield key, old.get(key, missing), new.get(key, missing)


def json_type(value: Any) -> str:
    """Return the JSON type of a value; 1.0 is an integer."""
    if isinstance(value, float) and value.is_integer():
        return "integer"
    return next((name for python, name in _JSON_TYPES if isinstance(value, python)), "array")


def canonical(value: Any) -> str:
    """Return a text that is equal for equal JSON values: for 1 and 1.0, but not for 1 and true.

    The text can be compared and hashed, which not every value can.
    """
    return json.dumps(_whole(value), sort_keys=True, default=repr)


def told(value: Any) -> str:
    """As `canonical`, but without the `x-` extensions of a document."""
    return canonical(_without_extensions(value))


def _without_extensions(value: Any) -> Any:
    if isinstance(value, dict):
        items = ((str(key), one) for key, one in value.items())
        return {key: _without_extensions(one) for key, one in items if not key.startswith("x-")}
    return [_without_extensions(one) for one in value] if isinstance(value, list) else value


def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {str(key): _whole(one) for key, one in value.items()}
    return [_whole(one) for one in value] if isinstance(value, list) else value


def tightness(key: str, value: Any) -> Any:
    """Return a sort key that is greater for the tighter of two bounds or sizes."""
    if isinstance(value, Bound):
        return (value.value if key == "minimum" else -value.value, value.exclusive)
    return value if key in LOWER else -value


def inclusive(side: str, bound: Bound) -> Bound:
    """Return the inclusive form of a bound for integers."""
    if side == "minimum":
        least = math.floor(bound.value) + 1 if bound.exclusive else math.ceil(bound.value)
        return Bound(least, exclusive=False)
    most = math.ceil(bound.value) - 1 if bound.exclusive else math.floor(bound.value)
    return Bound(most, exclusive=False)


def fraction(value: float) -> Fraction:
    """Return the exact value of a number as it is written in a document."""
    return Fraction(str(value))


def is_multiple(one: float, other: float) -> bool:
    """Tell whether one number is a multiple of another."""
    return other != 0 and (fraction(one) / fraction(other)).denominator == 1
