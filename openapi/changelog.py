"""Add the entry for a bump to the unreleased changes in CHANGELOG.md."""

from __future__ import annotations

import re

from openapi.diff.changes import Change, Grade
from openapi.diff.rendering import as_markdown_item, heading
from openapi.documents import StepError

_UNRELEASED = "## Unreleased"
# The section of Keep a Changelog that comes before the one for changes.
_BEFORE = "### Added"
_SECTION = "### Changed"
_HEADING = re.compile(r"^##+ ", re.MULTILINE)


class ChangelogError(StepError):
    """The changelog has no section for unreleased changes."""


def entry(changes: list[Change], old: str, new: str) -> str:
    """Return the entry for a bump: the versions, followed by the changes by class."""
    lines = [f"- Specification {heading(old, new)}."]
    if not changes:
        lines[0] = f"{lines[0][:-1]}: no change that a caller could see."
    for grade in sorted(Grade, reverse=True):
        of_grade = [change for change in changes if change.grade is grade]
        if of_grade:
            lines.append(f"  - *{grade}*")
            lines += [f"    - {as_markdown_item(change)}" for change in of_grade]
    return "\n".join(lines)


def add(changelog: str, item: str) -> str:
    """Return a changelog with an entry added to the unreleased changes.

    Raises:
        ChangelogError: The changelog has no section for unreleased changes.
    """
    start = changelog.find(f"{_UNRELEASED}\n")
    if start < 0:
        raise ChangelogError(f"CHANGELOG.md has no section {_UNRELEASED!r}")
    start += len(_UNRELEASED) + 1
    following = re.search(r"^## ", changelog[start:], re.MULTILINE)
    end = start + following.start() if following else len(changelog)
    unreleased = changelog[start:end]
    at = unreleased.find(f"{_SECTION}\n")
    if at >= 0:
        place = at + len(_SECTION) + 1
        rest = unreleased[place:].lstrip("\n")
        joint = "\n" if rest.startswith("- ") else "\n\n"
        unreleased = f"{unreleased[:place]}\n{item}{joint}{rest}"
    else:
        added = unreleased.find(f"{_BEFORE}\n")
        place = 0
        if added >= 0:
            below = _HEADING.search(unreleased, added + len(_BEFORE))
            place = below.start() if below else len(unreleased)
        head, rest = unreleased[:place].rstrip("\n"), unreleased[place:].lstrip("\n")
        joint = "\n\n" if rest else "\n"
        gap = "\n\n" if head else "\n"
        unreleased = f"{head}{gap}{_SECTION}\n\n{item}{joint}{rest}"
    if following and not unreleased.endswith("\n\n"):
        unreleased = unreleased.rstrip("\n") + "\n\n"
    return changelog[:start] + unreleased + changelog[end:]
