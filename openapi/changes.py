"""What has changed between two versions of a specification, as somebody who calls it sees it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any


class Grade(IntEnum):
    """What a change asks of whoever calls the API, the least first."""

    NAMES = 0
    """Nothing on the wire has changed: a component or a title is called otherwise."""
    ABSORBED = 1
    """Code written before goes on working: regenerate, release."""
    ATTENTION = 2
    """Somebody has to look."""
    BREAKING = 3
    """Code written before stops working."""

    def __str__(self) -> str:
        return "names only" if self is Grade.NAMES else self.name.lower()

    @property
    def status(self) -> int:
        """The exit status of a command that has found it: 0, 3 or 4."""
        return {Grade.ATTENTION: 3, Grade.BREAKING: 4}.get(self, 0)


REQUEST = "request"
RESPONSE = "response"
DOCUMENT = "document"


@dataclass(frozen=True)
class At:
    """Where something stands: what is sent in which direction, and the way into it."""

    direction: str
    root: str
    """An operation, a parameter, a body: ``GET /users → 200``."""
    path: str = ""
    """The way into the JSON value there: ``data[].name``."""

    def __str__(self) -> str:
        if not self.path or self.path.startswith(" "):
            return self.root + self.path
        return f"{self.root} → {self.path.removeprefix('.')}"

    def below(self, step: str) -> At:
        """Return the place a step further in."""
        return At(self.direction, self.root, self.path + step)

    def field(self, name: str) -> At:
        """Return the place of a field of the object here."""
        shown = name if name.isidentifier() else json.dumps(name, ensure_ascii=False)
        return self.below(f".{shown}")


@dataclass
class Change:
    """One change, whatever number of places it shows at."""

    grade: Grade
    what: str
    places: list[str] = field(default_factory=list)
    """On the wire, the first one met in each direction."""
    directions: list[str] = field(default_factory=list)
    """``request``, ``response``, both, or ``document`` for what goes over no wire."""

    def __str__(self) -> str:
        where = " and ".join(self.places)
        return f"{self.grade}: {where} ({' and '.join(self.directions)}): {self.what}"


class Changes:
    """Collects changes; the same one met again in the other direction is one change still."""

    def __init__(self) -> None:
        self._found: dict[tuple[Any, str], Change] = {}
        # What an id stands for must not be freed, or another object would get the id.
        self._kept: list[Any] = []

    def add(self, origin: tuple[Any, ...], grade: Grade, at: At, what: str) -> None:
        """Note a change.

        Args:
            origin: The nodes of the two documents that differ, and names within them: what makes
                it the same change.
            grade: How grave it is here; a change has the gravest of its grades.
            at: Where.
            what: One line about it.
        """
        self._kept.append(origin)
        key = (tuple(part if isinstance(part, str) else id(part) for part in origin), what)
        change = self._found.setdefault(key, Change(grade, what))
        change.grade = max(change.grade, grade)
        if at.direction not in change.directions:
            change.directions.append(at.direction)
            change.places.append(str(at))

    def sorted(self) -> list[Change]:
        """Return what was found, the gravest first, and in the order found otherwise."""
        return sorted(self._found.values(), key=lambda change: -change.grade)


def gravest(changes: list[Change]) -> Grade:
    """Return the gravest grade among changes; with none, there is nothing but names to change."""
    return max((change.grade for change in changes), default=Grade.NAMES)


def heading(old: str, new: str) -> str:
    """Return the versions from and to, or that the version has stayed."""
    return f"{old} → {new}" if old != new else f"{new}, published again"


def as_text(changes: list[Change], title: str) -> str:
    """Return one line a change, below one with the versions and how many there are."""
    count = {0: "no change", 1: "1 change"}.get(len(changes), f"{len(changes)} changes")
    return "\n".join((f"{title}: {count}", *map(str, changes)))


def as_json(changes: list[Change], old: str, new: str) -> str:
    """Return an object with ``from``, ``to``, ``class`` and ``changes``."""
    listed = [
        {
            "class": str(change.grade),
            "directions": change.directions,
            "places": change.places,
            "what": change.what,
        }
        for change in changes
    ]
    grade = str(gravest(changes)) if changes else None
    return json.dumps(
        {"from": old, "to": new, "class": grade, "changes": listed}, indent=2, ensure_ascii=False
    )


def as_markdown(changes: list[Change], title: str) -> str:
    """Return a section with a list for each class, the gravest first."""
    lines = [f"## {title}"]
    if not changes:
        lines += ["", "No change that a caller could see."]
    for grade in sorted(Grade, reverse=True):
        if of_grade := [change for change in changes if change.grade is grade]:
            lines += ["", f"### {str(grade).capitalize()}", ""]
            lines += [f"- {as_markdown_item(change)}" for change in of_grade]
    return "\n".join(lines)


def as_markdown_item(change: Change) -> str:
    """Return a change as the text of a list's item."""
    # In code spans: a place holds asterisks and angle brackets.
    where = " and ".join(f"`{place}`" for place in change.places)
    return f"{where} ({' and '.join(change.directions)}): {_escaped(change.what)}"


def _escaped(text: str) -> str:
    """Return text of the vendor's that stays text: no markup, no mention, no link of an issue."""
    return re.sub(r"[\\`*{}\[\]<>#|@!~]|\b_|_\b", r"\\\g<0>", text.replace("\n", " "))
