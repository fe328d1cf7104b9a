"""Tell why a correction matches nothing any more: repaired by the vendor, or gone elsewhere.

The overlay is applied to the version before, where the action still matched. Where it matched is
then looked up in the new version:

- what it removes is no longer there, in a list or an object that is: repaired;
- the new version has a value of its own for all that it adds: repaired, in the vendor's words;
- the place itself is gone: then lint tells, by the defects that it finds without the action.
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
    """A stale action, and what has become of its defect."""

    stale: Stale
    repaired: bool | None
    """Whether the vendor has repaired it; None where nobody can tell."""
    because: str

    def __str__(self) -> str:
        answer = {True: "yes", False: "no", None: "cannot be told"}[self.repaired]
        return (
            f"overlay action {self.stale.number} matches nothing: {self.stale.target}\n"
            f"  why it is there: {self.stale.reason}\n"
            f"  repaired by the vendor: {answer}: {self.because}"
        )


def correct(document: Any, corrections: Any, before: Any) -> tuple[Any, list[Finding]]:
    """Return a document with the corrections that fit it, and a finding for each that does not.

    Args:
        document: The new version of the vendor's document.
        corrections: The overlay.
        before: The version that all the corrections are for.

    Raises:
        OverlayError: An action is malformed, or does not fit what it matches.
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
        return Finding(stale, None, "it has not matched the version before either")
    for place in places:
        depth = len(place) - 1 if action.get("remove") else len(place)
        missing, node = _look_up(place[:depth], then, corrected)
        if missing:
            left = "; ".join(defects) or "nothing of the kind"
            because = f"{pointer(missing)} is gone, and lint finds without the action: {left}"
            return Finding(stale, repaired=False if defects else None, because=because)
        if not action.get("remove") and not _has(node, action["update"]):
            return Finding(stale, None, f"{pointer(place)} is there, without what the action adds")
    if action.get("remove"):
        because = f"{pointer(places[0][:-1])} is there, without what the action removes"
    else:
        because = f"{pointer(places[0])} has it of its own"
    return Finding(stale, repaired=True, because=f"{because}; delete the action")


def _look_up(place: Place, before: Any, now: Any) -> tuple[Place, Any]:
    """Return the part of a place that is missing now, if any, and what stands there otherwise."""
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
