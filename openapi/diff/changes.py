"""What has changed between two versions of a specification, as somebody who calls it sees it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any


class Grade(IntEnum):
    """What a change asks of whoever calls the API, the least first."""

    NAMES = 0
    """Nothing on the wire has changed: something is called otherwise in the generated code."""
    ABSORBED = 1
    """Code written before keeps working: regenerate, release."""
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

# A schema that allows more: the server takes more, or sends what it never sent. One that allows
# less: the server refuses what it took; or it promises more, and the client regenerated from the
# promise refuses a server that does not keep it yet.
_WIDER = {
    REQUEST: (Grade.ABSORBED, ""),
    RESPONSE: (Grade.ATTENTION, "code that reads it must expect that"),
}
_NARROWER = {
    REQUEST: (Grade.BREAKING, "send only what is still allowed"),
    RESPONSE: (Grade.ATTENTION, "check that the server already keeps to it"),
}
_RETYPED = {REQUEST: "send the new one", RESPONSE: "read the new one"}
_UNKNOWN = "find out what it means for you"


@dataclass(frozen=True)
class At:
    """Where something stands: what is sent in which direction, and the way into it."""

    direction: str
    root: str
    """An operation, a parameter, a body: ``GET /users → 200``."""
    path: str = ""
    """The way into the JSON value there: ``data[].name``."""
    sense: int = 1
    """1 where a schema that admits more lets more through, -1 where less, as below ``not``; 0
    where that depends on the value."""
    condition: bool = False
    """Whether a schema here only tests a value that is described elsewhere."""
    as_text: bool = False
    """Whether scalars are written without quotes here, as in a query: 1 and "1" are the same."""

    def __str__(self) -> str:
        if not self.path or self.path.startswith(" "):
            return self.root + self.path
        return f"{self.root} → {self.path.removeprefix('.')}"

    def below(self, step: str) -> At:
        """Return the place a step further in."""
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
    """One change, whatever number of places it shows at."""

    grade: Grade
    what: str
    """What it was and what it is."""
    places: list[str] = field(default_factory=list)
    """On the wire, the first one met in each direction."""
    directions: list[str] = field(default_factory=list)
    """``request``, ``response``, both, or ``document`` for what is not sent."""
    advice: list[str] = field(default_factory=list, compare=False)
    """What to do about it."""

    @property
    def text(self) -> str:
        """What has changed, and what to do."""
        return "; ".join((self.what, *self.advice))

    def __str__(self) -> str:
        where = " and ".join(self.places)
        return f"{self.grade}: {where} ({' and '.join(self.directions)}): {self.text}"


class Changes:
    """Collects changes; the same one met again in the other direction is still one change."""

    def __init__(self) -> None:
        self._found: dict[tuple[Any, str], Change] = {}
        # What an id stands for must not be freed, or another object would get the id.
        self._kept: list[Any] = []

    def add(
        self, origin: tuple[Any, ...], grade: Grade, at: At, what: str, advice: str = ""
    ) -> None:
        """Note a change.

        Args:
            origin: The nodes of the two documents that differ, and names within them: what makes
                it the same change.
            grade: How grave it is here; a change has the gravest of its grades.
            at: Where.
            what: One line about it: what it was, and what it is.
            advice: What to do about it.
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
        """Note that a schema admits more than before."""
        self._shift(1, origin, at, what)

    def narrower(self, origin: tuple[Any, ...], at: At, what: str) -> None:
        """Note that a schema admits less than before, or other values of the same type."""
        self._shift(-1, origin, at, what)

    def required(self, origin: tuple[Any, ...], at: At, *, now: bool) -> None:
        """Note that something is now required, or no longer."""
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
        """Note that something is so different that code for the one cannot do with the other."""
        self.add(origin, Grade.BREAKING, at, what, _RETYPED[at.direction])

    def unclear(self, origin: tuple[Any, ...], at: At, what: str) -> None:
        """Note a change whose effect cannot be told."""
        self.add(origin, Grade.ATTENTION, at, what, _UNKNOWN)

    def sorted(self) -> list[Change]:
        """Return what was found, the gravest first, and in the order found otherwise."""
        return sorted(self._found.values(), key=lambda change: -change.grade)


def gravest(changes: list[Change]) -> Grade:
    """Return the gravest grade among changes; `Grade.NAMES` if there is none."""
    return max((change.grade for change in changes), default=Grade.NAMES)
