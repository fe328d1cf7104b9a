"""Apply an OpenAPI Overlay 1.0 document: `junction.yaml` + `overlay.yaml` → `spec.yaml`.

Follows https://spec.openapis.org/overlay/v1.0.0.html, with two additional rules:

- An action that matches nothing is an error, so that a correction that is no longer needed is
  noticed.
- `x-where` limits the matches of a target in ways that JSONPath cannot: ``repeated`` to elements of
  an array that are equal to an earlier element, ``invalid`` to examples with a defect.
"""

from __future__ import annotations

import argparse
import copy
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from jsonpath import JSONPathEnvironment, JSONPathError

from openapi import lint
from openapi.diff.values import canonical
from openapi.documents import JUNCTION, OVERLAY, SPEC, StepError, dumps, load, refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jsonpath import JSONPathMatch

# strict: only RFC 9535, so that other tools can apply the overlay as well.
_JSONPATH = JSONPathEnvironment(strict=True)

# The matches of a target, by place.
Found: TypeAlias = "dict[tuple[int | str, ...], JSONPathMatch]"


class OverlayError(StepError):
    """The overlay cannot be applied; the message names the action."""


@dataclass(frozen=True)
class Stale:
    """An action that matches nothing in a document."""

    number: int
    """The number of the action in the overlay, from 1."""
    reason: str
    target: str

    def __str__(self) -> str:
        return f"action {self.number} ({self.reason}) matches nothing: {self.target}"


def _refuse(stale: Stale) -> None:
    raise OverlayError(str(stale))


def apply(document: Any, overlay: Any, on_stale: Callable[[Stale], object] = _refuse) -> Any:
    """Return a copy of `document` with every action of `overlay` applied in order.

    Args:
        document: An OpenAPI document.
        overlay: An overlay document.
        on_stale: Called with each action that matches nothing; the action is left out.

    Raises:
        OverlayError: An action is malformed, or cannot be applied to what it matches. Without
            `on_stale`, also if an action matches nothing.
    """
    if not isinstance(document, dict):
        raise OverlayError("the document is not an object")
    if not isinstance(overlay, dict) or not isinstance(overlay.get("actions"), list):
        raise OverlayError("the overlay has no list of actions")
    result = copy.deepcopy(document)
    for number, action in enumerate(overlay["actions"], start=1):
        if not isinstance(action, dict):
            raise OverlayError(f"action {number} is not an object")
        reason = action.get("description", "no reason")
        if found := matches(result, action, name := f"action {number} ({reason})"):
            _apply_action(found, action, name)
        else:
            on_stale(Stale(number, reason, action["target"]))
    return result


def matches(document: Any, action: Any, name: str) -> Found:
    """Return the matches of an action in a document, by place.

    Raises:
        OverlayError: The action is malformed; the message contains `name`.
    """
    target = action.get("target")
    if not isinstance(target, str) or not (action.get("remove") or "update" in action):
        raise OverlayError(f"{name} needs a target, and either remove or update")
    try:
        # By place, because a path such as $[0, 0] matches the same value twice.
        found = {match.parts: match for match in _JSONPATH.finditer(target, document)}
    except JSONPathError as error:
        raise OverlayError(f"{name}: {target}: {error.message}") from error
    where = action.get("x-where")
    if where is None:
        return found
    if where not in _WHERE:
        raise OverlayError(f"{name}: x-where must be one of {', '.join(_WHERE)}, not {where!r}")
    return _WHERE[where](found, document) if found else found


def _repeated(found: Found, _: Any) -> Found:
    """Return the matches that are elements of an array and equal to an earlier element."""
    return {
        parts: match
        for parts, match in found.items()
        if match.parent is not None
        and isinstance(siblings := match.parent.obj, list)
        and canonical(match.obj) in map(canonical, siblings[: cast("int", parts[-1])])
    }


def _invalid(found: Found, document: Any) -> Found:
    """Return the matches that are examples with a defect, or lists of such examples."""
    invalid = lint.invalid_examples(document)
    return {parts: match for parts, match in found.items() if parts in invalid}


_WHERE = {"repeated": _repeated, "invalid": _invalid}


def _apply_action(found: Found, action: Any, name: str) -> None:
    if action.get("remove"):
        # From the end, because removing an element of an array moves the elements after it.
        for match in sorted(found.values(), key=_indexes, reverse=True):
            if match.parent is None:
                raise OverlayError(f"{name} would remove the document itself")
            parent: Any = match.parent.obj
            del parent[match.parts[-1]]
        return
    for match in found.values():
        _update(match.obj, action["update"], name)


def _indexes(match: JSONPathMatch) -> list[int]:
    """Return a sort key by array index; an element comes before the values inside it."""
    return [part if isinstance(part, int) else 0 for part in match.parts]


def _update(target: Any, update: Any, name: str) -> None:
    if isinstance(target, list):
        target.append(copy.deepcopy(update))
    elif isinstance(target, dict) and isinstance(update, dict):
        _merge(target, update)
    else:
        raise OverlayError(f"{name}: an update needs an array, or an object on both sides")


def _merge(target: dict[str, Any], update: dict[str, Any]) -> None:
    for key, value in update.items():
        if isinstance(value, dict) and isinstance(target.get(key), dict):
            _merge(target[key], value)
        elif isinstance(value, list) and isinstance(target.get(key), list):
            target[key].extend(copy.deepcopy(value))
        else:
            target[key] = copy.deepcopy(value)


def build(junction: Path = JUNCTION, overlay: Path = OVERLAY) -> str:
    """Return the text of `spec.yaml`: the vendor's document with our corrections.

    Raises:
        DocumentError: One of the two files cannot be read.
        OverlayError: The overlay cannot be applied to the document.
    """
    return dumps(apply(load(junction), load(overlay)))


def main(argv: Sequence[str] | None = None) -> int:
    """Write the corrected document."""
    parser = argparse.ArgumentParser(description="Build spec.yaml from junction.yaml and overlay.")
    parser.add_argument("--junction", type=Path, default=JUNCTION)
    parser.add_argument("--overlay", type=Path, default=OVERLAY)
    parser.add_argument("--output", type=Path, default=SPEC)
    arguments = parser.parse_args(argv)
    try:
        text = build(arguments.junction, arguments.overlay)
    except StepError as error:
        return refuse("overlay", error)
    arguments.output.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
