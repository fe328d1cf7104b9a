"""Joins two sets of rules that must both hold, as in an `allOf`."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from openapi.diff.rules import BELOW, NAMED_BELOW
from openapi.diff.values import LOWER, UPPER, fraction, tightness

if TYPE_CHECKING:
    from collections.abc import Callable

    from openapi.diff.rules import Rules


def joined(one: Rules, other: Rules, both: Callable[[str, Any, Any], Any]) -> Rules:
    """Return the rules for values that meet both sets of rules.

    Args:
        one: The first set of rules.
        other: The second set of rules.
        both: Returns the schema for values that meet two schemas, or, for ``not``, one of them.
    """
    rules = dict(one)
    for key, value in other.items():
        if key not in rules:
            rules[key] = value
        elif rules[key] != value:
            _join(rules, key, value, both)
    return rules


def _join(rules: Rules, key: str, value: Any, both: Callable[[str, Any, Any], Any]) -> None:
    before = rules[key]
    if key in ("values", "x-extensible-enum"):
        rules[key] = {text: one for text, one in before.items() if text in value}
    elif key in LOWER or key in UPPER:
        rules[key] = max(before, value, key=lambda limit: tightness(key, limit))
    elif key in ("pattern", "format", "required", "allOf"):
        rules[key] = [*before, *(one for one in value if one not in before)]
    elif key == "multipleOf":
        rules[key] = _common_multiple(before, value)
    elif key == "properties" or key in NAMED_BELOW:
        shared = {name: both(key, before[name], value[name]) for name in before if name in value}
        rules[key] = {**before, **value, **shared}
    elif key in BELOW or key == "not":
        rules[key] = both(key, before, value)
    else:
        # Both hold but cannot be merged into one rule, so they are kept and compared separately.
        aside = value if key in ("contains", "if") else {key: value}
        rules["allOf"] = [*rules.get("allOf", ()), aside]


def _common_multiple(one: float, other: float) -> float:
    left, right = fraction(one), fraction(other)
    denominator = math.lcm(left.denominator, right.denominator)
    found = Fraction(math.lcm(int(left * denominator), int(right * denominator)), denominator)
    return int(found) if found.denominator == 1 else float(found)
