"""Explains why a correction matches nothing any more: the vendor fixed the error, or moved it.

The overlay is applied to the previous version, in which the action still matched. The places that
it matched there are looked up in the new version:

- If the list or object is there but without the value that the action removes, the error is fixed.
- If the new version has its own value for everything that the action adds, the error is fixed.
- If the place itself is gone, the defects that lint finds without the action decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from openapi import lint, overlay
from openapi.documents import pointer

if TYPE_CHECKING:
    from openapi.documents import Place
    from openapi.overlay import Stale


@dataclass(frozen=True)
class Finding:
    """A stale action, and whether its defect still exists."""

    stale: Stale
    repaired: bool | None
    """Whether the vendor has fixed the defect; None if that is unknown."""
    because: str

    def __str__(self) -> str:
        answer = {True: "yes", False: "no", None: "unknown"}[self.repaired]
        return (
            f"overlay action {self.stale.number} matches nothing: {self.stale.target}\n"
            f"  why it is there: {self.stale.reason}\n"
            f"  fixed by the vendor: {answer}: {self.because}"
        )


def correct(document: Any, corrections: Any, before: Any) -> tuple[Any, list[Finding]]:
    """Apply the corrections that match a document, and return a finding for each of the others.

    Args:
        document: The new version of the vendor's document.
        corrections: The overlay.
        before: The previous version, which all corrections match.

    Raises:
        OverlayError: An action is malformed, or cannot be applied to what it matches.
    """
    stale: list[Stale] = []
    corrected = overlay.apply(document, corrections, stale.append)
    defects = lint.defects(corrected) if stale else []
    return corrected, [_finding(one, corrections, before, corrected, defects) for one in stale]


def _finding(
    stale: Stale, corrections: Any, before: Any, corrected: Any, defects: list[str]
) -> Finding:
    actions = corrections["actions"]
    action = actions[stale.number - 1]
    earlier = {"actions": actions[: stale.number - 1]}
    then = overlay.apply(before, earlier, lambda _: None)
    places = [*overlay.matches(then, action, "")]
    if not places:
        return Finding(stale, None, "it did not match the previous version either")
    for place in places:
        depth = len(place) - 1 if action.get("remove") else len(place)
        missing, node = _look_up(place[:depth], then, corrected)
        if missing:
            left = "; ".join(defects) or "no defects"
            because = f"{pointer(missing)} is gone, and without the action lint finds: {left}"
            return Finding(stale, repaired=False if defects else None, because=because)
        if not action.get("remove") and not _has(node, action["update"]):
            return Finding(stale, None, f"{pointer(place)} exists, without what the action adds")
    if action.get("remove"):
        because = f"{pointer(places[0][:-1])} exists, without what the action removes"
    else:
        because = f"{pointer(places[0])} now has what the action adds"
    return Finding(stale, repaired=True, because=f"{because}; delete the action")


def _look_up(place: Place, before: Any, now: Any) -> tuple[Place, Any]:
    """Return the part of a place that is missing now, or an empty place and its value."""
    for depth, step in enumerate(place, start=1):
        before = before[step]
        index = step
        if isinstance(now, list) and isinstance(before, dict) and "name" in before:
            names = [one.get("name") if isinstance(one, dict) else None for one in now]
            index = names.index(before["name"]) if before["name"] in names else len(now)
        try:
            now = now[index]
        except (LookupError, TypeError):
            return place[:depth], None
    return (), now


def _has(node: Any, update: Any) -> bool:
    if isinstance(node, list):
        return update in node
    return isinstance(node, dict) and isinstance(update, dict) and update.keys() <= node.keys()
