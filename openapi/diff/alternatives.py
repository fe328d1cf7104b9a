"""Pair the alternatives of two versions of a schema, and compare which there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openapi.diff.inclusion import MANY, admitted
from openapi.diff.limits import Sides, listed
from openapi.diff.values import canonical

if TYPE_CHECKING:
    from openapi.diff.changes import At, Changes
    from openapi.diff.variants import Variant

_WRITTEN = frozenset(("integer", "number", "boolean"))


def compare_nulls(changes: Changes, origin: tuple[Any, Any], sides: Sides, at: At) -> bool:
    """Note whether null is newly allowed or no longer; return whether to compare the rest."""
    if any(one.kind == "any" for side in sides for one in side):
        return True
    were, are = (any(one.kind == "null" for one in side) for side in sides)
    if were is not are and all(sides):
        only = [all(one.kind == "null" for one in side) for side in sides]
        if only == [were, are]:
            changes.retyped(origin, at, f"{shown(sides[0])} is now {shown(sides[1])}")
            return False
    if are and not were:
        changes.wider(origin, at, "may be null")
    elif were and not are:
        changes.narrower(origin, at, "may no longer be null")
    return True


def compare_unmatched(
    changes: Changes, origin: tuple[Any, Any], unmatched: Sides, sides: Sides, at: At
) -> None:
    """Note the alternatives that have no counterpart in the other version.

    Args:
        changes: Collects the changes.
        origin: The two schemas.
        unmatched: The alternatives without a counterpart, of the old and of the new schema.
        sides: All alternatives of the old and of the new schema.
        at: The place.
    """
    gone, added = unmatched
    left = [one for one in gone if not admitted(one, sides[1])]
    lost = [one for one in left if not (at.as_text and _is_text(one, sides[1]))]
    won = [one for one in added if not admitted(one, sides[0])]
    if gone and added:
        what = f"{shown(gone)} is now {shown(added)}"
        partly = not won or any(_overlap(one, other) for one in lost for other in won)
        if lost:
            (changes.narrower if partly else changes.retyped)(origin, at, what)
        elif won or left:
            changes.wider(origin, at, what)
    elif won:
        what = f"may be {shown(won)} as well" if sides[0] else f"was nothing, is now {shown(won)}"
        changes.wider(origin, at, what)
    elif lost:
        what = (
            f"may no longer be {shown(lost)}" if sides[1] else f"was {shown(lost)}, is now nothing"
        )
        changes.narrower(origin, at, what)
    elif left:
        changes.wider(origin, at, f"{shown(left)} is now sent as any text")


def _is_text(one: Variant, side: list[Variant]) -> bool:
    """Tell whether one of some alternatives allows every value of another, written as text."""
    any_text = any(other.kind == "string" and not other.rules for other in side)
    return any_text and one.kind in _WRITTEN


def _overlap(one: Variant, other: Variant) -> bool:
    kinds = {one.kind, other.kind}
    return "any" in kinds or kinds == {"integer", "number"}


def shown(side: list[Variant]) -> str:
    """Return the text for some alternatives in the description of a change."""
    texts = [
        f"{one} ({listed(one.rules['values'])})"
        if "values" in one.rules and not one.name
        else str(one)
        for one in side
    ]
    return " or ".join(dict.fromkeys(texts))


def matched(
    old: list[Variant], new: list[Variant]
) -> tuple[list[tuple[Variant, Variant]], list[Variant], list[Variant]]:
    """Return pairs of corresponding alternatives, and the unpaired ones of the old and new schema.

    Pairs the same component first, then the same content, then those of the same JSON type that
    have most in common.
    """
    left, right = dict.fromkeys(old), dict.fromkeys(new)
    pairs: list[tuple[Variant, Variant]] = []

    def take(one: Variant, other: Variant) -> None:
        del left[one], right[other]
        pairs.append((one, other))

    for same in (_component, _content):
        known = {same(other): other for other in reversed(right) if same(other)}
        for one in [*left]:
            if (other := known.get(same(one))) and other in right:
                take(one, other)
    if max(len(left), len(right)) > MANY:
        for one, other in zip([*left], [*right], strict=False):
            if one.kind == other.kind:
                take(one, other)
        return pairs, [*left], [*right]
    close = [
        (_in_common(one, other), -i - j, one, other)
        for i, one in enumerate(left)
        for j, other in enumerate(right)
        if one.kind == other.kind
    ]
    for _, _, one, other in sorted(close, key=lambda entry: entry[:2], reverse=True):
        if one in left and other in right:
            take(one, other)
    return pairs, [*left], [*right]


def _component(one: Variant) -> object:
    return one.name and (one.name, one.kind)


def _content(one: Variant) -> object:
    return (one.kind, canonical(one.rules))


def _in_common(one: Variant, other: Variant) -> float:
    """Return the share of values and properties that two alternatives have in common, 0 to 1."""
    names = [
        {*each.rules.get("values", ()), *each.rules.get("properties", ())} for each in (one, other)
    ]
    return len(names[0] & names[1]) / max(1, len(names[0] | names[1]))
