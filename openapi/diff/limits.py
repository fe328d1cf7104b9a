"""Compare what limits the values of a schema: enums, formats, patterns and sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openapi.diff.changes import Grade
from openapi.diff.inclusion import admits, at_least, within
from openapi.diff.values import LOWER, UPPER, Bound, canonical

if TYPE_CHECKING:
    from collections.abc import Callable

    from openapi.diff.changes import At, Changes
    from openapi.diff.variants import Variant

LIMITS = (*LOWER, *UPPER, "format", "pattern", "multipleOf", "uniqueItems")
LISTS = ("values", "x-extensible-enum")

# The old and the new alternatives.
Sides = tuple[list["Variant"], list["Variant"]]


def compare_limits(
    changes: Changes, old: Variant, new: Variant, at: At, *, beside: list[Variant]
) -> None:
    """Note the values, formats, patterns and bounds that have changed.

    Args:
        changes: Collects the changes.
        old: An alternative of the old schema.
        new: Its counterpart in the new schema.
        at: The place.
        beside: All alternatives of the new schema, because a value may have moved to another one.
    """
    same = within(old, new) and within(new, old)
    for key in LISTS:
        _lists(changes, key, (old, new), at, beside)
    for key in LIMITS:
        before, after = old.rules.get(key), new.rules.get(key)
        if before == after:
            continue
        origin = (old.source, new.source)
        if same:
            changes.add(origin, Grade.ABSORBED, at, _said(key, before, after))
            continue
        wider = at_least(key, old.rules, new.rules)
        note: Callable[..., None] = changes.wider if wider else changes.narrower
        if key == "format" and before and after and not wider:
            narrower = at_least(key, new.rules, old.rules)
            note = changes.narrower if narrower else changes.retyped
        note(origin, at, _said(key, before, after))


def _said(key: str, before: Any, after: Any) -> str:
    if before is None:
        return f"{_limit(key, after)} added"
    if after is None:
        return f"no longer {_limit(key, before)}"
    return f"{_limit(key, before)} is now {_limit(key, after).removeprefix(f'{key} ')}"


def _limit(key: str, value: Any) -> str:
    if isinstance(value, Bound):
        word = f"exclusive{key.capitalize()}" if value.exclusive else key
        return f"{word} {value.value}"
    shown = " and ".join(value) if isinstance(value, list | tuple) else canonical(value)
    return f"{key} {shown}"


def _lists(
    changes: Changes, key: str, sides: tuple[Variant, Variant], at: At, beside: list[Variant]
) -> None:
    old, new = sides
    before, after = old.rules.get(key), new.rules.get(key)
    origin = (old.source, new.source)
    if before is None and after is not None:
        changes.narrower(origin, at, f"now limited to {listed(after)}")
    elif before is not None and after is None:
        changes.wider(origin, at, "no longer limited to listed values")
    elif before is not None and after is not None:
        added = {text: value for text, value in after.items() if text not in before}
        if added and at.condition:
            changes.wider(origin, at, f"new enum {listed(added)}")
        elif added:
            changes.add(origin, Grade.ABSORBED, at, f"new enum {listed(added)}")
        gone = {text: value for text, value in before.items() if text not in after}
        elsewhere = {text: value for text, value in gone.items() if admits(beside, value)}
        if elsewhere:
            what = f"no longer here, but in another alternative: enum {listed(elsewhere)}"
            changes.add(origin, Grade.ABSORBED, at, what)
        if gone := {text: value for text, value in gone.items() if text not in elsewhere}:
            changes.narrower(origin, at, f"gone: enum {listed(gone)}")


def listed(values: dict[str, Any]) -> str:
    """Return the text for the values of an enum in the description of a change."""
    texts = [one if isinstance(one, str) and one else canonical(one) for one in values.values()]
    return f"value{'s' if len(texts) != 1 else ''} {', '.join(texts) or '(none)'}"
