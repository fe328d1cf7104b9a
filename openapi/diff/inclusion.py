"""Decides which alternatives of a schema include others.

Decides this from listed values, intervals, sizes, multiples, known formats and types. One object or
array includes another only if they are the same.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from openapi.diff.rules import of_kind
from openapi.diff.values import LOWER, UPPER, Bound, canonical, is_multiple, json_type, tightness

if TYPE_CHECKING:
    from openapi.diff.rules import Rules
    from openapi.diff.variants import Variant

_SCALARS = frozenset(("string", "integer", "number", "boolean", "null"))
# If there are more alternatives than this, they are matched only by name and content.
MANY = 256

# Rules for which it can be decided whether a single value meets them.
_DECIDABLE = frozenset(("values", "minimum", "maximum", "minLength", "maxLength", "multipleOf"))

# Each format, with the formats that include all its values.
_FORMATS_WITHIN = {
    "int32": {"int64"},
    "float": {"double"},
    **{f"uuid{version}": {"uuid"} for version in range(1, 9)},
    "email": {"idn-email"},
    "hostname": {"idn-hostname"},
    "uri": {"iri", "uri-reference", "iri-reference"},
    "iri": {"iri-reference"},
    "uri-reference": {"iri-reference"},
}
# These formats do not limit values: every integer or number of an API fits them, and a password may
# be any string.
_NO_LIMITS = frozenset(("int64", "double", "password"))


def within(one: Variant, other: Variant) -> bool:
    """Tell whether every value of one alternative is known to be a value of another."""
    if one is other or (other.kind == "any" and not other.rules):
        return True
    if one.kind == other.kind and one.rules == other.rules:
        return True
    if one.kind not in _SCALARS or other.kind not in _holding(one.kind):
        return False
    wanted = of_kind(other.rules, one.kind)
    return wanted is not None and all(at_least(key, one.rules, wanted[1]) for key in wanted[1])


def _holding(kind: str) -> tuple[str, ...]:
    return (kind, "any", "number") if kind == "integer" else (kind, "any")


def at_least(key: str, one: Rules, other: Rules) -> bool:
    """Tell whether values that meet the rules of `one` are known to meet a rule of `other`."""
    before, limit = one.get(key), other.get(key)
    if limit is None or before == limit:
        return True
    if "values" in one and key in _DECIDABLE:
        return all(_keeps_to(value, key, limit) for value in one["values"].values())
    if key == "format":
        return all(_has_format(before or (), wanted) for wanted in limit)
    return before is not None and _tighter(key, before, limit)


def _tighter(key: str, one: Any, other: Any) -> bool:
    if key in LOWER or key in UPPER:
        return bool(tightness(key, one) >= tightness(key, other))
    if key == "multipleOf":
        return is_multiple(one, other)
    return key in ("pattern", "required") and {*other} <= {*one}


def _has_format(formats: Any, wanted: str) -> bool:
    return wanted in _NO_LIMITS or any(
        wanted == one or wanted in _FORMATS_WITHIN.get(one, ()) for one in formats
    )


def _keeps_to(value: Any, key: str, limit: Any) -> bool:
    """Tell whether a value meets one of the decidable rules."""
    if key == "values":
        return canonical(value) in limit
    if key in ("minLength", "maxLength"):
        return not isinstance(value, str) or _tighter(key, len(value), limit)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return True
    if key == "multipleOf":
        return is_multiple(value, limit)
    reached = value == limit.value
    return not limit.exclusive if reached else _tighter(key, Bound(value, exclusive=True), limit)


def admitted(one: Variant, side: list[Variant]) -> bool:
    """Tell whether one of some alternatives is known to allow every value of another."""
    return any(within(one, other) for other in side)


def admits(side: list[Variant], value: Any) -> bool:
    """Tell whether a value is known to be allowed by some alternatives."""
    kinds = _holding(json_type(value))
    return any(
        other.kind in kinds
        and all(
            key in _DECIDABLE and _keeps_to(value, key, limit) for key, limit in other.rules.items()
        )
        for other in side
    )


def minimal(variants: list[Variant], schema: Any) -> list[Variant]:
    """Return alternatives that allow the same values, without those that add nothing.

    Args:
        variants: Alternatives of one schema.
        schema: The schema. It becomes the source of alternatives without a name that are merged
            because they differ only in their listed values.
    """
    alike: dict[object, list[Variant]] = {}
    for one in dict.fromkeys(variants):
        key: object = one
        if one.name is None and "values" in one.rules:
            rest = {name: rule for name, rule in one.rules.items() if name != "values"}
            key = (one.kind, canonical(rest))
        alike.setdefault(key, []).append(one)
    left = [_merged(same, schema) for same in alike.values()]
    if len(left) > MANY:
        return left
    for one in [*left]:
        if one.kind in _SCALARS and any(within(one, other) for other in left if other is not one):
            left.remove(one)
    return left


def _merged(same: list[Variant], schema: Any) -> Variant:
    """Merge alternatives that differ only in their listed values into one."""
    if len(same) == 1:
        return same[0]
    values = {text: value for one in same for text, value in one.rules["values"].items()}
    kind, rules = of_kind({**same[0].rules, "values": values}, same[0].kind) or ("any", {})
    return replace(same[0], kind=kind, rules=rules, source=schema)
