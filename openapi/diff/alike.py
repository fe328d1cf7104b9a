"""Compares nodes that this package does not interpret, with their references resolved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openapi.diff.values import canonical

if TYPE_CHECKING:
    from openapi.diff.variants import Schemas


def alike(one: Any, other: Any, key: str, before: Schemas, after: Schemas) -> bool:
    """Tell whether two objects have the same value for a key, with references resolved.

    Args:
        one: An object of one document.
        other: An object of another document.
        key: The key; the objects count as alike if both lack it.
        before: Follows the references of the first document.
        after: Follows the references of the second document.
    """
    if key not in one or key not in other:
        return (key in one) is (key in other)
    waiting = [(one[key], other[key])]
    seen: set[tuple[int, int]] = set()
    while waiting:
        left, right = waiting.pop()
        if (id(left), id(right)) in seen:
            continue
        seen.add((id(left), id(right)))
        left, right = before.follow(left), after.follow(right)
        if isinstance(left, dict) and isinstance(right, dict):
            keys = {key for side in (left, right) for key in side if not str(key).startswith("x-")}
            if any((key in left) is not (key in right) for key in keys):
                return False
            waiting += [(left[key], right[key]) for key in keys]
        elif isinstance(left, list) and isinstance(right, list):
            if len(left) != len(right):
                return False
            waiting += zip(left, right, strict=True)
        elif canonical(left) != canonical(right):
            return False
    return True
