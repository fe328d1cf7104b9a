"""Pairs the fields and other schemas inside a schema with those of another version."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeAlias

from openapi.diff.changes import REQUEST, RESPONSE, Grade
from openapi.diff.rules import BELOW, NAMED_BELOW
from openapi.diff.values import both

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openapi.diff.changes import At, Changes
    from openapi.diff.variants import Variant

STRUCTURE = frozenset(
    (
        *("properties", "required", "prefixItems", "allOf", "not", "if", "contains"),
        *(*BELOW, *NAMED_BELOW),
    )
)
_GONE = {REQUEST: "stop sending it", RESPONSE: "do without it"}
Pairs: TypeAlias = "Iterator[tuple[Any, Any, At]]"


def compare_structure(changes: Changes, old: Variant, new: Variant, at: At) -> Pairs:
    """Note changes in how a schema uses inner schemas, and yield the inner schemas to compare.

    Yields:
        An old and a new inner schema, and their place.
    """
    yield from _fields(changes, old, new, at)
    for key, mark in BELOW.items():
        if key in old.rules or key in new.rules:
            yield old.rules.get(key, True), new.rules.get(key, True), at.below(mark)
    for key, mark in NAMED_BELOW.items():
        before, after = old.rules.get(key, {}), new.rules.get(key, {})
        for name, one, other in both(before, after, missing=True):
            yield one, other, at.below(mark.format(name))
    yield from _items(old, new, at)
    if "not" in old.rules or "not" in new.rules:
        yield old.rules.get("not", False), new.rules.get("not", False), at.tested(" (not)", -1)
    yield from _contains(changes, old, new, at)
    yield from _conditions(old, new, at)
    before, after = old.rules.get("allOf", []), new.rules.get("allOf", [])
    if len(before) == len(after):
        yield from ((one, other, at.tested("")) for one, other in zip(before, after, strict=True))
    else:
        changes.unclear((old.source, new.source), at, "allOf changed")


def _fields(changes: Changes, old: Variant, new: Variant, at: At) -> Pairs:
    """Note fields that are new, gone, newly required or no longer required; yield the others."""
    before, after = (side.rules.get("properties", {}) for side in (old, new))
    needed = [set(side.rules.get("required", ())) for side in (old, new)]
    # A required name that is not in `properties` is a field of any type.
    for name in dict.fromkeys((*before, *after, *sorted(needed[0] | needed[1]))):
        below = at.field(name)
        were, are = (name in side for side in needed)
        had, has = name in before or were, name in after or are
        origin = (old.source, new.source, name)
        # A condition does not describe all fields: one that it does not name may be present too.
        if at.condition or (had and has):
            if were is not are:
                changes.required(origin, below, now=are)
            yield before.get(name, True), after.get(name, True), below
        elif has:
            changes.added(origin, below, "field", required=are)
        else:
            what = f"{'required' if were else 'optional'} field gone"
            grade = Grade.BREAKING if were or at.direction == REQUEST else Grade.ATTENTION
            changes.add(origin, grade, below, what, _GONE[at.direction])


def _items(old: Variant, new: Variant, at: At) -> Pairs:
    lists = [side.rules.get("prefixItems", []) for side in (old, new)]
    for number in range(max(map(len, lists))):
        before, after = (
            items[number] if number < len(items) else side.rules.get("items", True)
            for items, side in zip(lists, (old, new), strict=True)
        )
        yield before, after, at.below(f"[{number}]")


def _contains(changes: Changes, old: Variant, new: Variant, at: At) -> Pairs:
    before, after = old.rules.get("contains"), new.rules.get("contains")
    origin = (old.source, new.source)
    if before is None and after is not None:
        changes.narrower(origin, at, "contains added")
    elif before is not None and after is None:
        changes.wider(origin, at, "no longer contains")
    elif before is not None and after is not None:
        # With maxContains, a wider inner schema may allow fewer arrays, so the sense is unknown.
        sense = 0 if "maxContains" in before or "maxContains" in after else 1
        yield before["contains"], after["contains"], at.tested("[some]", sense)
        for key, default, sign in (("minContains", 1, -1), ("maxContains", math.inf, 1)):
            was, now = before.get(key, default), after.get(key, default)
            if was != now:
                note = changes.wider if (now > was) is (sign > 0) else changes.narrower
                note(origin, at, f"{key} {_shown(was)} is now {_shown(now)}")


def _shown(count: float) -> str:
    return "unlimited" if count == math.inf else str(count)


def _conditions(old: Variant, new: Variant, at: At) -> Pairs:
    found = [side.rules.get("if", {}) for side in (old, new)]
    for key in ("then", "else"):
        if any(key in side for side in found):
            yield found[0].get(key, True), found[1].get(key, True), at.tested(f" ({key})")
    if all(found):
        branches = {key for side in found for key in ("then", "else") if key in side}
        # If more values meet the condition, more values must meet `then`.
        sense = 0 if len(branches) > 1 else -1 if "then" in branches else 1
        yield found[0]["if"], found[1]["if"], at.tested(" (if)", sense)
