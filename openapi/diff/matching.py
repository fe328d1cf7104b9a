"""Finds pairs of alternatives in two versions of a schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openapi.diff.inclusion import MANY
from openapi.diff.values import canonical

if TYPE_CHECKING:
    from openapi.diff.variants import Variant


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
