"""Compare what limits the values of a schema: those listed, their form, their size."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from openapi.changes import REQUEST, RESPONSE, Grade
from openapi.variants import values

if TYPE_CHECKING:
    from openapi.changes import At, Changes
    from openapi.variants import Variant

# A schema that allows more: the server takes more, or sends what it never sent. One that allows
# less: the server refuses what it took; or it promises more, and the client regenerated from the
# promise refuses a server that is not there yet.
WIDER = {REQUEST: Grade.ABSORBED, RESPONSE: Grade.ATTENTION}
NARROWER = {REQUEST: Grade.BREAKING, RESPONSE: Grade.ATTENTION}

# True where a higher number allows more.
_BOUNDS = {
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems"), True),
    **dict.fromkeys(("maxProperties", "maxContains"), True),
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems"), False),
    **dict.fromkeys(("minProperties", "minContains"), False),
}
# With one of these a schema allows less than without, however it reads.
_LIMITS = ("format", "pattern", "multipleOf", "uniqueItems")
LIMITS = ("enum", "const", *_BOUNDS, *_LIMITS)


def compare_values(changes: Changes, old: Variant, new: Variant, at: At) -> None:
    """Note the enum values that have come and gone."""
    before, after = values(old), values(new)
    origin = (old.source, new.source)
    if before is None and after is not None:
        changes.add(origin, NARROWER[at.direction], at, f"limited to {_listed(after)}")
    elif before is not None and after is None:
        changes.add(origin, WIDER[at.direction], at, "no longer limited to listed values")
    elif before is not None and after is not None:
        if added := [value for value in after if value not in before]:
            changes.add(origin, Grade.ABSORBED, at, f"new enum {_listed(added)}")
        if gone := [value for value in before if value not in after]:
            changes.add(origin, NARROWER[at.direction], at, f"gone: enum {_listed(gone)}")


def compare_limits(changes: Changes, old: Variant, new: Variant, at: At) -> None:
    """Note the formats, patterns and bounds that are no longer the same."""
    origin = (old.source, new.source)
    for key in (*_BOUNDS, *_LIMITS):
        before, after = old.rules.get(key), new.rules.get(key)
        if before == after or (key == "uniqueItems" and bool(before) is bool(after)):
            continue
        if before is None or after is None:
            wider = after is None
        elif key in _BOUNDS:
            wider = (after > before) is _BOUNDS[key]
        else:
            changes.add(
                origin,
                Grade.BREAKING if key == "format" else NARROWER[at.direction],
                at,
                f"{key} {before} is now {after}",
            )
            continue
        what = f"{key} {before if after is None else after}"
        said = {None: "no longer "}.get(after, "" if before is None else "now ")
        changes.add(origin, (WIDER if wider else NARROWER)[at.direction], at, said + what)


def _listed(listed: list[Any]) -> str:
    texts = [one if isinstance(one, str) and one else json.dumps(one) for one in listed]
    return f"value{'s' if len(texts) > 1 else ''} {', '.join(texts)}"
