"""Writes changes as text, JSON and Markdown."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from openapi.diff.changes import by_grade, gravest
from openapi.documents import printable

if TYPE_CHECKING:
    from openapi.diff.changes import Change


def render(changes: list[Change], old: str, new: str, layout: str = "text") -> str:
    """Return changes as text, JSON or Markdown, without control characters.

    Args:
        changes: The changes that `compare` has found.
        old: The old version.
        new: The new version.
        layout: ``text``, ``json`` or ``markdown``.
    """
    return printable(_WRITERS[layout](changes, old, new))


def heading(old: str, new: str) -> str:
    """Return the old and the new version, or that the same version was published again."""
    return f"{old} → {new}" if old != new else f"{new}, published again"


def _text(changes: list[Change], old: str, new: str) -> str:
    """Return a line with the versions and the number of changes, then one line per change."""
    count = {0: "no change", 1: "1 change"}.get(len(changes), f"{len(changes)} changes")
    return "\n".join(
        (f"{heading(old, new)}: {count}", *(_one_line(str(change)) for change in changes))
    )


def _json(changes: list[Change], old: str, new: str) -> str:
    """Return an object with ``from``, ``to``, ``class`` and ``changes``."""
    listed = [
        {
            "class": str(change.grade),
            "directions": change.directions,
            "places": change.places,
            "what": change.text,
        }
        for change in changes
    ]
    grade = str(gravest(changes)) if changes else None
    return json.dumps(
        {"from": old, "to": new, "class": grade, "changes": listed}, indent=2, ensure_ascii=False
    )


def _markdown(changes: list[Change], old: str, new: str) -> str:
    """Return a section with a list for each class, the most serious first."""
    lines = [f"## {heading(old, new)}"]
    if not changes:
        lines += ["", "No change that a caller could see."]
    for grade, found in by_grade(changes):
        lines += ["", f"### {str(grade).capitalize()}", ""]
        lines += [f"- {as_markdown_item(change)}" for change in found]
    return "\n".join(lines)


_WRITERS = {"text": _text, "json": _json, "markdown": _markdown}
FORMATS = tuple(_WRITERS)


def as_markdown_item(change: Change) -> str:
    """Return a change as the text of a list item."""
    # In code spans, because a place may contain asterisks and angle brackets.
    where = " and ".join(f"`{_one_line(place)}`" for place in change.places)
    return printable(f"{where} ({' and '.join(change.directions)}): {_escaped(change.text)}")


def _one_line(text: str) -> str:
    return text.replace("\n", " ")


def _escaped(text: str) -> str:
    """Return text from the vendor with Markdown escaped, including mentions and issue links."""
    return re.sub(r"[\\`*{}\[\]<>#|@!~]|\b_|_\b", r"\\\g<0>", _one_line(text))
