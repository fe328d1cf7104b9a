"""Collects the changes between two versions, graded by what they mean for API clients."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


class Grade(IntEnum):
    """What a change means for an API client, from the least to the most serious."""

    NAMES = 0
    """Nothing on the wire has changed, but a name in the generated code has."""
    ABSORBED = 1
    """Existing code keeps working: regenerate and release."""
    ATTENTION = 2
    """Somebody has to check whether existing code keeps working."""
    BREAKING = 3
    """Existing code stops working."""

    def __str__(self) -> str:
        return "names only" if self is Grade.NAMES else self.name.lower()

    @property
    def status(self) -> int:
        """The exit status of a command that has found such a change: 0, 3 or 4."""
        return {Grade.ATTENTION: 3, Grade.BREAKING: 4}.get(self, 0)


REQUEST = "request"
RESPONSE = "response"
DOCUMENT = "document"

# A schema that allows more: the server accepts more, or it sends values that it has never sent.
# A schema that allows less: the server refuses what it used to accept, or it promises to send less.
# In the last case, the regenerated client fails if the server does not keep that promise yet.
_WIDER = {
    REQUEST: (Grade.ABSORBED, ""),
    RESPONSE: (Grade.ATTENTION, "code that reads it must expect that"),
}
_NARROWER = {
    REQUEST: (Grade.BREAKING, "send only what is still allowed"),
    RESPONSE: (Grade.ATTENTION, "check that the server already keeps to it"),
}
_NOW_REQUIRED = {
    REQUEST: (Grade.BREAKING, "send it"),
    RESPONSE: (Grade.ATTENTION, "check that the server already sends it"),
}
_RETYPED = {REQUEST: "send the new one", RESPONSE: "read the new one"}
_UNKNOWN = "find out what it means for you"


@dataclass(frozen=True)
class At:
    """A place: the direction in which a value is sent, and the path to it."""

    direction: str
    root: str
    """The operation, parameter or body, such as ``GET /users → 200``."""
    path: str = ""
    """The path in the JSON value there, such as ``data[].name``."""
    sense: int = 1
    """1 if a wider schema here allows more values, -1 if it allows fewer, as below ``not``, and 0
    if that depends on the value."""
    condition: bool = False
    """Whether a schema here only tests a value that is described elsewhere."""
    as_text: bool = False
    """Whether scalars are written without quotes, as in a query, so that 1 and "1" are the same."""

    def __str__(self) -> str:
        if not self.path or self.path.startswith(" "):
            return self.root + self.path
        return f"{self.root} → {self.path.removeprefix('.')}"

    def below(self, step: str) -> At:
        """Return the place one step further down."""
        return replace(self, path=self.path + step)

    def field(self, name: str) -> At:
        """Return the place of a field of the object here."""
        shown = name if name.isidentifier() else json.dumps(name, ensure_ascii=False)
        return self.below(f".{shown}")

    def tested(self, step: str, sense: int = 1) -> At:
        """Return the place of a schema that tests the value here."""
        return replace(self.below(step), sense=self.sense * sense, condition=True)


@dataclass
class Change:
    """One change, which may affect several places."""

    grade: Grade
    what: str
    """The old and the new state."""
    places: list[str] = field(default_factory=list)
    """The places on the wire: the first that was found in each direction."""
    directions: list[str] = field(default_factory=list)
    """``request``, ``response``, both, or ``document`` for what is not sent."""
    advice: list[str] = field(default_factory=list, compare=False)
    """What to do about the change."""

    @property
    def text(self) -> str:
        """What has changed, and what to do."""
        return "; ".join((self.what, *self.advice))

    def __str__(self) -> str:
        where = " and ".join(self.places)
        return f"{self.grade}: {where} ({' and '.join(self.directions)}): {self.text}"


class Changes:
    """Collects changes. A change that is found in both directions counts as one change."""

    def __init__(self) -> None:
        self._found: dict[tuple[Any, str], Change] = {}
        # Keeps the nodes alive, because the id of a freed object is used again for another.
        self._kept: list[Any] = []

    def add(
        self, origin: tuple[Any, ...], grade: Grade, at: At, what: str, advice: str = ""
    ) -> None:
        """Note a change.

        Args:
            origin: The nodes of the two documents that differ, and names within them. They identify
                the change.
            grade: The grade at this place; a change has the most serious of its grades.
            at: The place.
            what: One line with the old and the new state.
            advice: What to do about the change.
        """
        self._kept.append(origin)
        key = (tuple(part if isinstance(part, str) else id(part) for part in origin), what)
        change = self._found.setdefault(key, Change(grade, what))
        change.grade = max(change.grade, grade)
        if at.direction not in change.directions:
            change.directions.append(at.direction)
            change.places.append(str(at))
        if advice and advice not in change.advice:
            change.advice.append(advice)

    def wider(self, origin: tuple[Any, ...], at: At, what: str) -> None:
        """Note that a schema allows more than before."""
        self._shift(1, origin, at, what)

    def narrower(self, origin: tuple[Any, ...], at: At, what: str) -> None:
        """Note that a schema allows less than before, or other values of the same type."""
        self._shift(-1, origin, at, what)

    def added(self, origin: tuple[Any, ...], at: At, what: str, *, required: bool) -> None:
        """Note a new part of a message, such as a field or a parameter."""
        if required:
            grade, advice = _NOW_REQUIRED[at.direction]
            self.add(origin, grade, at, f"new required {what}", advice)
        else:
            self.add(origin, Grade.ABSORBED, at, f"new optional {what}")

    def required(self, origin: tuple[Any, ...], at: At, *, now: bool) -> None:
        """Note that something is now required, or is no longer required."""
        if not now:
            self.wider(origin, at, "no longer required")
        elif at.direction == REQUEST and at.sense > 0:
            self.add(origin, Grade.BREAKING, at, "now required", "send it")
        else:
            self.narrower(origin, at, "now required")

    def _shift(self, shift: int, origin: tuple[Any, ...], at: At, what: str) -> None:
        if not at.sense:
            self.unclear(origin, at, what)
        else:
            table = _WIDER if shift * at.sense > 0 else _NARROWER
            self.add(origin, table[at.direction][0], at, what, table[at.direction][1])

    def retyped(self, origin: tuple[Any, ...], at: At, what: str) -> None:
        """Note a change after which old code cannot handle the new values at all."""
        self.add(origin, Grade.BREAKING, at, what, _RETYPED[at.direction])

    def unclear(self, origin: tuple[Any, ...], at: At, what: str) -> None:
        """Note a change whose effect is unknown."""
        self.add(origin, Grade.ATTENTION, at, what, _UNKNOWN)

    def sorted(self) -> list[Change]:
        """Return the changes, the most serious first, otherwise in the order they were found."""
        return sorted(self._found.values(), key=lambda change: -change.grade)


def by_grade(changes: list[Change]) -> Iterator[tuple[Grade, list[Change]]]:
    """Yield the changes of each grade that has any, the most serious first."""
    for grade in sorted(Grade, reverse=True):
        if found := [change for change in changes if change.grade is grade]:
            yield grade, found


def gravest(changes: list[Change]) -> Grade:
    """Return the most serious grade among changes; `Grade.NAMES` if there are none."""
    return max((change.grade for change in changes), default=Grade.NAMES)
