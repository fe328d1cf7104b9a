"""Compare annotations, which describe a place or a component but do not limit its values."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from openapi.diff.changes import REQUEST, RESPONSE, Grade
from openapi.diff.rules import ANNOTATIONS
from openapi.diff.values import canonical, told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openapi.diff.changes import At, Changes

_PROSE = ("summary", "description", "example", "examples", "externalDocs")
_FLAGS = ("readOnly", "writeOnly")
_OTHERS = ("discriminator", "xml")
_DEFAULT = {
    REQUEST: "send the value if you rely on it",
    RESPONSE: "check what your code assumes if it is absent",
}


def compare_annotations(
    changes: Changes,
    origin: tuple[Any, Any],
    at: At,
    component: str = "",
    notes: Sequence[dict[str, Any]] = (),
) -> None:
    """Note the changed annotations of a place, or of a component.

    Args:
        changes: Collects the changes.
        origin: The nodes of the two documents.
        at: The place.
        component: The name of the component; empty for a place.
        notes: The old and the new annotations; by default those of the nodes.
    """
    old, new = notes or map(annotations_of, origin)
    of = f" of {component}" if component else ""
    if _shown(old, "default") != _shown(new, "default"):
        what = f"default{of} {_shown(old, 'default')} is now {_shown(new, 'default')}"
        changes.add(origin, Grade.ATTENTION, at, what, _DEFAULT[at.direction])
    if bool(old.get("deprecated")) is not bool(new.get("deprecated")):
        if new.get("deprecated"):
            what = f"{component} deprecated".lstrip()
            changes.add(origin, Grade.ATTENTION, at, what, "look for a replacement")
        else:
            what = f"{component} no longer deprecated".lstrip()
            changes.add(origin, Grade.ABSORBED, at, what)
    for word in _FLAGS:
        was, now = (bool(side.get(word)) for side in (old, new))
        if was is not now:
            what = f"{word}{of} is now {json.dumps(now)}, and was {json.dumps(was)}"
            changes.unclear(origin, at, what)
    for word in _OTHERS:
        if told(old.get(word)) != told(new.get(word)):
            changes.unclear(origin, at, f"{word}{of} {_happened(old, new, word)}")
    for word in _PROSE:
        if told(old.get(word)) != told(new.get(word)):
            changes.add(origin, Grade.ABSORBED, at, f"{word}{of} {_happened(old, new, word)}")


def annotations_of(node: Any) -> dict[str, Any]:
    """Return the annotations of an object, including those in the `allOf` of a schema."""
    if not isinstance(node, dict):
        return {}
    found = {}
    for branch in node.get("allOf", ()):
        if isinstance(branch, dict) and "$ref" not in branch:
            found.update(annotations_of(branch))
    return {**found, **{key: node[key] for key in ANNOTATIONS if key in node}}


def _happened(old: dict[str, Any], new: dict[str, Any], word: str) -> str:
    return "added" if word not in old else "changed" if word in new else "removed"


def _shown(notes: dict[str, Any], word: str) -> str:
    return canonical(notes[word]) if word in notes else "none"
