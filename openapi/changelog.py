"""Add the entry for a bump to the unreleased changes in CHANGELOG.md."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from openapi.diff.changes import by_grade
from openapi.diff.rendering import as_markdown_item, heading
from openapi.documents import StepError

if TYPE_CHECKING:
    from openapi.diff.changes import Change

_UNRELEASED = "## Unreleased"
# The section of Keep a Changelog that comes before the one for changes.
_BEFORE = "### Added"
_SECTION = "### Changed"


class ChangelogError(StepError):
    """The changelog has no section for unreleased changes."""


def entry(changes: list[Change], old: str, new: str) -> str:
    """Return the entry for a bump: the versions, followed by the changes by class."""
    nothing = "" if changes else ": no change that a caller could see"
    lines = [f"- Specification {heading(old, new)}{nothing}."]
    for grade, found in by_grade(changes):
        lines.append(f"  - *{grade}*")
        lines += [f"    - {as_markdown_item(change)}" for change in found]
    return "\n".join(lines)


def add(changelog: str, item: str) -> str:
    """Return a changelog with an entry added to the unreleased changes.

    Raises:
        ChangelogError: The changelog has no section for unreleased changes.
    """
    # Each block is a heading with the text below it; the first one is the text before any heading.
    blocks = re.split(r"^(?=##)", changelog, flags=re.MULTILINE)
    titles = [block.partition("\n")[0] for block in blocks]
    if _UNRELEASED not in titles:
        raise ChangelogError(f"CHANGELOG.md has no section {_UNRELEASED!r}")
    start = titles.index(_UNRELEASED)
    end = next(
        (n for n in range(start + 1, len(titles)) if titles[n].startswith("## ")), len(titles)
    )
    sections = titles[start:end]
    if _SECTION in sections:
        place = start + sections.index(_SECTION)
        items = blocks[place].partition("\n")[2].lstrip("\n")
        joint = "\n" if items.startswith("- ") else "\n\n"
        blocks[place] = f"{_SECTION}\n\n{item}{joint}{items}"
    else:
        place = start + 1 + (sections.index(_BEFORE) if _BEFORE in sections else 0)
        blocks[place - 1] = blocks[place - 1].rstrip("\n") + "\n\n"
        blocks.insert(place, f"{_SECTION}\n\n{item}\n" + ("\n" if place < len(blocks) else ""))
    return "".join(blocks)
