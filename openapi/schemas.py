"""Compare two schemas from the side of the caller, who writes requests and reads responses."""

from __future__ import annotations

import json
from collections import deque
from typing import Any

from openapi.changes import REQUEST, RESPONSE, At, Changes, Grade
from openapi.limits import LIMITS, NARROWER, WIDER, compare_limits, compare_values
from openapi.naming import class_name, renamed, retitled
from openapi.variants import ANNOTATIONS, Schemas, Variant, matched, reference, values

ABSORBED, ATTENTION, BREAKING = Grade.ABSORBED, Grade.ATTENTION, Grade.BREAKING

# Keywords that hold one schema, and what stands for it in a place.
_BELOW = {
    "items": "[]",
    "additionalProperties": ".*",
    "propertyNames": ".<key>",
    "contains": "[some]",
    "unevaluatedItems": "[others]",
    "unevaluatedProperties": ".<others>",
    **{key: f" ({key})" for key in ("not", "if", "then", "else", "contentSchema")},
}
_NAMED_BELOW = {"patternProperties": ".<{}>", "dependentSchemas": " (with {})"}
_HANDLED = {"type", "properties", "required", *LIMITS, *_BELOW}
_HANDLED |= _NAMED_BELOW.keys()

_NOTHING: Any = object()


class SchemaComparison:
    """Compares the schemas of two documents, each pair of nodes once in each direction."""

    def __init__(self, old: Schemas, new: Schemas, changes: Changes) -> None:
        self._old = old
        self._new = new
        self._changes = changes
        # The nodes themselves are the values: their ids must stay theirs.
        self._seen: dict[tuple[object, ...], tuple[Any, Any]] = {}
        # Breadth first: a change is told at the shortest way to it, and no document is too deep.
        self._waiting: deque[tuple[Variant, Variant, At, tuple[Any, Any], str]] = deque()

    def compare(
        self,
        old: Any,
        new: Any,
        at: At,
        *,
        annotated: bool = True,
        titled: bool = True,
        owner: str = "",
    ) -> None:
        """Note the changes between two schemas at one place, and below it.

        Args:
            old: The schema as it was.
            new: The schema as it is.
            at: Where.
            annotated: Whether to compare description, default and the like.
            titled: Whether to compare titles.
            owner: The generated class whose name the names of classes here begin with.
        """
        self._compare(old, new, at, annotated=annotated, titled=titled, owner=owner)
        while self._waiting:
            self._pair(*self._waiting.popleft())

    def _compare(
        self,
        old: Any,
        new: Any,
        at: At,
        *,
        annotated: bool = True,
        titled: bool = True,
        owner: str = "",
    ) -> None:
        if self._is_seen("schema", old, new, at.direction):
            return
        if annotated:
            self.annotations((old, new), own_annotations(old), own_annotations(new), at)
        before, after = reference(old), reference(new)
        if before and after:
            targets = self._old.follow({"$ref": before}), self._new.follow({"$ref": after})
            self._names(before.rpartition("/")[2], after.rpartition("/")[2], targets, at)
            component = after.rpartition("/")[2]
            notes = own_annotations(targets[0]), own_annotations(targets[1])
            self.annotations(targets, *notes, at, component)
            owner = class_name(targets[1], component)
            self._compare(*targets, at, annotated=False, titled=False, owner=owner)
            return
        if titled and not before and not after:
            called = retitled(old, new, owner, has_class=self._has_class(new))
            self._note((old, new), Grade.NAMES, at, called)
        self._alternatives(old, new, at, owner)

    def _names(self, before: str, after: str, nodes: tuple[Any, Any], at: At) -> None:
        # Both there before and after: another one is meant, neither has got another name.
        if before != after and self._new.has(before) and self._old.has(after):
            return
        called = renamed((before, after), nodes, has_class=self._has_class(nodes[1]))
        self._note((*nodes, "name"), Grade.NAMES, at, called)

    def _note(self, origin: tuple[Any, ...], grade: Grade, at: At, what: str | None) -> None:
        if what:
            self._changes.add(origin, grade, at, what)

    def _has_class(self, schema: Any) -> bool:
        return any(
            one.kind == "object" or values(one) is not None for one in self._new.variants(schema)
        )

    def _is_seen(self, kind: str, old: Any, new: Any, *more: object) -> bool:
        key = (kind, id(old), id(new), *more)
        if key in self._seen:
            return True
        self._seen[key] = (old, new)
        return False

    def annotations(
        self,
        origin: tuple[Any, Any],
        old: dict[str, Any],
        new: dict[str, Any],
        at: At,
        component: str = "",
    ) -> None:
        """Note what has changed about a place, or a component, and not about the values there."""
        of = f" of {component}" if component else ""

        def add(grade: Grade, what: str) -> None:
            self._changes.add(origin, grade, at, what)

        if old.get("default", _NOTHING) != new.get("default", _NOTHING) or (
            # 0 == False, and 1 == 1.0, which is one number on the wire.
            isinstance(old.get("default"), bool) is not isinstance(new.get("default"), bool)
        ):
            add(ATTENTION, f"default{of} {_shown(old, 'default')} is now {_shown(new, 'default')}")
        if bool(old.get("deprecated")) is not bool(new.get("deprecated")):
            if new.get("deprecated"):
                add(ATTENTION, f"{component} deprecated".lstrip())
            else:
                add(ABSORBED, f"{component} no longer deprecated".lstrip())
        for word in ("summary", "description", "example", "examples", "externalDocs"):
            if old.get(word) != new.get(word):
                change = "added" if word not in old else "changed" if word in new else "removed"
                add(ABSORBED, f"{word}{of} {change}")

    def _alternatives(self, old: Any, new: Any, at: At, owner: str) -> None:
        before, after = self._old.variants(old), self._new.variants(new)
        origin = (old, new)
        open_ends = [any(one.kind == "any" for one in side) for side in (before, after)]
        if open_ends == [False, False]:
            nulls = [any(one.kind == "null" for one in side) for side in (before, after)]
            if nulls == [False, True]:
                self._changes.add(origin, WIDER[at.direction], at, "may be null")
            elif nulls == [True, False]:
                self._changes.add(origin, NARROWER[at.direction], at, "may no longer be null")
        before, after = ([one for one in side if one.kind != "null"] for side in (before, after))
        pairs, gone, added = matched(before, after)
        self._unmatched(origin, gone, added, at)
        several = max(len(before), len(after)) > 1
        for one, other in pairs:
            below = at
            if several and (one.name or other.name):
                below = at.below(f" ({other.name or one.name})")
            self._waiting.append((one, other, below, (old, new), owner))

    def _unmatched(
        self,
        origin: tuple[Any, Any],
        gone: list[Variant],
        added: list[Variant],
        at: At,
    ) -> None:
        old, new = (" or ".join(map(str, side)) for side in (gone, added))
        kinds = [{one.kind for one in side} for side in (gone, added)]
        if gone and added:
            grade = BREAKING
            if kinds == [{"integer"}, {"number"}] or "any" in kinds[1]:
                grade = WIDER[at.direction]
            elif kinds == [{"number"}, {"integer"}] or "any" in kinds[0]:
                grade = NARROWER[at.direction]
            self._changes.add(origin, grade, at, f"{old} is now {new}")
        elif added:
            self._changes.add(origin, WIDER[at.direction], at, f"may be {new} as well")
        elif gone:
            self._changes.add(origin, NARROWER[at.direction], at, f"may no longer be {old}")

    def _pair(
        self,
        old: Variant,
        new: Variant,
        at: At,
        slot: tuple[Any, Any],
        owner: str,
    ) -> None:
        if self._is_seen("variant", old.source, new.source, old.kind, at.direction):
            return
        if old.name and new.name:
            self._names(old.name, new.name, (old.source, new.source), at)
        # What is the slot's own has been compared there.
        if old.source is not slot[0] and new.source is not slot[1]:
            notes = own_annotations(old.source), own_annotations(new.source)
            self.annotations((old.source, new.source), *notes, at, new.name or "")
        if new.name:
            owner = class_name(new.source, new.name)
        compare_values(self._changes, old, new, at)
        compare_limits(self._changes, old, new, at)
        self._others(old, new, at)
        self._properties(old, new, at, owner)
        for key, mark in _BELOW.items():
            if key in old.rules or key in new.rules:
                both = old.rules.get(key, True), new.rules.get(key, True)
                self._compare(*both, at.below(mark), owner=owner)
        for key, mark in _NAMED_BELOW.items():
            for name in {**old.rules.get(key, {}), **new.rules.get(key, {})}:
                before, after = (side.rules.get(key, {}).get(name, True) for side in (old, new))
                self._compare(before, after, at.below(mark.format(name)), owner=owner)

    def _others(self, old: Variant, new: Variant, at: At) -> None:
        for key in sorted((old.rules.keys() | new.rules.keys()) - _HANDLED):
            # Whatever it means, somebody should know.
            if old.rules.get(key, _NOTHING) != new.rules.get(key, _NOTHING):
                self._changes.add((old.source, new.source), ATTENTION, at, f"{key} changed")

    def _properties(self, old: Variant, new: Variant, at: At, owner: str) -> None:
        before, after = (side.rules.get("properties", {}) for side in (old, new))
        needed = [set(side.rules.get("required", ())) for side in (old, new)]
        direction = at.direction
        # A required name without a property is a property that may be anything.
        names = [*before, *after, *sorted(needed[0] | needed[1])]
        for name in dict.fromkeys(names):
            below = at.field(name)
            were, are = (name in side for side in needed)
            had, has = name in before or were, name in after or are
            origin = (old.source, new.source, name)
            if had and has:
                if were is not are:
                    grade = (NARROWER if are else WIDER)[direction]
                    what = "now required" if are else "no longer required"
                    self._changes.add(origin, grade, below, what)
                self._compare(before.get(name, True), after.get(name, True), below, owner=owner)
            elif has:
                grade = {REQUEST: BREAKING, RESPONSE: ATTENTION}[direction] if are else ABSORBED
                what = f"new {'required' if are else 'optional'} field"
                self._changes.add(origin, grade, below, what)
            else:
                grade = BREAKING if were or direction == REQUEST else ATTENTION
                what = f"{'required' if were else 'optional'} field gone"
                self._changes.add(origin, grade, below, what)


def own_annotations(schema: Any) -> dict[str, Any]:
    """Return what a schema says about its place and not about the values there."""
    if not isinstance(schema, dict):
        return {}
    found = {}
    for branch in schema.get("allOf", ()):
        if "$ref" not in branch:
            found.update(own_annotations(branch))
    return {**found, **{key: schema[key] for key in ANNOTATIONS if key in schema}}


def _shown(notes: dict[str, Any], word: str) -> str:
    return json.dumps(notes[word], ensure_ascii=False) if word in notes else "none"
