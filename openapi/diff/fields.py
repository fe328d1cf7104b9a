"""Compare the fields of objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openapi.diff.changes import REQUEST, RESPONSE, At, Changes, Grade

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openapi.diff.variants import Variant

FIELDS = ("properties", "required")
_GONE = {REQUEST: "stop sending it", RESPONSE: "do without it"}


def compare_fields(
    changes: Changes, old: Variant, new: Variant, at: At
) -> Iterator[tuple[Any, Any, At]]:
    """Note the fields that are new, gone, newly required or no longer required.

    Yields:
        The old and the new schema of each field that both have, and its place.
    """
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
