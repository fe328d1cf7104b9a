"""Compare two schemas from the point of view of a client that sends requests."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from openapi.diff.alike import alike
from openapi.diff.alternatives import compare_nulls, compare_unmatched, matched
from openapi.diff.annotations import annotations_of, compare_annotations
from openapi.diff.changes import At, Changes, Grade
from openapi.diff.limits import LIMITS, LISTS, Sides, compare_limits
from openapi.diff.naming import class_name, component, inlined, reference, renamed, retitled
from openapi.diff.structure import STRUCTURE, compare_structure

if TYPE_CHECKING:
    from openapi.diff.variants import Schemas, Variant

_HANDLED = {*LIMITS, *LISTS, *STRUCTURE}
# The largest number of pairs of alternatives. The vendor's whole document has 7,000.
_MOST = 200_000


@dataclass(frozen=True)
class _Slot:
    """The place of two alternatives in the documents."""

    schemas: tuple[Any, Any]
    owner: str
    """The generated class whose name is the prefix for the class of a schema written here."""
    sides: Sides
    """All alternatives at this place."""


class SchemaComparison:
    """Compares the schemas of two documents, each pair of nodes once in each direction."""

    def __init__(self, old: Schemas, new: Schemas, changes: Changes) -> None:
        self._old = old
        self._new = new
        self._changes = changes
        # The nodes are kept as values, because the id of a freed object is used again.
        self._seen: dict[tuple[object, ...], tuple[Any, Any]] = {}
        # Breadth first, so that a change is reported with its shortest path, and without recursion.
        self._waiting: deque[tuple[Variant, Variant, At, _Slot]] = deque()

    def compare(self, old: Any, new: Any, at: At, *, annotated: bool = True) -> None:
        """Note the changes between two schemas at one place, and below it.

        Args:
            old: The old schema.
            new: The new schema.
            at: The place.
            annotated: Whether to compare annotations other than titles.
        """
        self._compare(old, new, at, annotated=annotated)
        while self._waiting:
            if len(self._seen) > _MOST:
                what = "too large to be compared completely"
                self._changes.unclear((old, new), at, what)
                self._waiting.clear()
                return
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
        if self._is_seen(old, new, at):
            return
        before, after = reference(old), reference(new)
        # Schemas below `not` and `if` only test values, so their annotations do not matter.
        if annotated and not at.condition:
            self._annotations((old, new), at)
        if before and after:
            targets = self._old.follow({"$ref": before}), self._new.follow({"$ref": after})
            name = component(after)
            self._names(component(before), name, targets, at)
            if not at.condition:
                compare_annotations(self._changes, targets, at, name)
            owner = class_name(targets[1], name)
            self._compare(*targets, at, annotated=False, titled=False, owner=owner)
            return
        if titled and not before and not after and not at.condition:
            called = retitled(old, new, owner, has_class=self._has_class(new))
            self._note((old, new), at, called)
        self._alternatives(old, new, at, owner)

    def _annotations(self, origin: tuple[Any, Any], at: At) -> None:
        """Compare annotations, including a component's own if the other side writes it in place."""
        sides = self._old, self._new
        variants = [side.variants(one) for side, one in zip(sides, origin, strict=True)]
        notes = [annotations_of(one) for one in origin]
        references = [reference(one) for one in origin]
        alone = len({one.kind for found in variants for one in found}) == 1
        if alone and (references[0] is None) is not (references[1] is None):
            names = [found[0].name for found in variants]
            for number, side in enumerate(sides):
                if references[number] and not names[1 - number]:
                    target = side.follow({"$ref": references[number]})
                    notes[number] = {**annotations_of(target), **notes[number]}
        compare_annotations(self._changes, origin, at, notes=notes)

    def _names(self, before: str, after: str, nodes: tuple[Any, Any], at: At) -> None:
        # If both components exist in both versions, the reference changed, not a name.
        if before != after and self._new.has(before) and self._old.has(after):
            return
        called = renamed((before, after), nodes, has_class=self._has_class(nodes[1]))
        self._note((*nodes, "name"), at, called)

    def _note(self, origin: tuple[Any, ...], at: At, what: str | None) -> None:
        if what:
            self._changes.add(origin, Grade.NAMES, at, what)

    def _has_class(self, schema: Any) -> bool:
        return any(_has_class(one) for one in self._new.variants(schema))

    def _is_seen(self, old: Any, new: Any, at: At) -> bool:
        key = (id(old), id(new), at.direction, at.sense, at.condition, at.as_text)
        if key in self._seen:
            return True
        self._seen[key] = (old, new)
        return False

    def _alternatives(self, old: Any, new: Any, at: At, owner: str) -> None:
        sides = self._old.variants(old), self._new.variants(new)
        if not compare_nulls(self._changes, (old, new), sides, at):
            return
        before, after = ([one for one in side if one.kind != "null"] for side in sides)
        pairs, gone, added = matched(before, after)
        compare_unmatched(self._changes, (old, new), (gone, added), (before, after), at)
        several = max(len(before), len(after)) > 1
        slot = _Slot((old, new), owner, (before, after))
        for one, other in pairs:
            below = at
            if several and (one.name or other.name):
                below = at.below(f" ({other.name or one.name})")
            self._waiting.append((one, other, below, slot))

    def _pair(self, old: Variant, new: Variant, at: At, slot: _Slot) -> None:
        compare_limits(self._changes, old, new, at, beside=slot.sides[1])
        sources = (old.source, new.source)
        if old.name and new.name:
            self._names(old.name, new.name, sources, at)
        elif _has_class(new) and (old.name or new.name):
            self._note((*sources, "name"), at, inlined(old, new, slot.owner))
        # The annotations of the slot's own schemas were compared with the slot.
        elsewhere = all(one is not other for one, other in zip(sources, slot.schemas, strict=True))
        if elsewhere and not at.condition:
            compare_annotations(self._changes, sources, at, new.name or "")
            if not old.name and not new.name:
                called = retitled(*sources, slot.owner, has_class=_has_class(new))
                self._note(sources, at, called)
        owner = class_name(new.source, new.name) if new.name else slot.owner
        for one, other, below in compare_structure(self._changes, old, new, at):
            self._compare(one, other, below, owner=owner)
        for key in sorted((old.rules.keys() | new.rules.keys()) - _HANDLED):
            # The effect is unknown, so a person has to check.
            if not alike(old.rules, new.rules, key, self._old, self._new):
                self._changes.unclear(sources, at, f"{key} changed")


def _has_class(one: Variant) -> bool:
    return one.kind == "object" or "values" in one.rules
