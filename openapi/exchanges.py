"""Compare what goes back and forth in one operation: parameters, bodies, responses, headers."""

from __future__ import annotations

from typing import Any

from openapi.changes import DOCUMENT, REQUEST, RESPONSE, At, Changes, Grade
from openapi.schemas import SchemaComparison, own_annotations
from openapi.variants import ANNOTATIONS, Schemas

_NAMES = ("operationId", "tags")
_HANDLED = {"parameters", "requestBody", "responses", "deprecated", "security", "servers"}
_HANDLED |= ANNOTATIONS | {"summary", *_NAMES}
# How a parameter is written into the request.
_STYLE = ("style", "explode", "allowReserved", "allowEmptyValue")
_JSON = "application/json"


class ExchangeComparison:
    """Compares operations of two documents, and all that is sent in them."""

    def __init__(self, old: Any, new: Any, changes: Changes) -> None:
        self._sides = Schemas(old), Schemas(new)
        self._changes = changes
        self._schemas = SchemaComparison(*self._sides, changes)

    def compare(self, name: str, old: tuple[Any, Any], new: tuple[Any, Any]) -> None:
        """Note the changes of one operation.

        Args:
            name: ``METHOD /path``, where places begin.
            old: The path item and the operation as they were.
            new: The path item and the operation as they are.
        """
        before, after = old[1], new[1]
        self._schemas.annotations((before, after), before, after, At(REQUEST, name))
        for word in _NAMES:
            if before.get(word) != after.get(word):
                was, now = before.get(word), after.get(word)
                what = f"{word} {was} is now {now}; a generated module is called otherwise"
                self._changes.add((before, after), Grade.NAMES, At(DOCUMENT, name), what)
        for word in ("security", "servers"):
            if before.get(word, old[0].get(word)) != after.get(word, new[0].get(word)):
                self._changes.add(
                    (before, after),
                    Grade.ATTENTION,
                    At(REQUEST, name),
                    f"{word} of its own changed",
                )
        self._unknown(before, after, _HANDLED, At(REQUEST, name))
        self._parameters(name, self._of(old, 0), self._of(new, 1))
        self._request(name, before.get("requestBody"), after.get("requestBody"))
        self._responses(name, before.get("responses", {}), after.get("responses", {}))

    def _unknown(self, old: Any, new: Any, handled: set[str], at: At) -> None:
        for key in sorted((old.keys() | new.keys()) - handled):
            # Whatever it means, somebody should know.
            if not key.startswith("x-") and old.get(key) != new.get(key):
                self._changes.add((old, new), Grade.ATTENTION, at, f"{key} changed")

    def _of(self, side: tuple[Any, Any], number: int) -> dict[tuple[str, str], Any]:
        """Return the parameters of an operation, those of its path included."""
        found = {}
        for node in (*side[0].get("parameters", ()), *side[1].get("parameters", ())):
            parameter = self._sides[number].follow(node)
            name = parameter["name"]
            where = parameter["in"]
            found[where, name.lower() if where == "header" else name] = parameter
        return found

    def _parameters(self, operation: str, old: dict[Any, Any], new: dict[Any, Any]) -> None:
        for key in {**old, **new}:
            before, after = old.get(key), new.get(key)
            at = At(REQUEST, f"{operation} → {key[0]} {(old | new)[key]['name']}")
            needed = [bool(side and side.get("required")) for side in (before, after)]
            origin = (old, new, *key) if before is None or after is None else (before, after)
            if before is None:
                grade = Grade.BREAKING if needed[1] else Grade.ABSORBED
                what = f"new {'required' if needed[1] else 'optional'} parameter"
                self._changes.add(origin, grade, at, what)
                continue
            if after is None:
                self._changes.add(origin, Grade.BREAKING, at, "parameter gone")
                continue
            self._required(origin, needed, at)
            style = [{word: side[word] for word in _STYLE if word in side} for side in origin]
            if style[0] != style[1]:
                self._changes.add(origin, Grade.BREAKING, at, "is written another way")
            # FastAPI says it twice, of the parameter and of its schema.
            notes = [{**own_annotations(side.get("schema")), **_notes(side)} for side in origin]
            self._schemas.annotations((before, after), notes[0], notes[1], at)
            if "content" in before or "content" in after:
                self._content(before, after, at)
            else:
                schemas = before.get("schema", True), after.get("schema", True)
                self._schemas.compare(*schemas, at, annotated=False)

    def _required(self, origin: tuple[Any, ...], needed: list[bool], at: At) -> None:
        if needed == [False, True]:
            self._changes.add(origin, Grade.BREAKING, at, "now required")
        elif needed == [True, False]:
            self._changes.add(origin, Grade.ABSORBED, at, "no longer required")

    def _request(self, operation: str, old: Any, new: Any) -> None:
        at = At(REQUEST, f"{operation} → body")
        origin = (old, new, operation)
        before, after = (
            side.follow(one) for side, one in zip(self._sides, (old, new), strict=True)
        )
        needed = [bool(side and side.get("required")) for side in (before, after)]
        if before is None and after is not None:
            grade = Grade.BREAKING if needed[1] else Grade.ABSORBED
            self._changes.add(
                origin, grade, at, f"new {'required' if needed[1] else 'optional'} body"
            )
        elif before is not None and after is None:
            self._changes.add(origin, Grade.BREAKING, at, "body gone")
        elif before is not None:
            self._required((before, after), needed, at)
            self._schemas.annotations((before, after), before, after, at)
            self._content(before, after, at)

    def _content(self, old: Any, new: Any, at: At) -> None:
        before, after = old.get("content", {}), new.get("content", {})
        for media in {**before, **after}:
            place = at.root if media == _JSON else f"{at.root} ({media})"
            if media not in before:
                grade = Grade.ABSORBED if at.direction == REQUEST else Grade.ATTENTION
                self._changes.add((old, new, media), grade, at, f"new content type {media}")
            elif media not in after:
                what = f"content type {media} gone"
                self._changes.add((old, new, media), Grade.BREAKING, at, what)
            else:
                both = before[media], after[media]
                self._schemas.annotations(
                    both, _notes(both[0]), _notes(both[1]), At(at.direction, place)
                )
                self._unknown(*both, {"schema", *ANNOTATIONS}, At(at.direction, place))
                schemas = before[media].get("schema", True), after[media].get("schema", True)
                self._schemas.compare(*schemas, At(at.direction, place))

    def _responses(self, operation: str, old: Any, new: Any) -> None:
        for status in {**old, **new}:
            if status.startswith("x-"):
                continue
            at = At(RESPONSE, f"{operation} → {status}")
            succeeds = status.startswith("2")
            if status not in old:
                grade = Grade.ATTENTION if succeeds else Grade.ABSORBED
                self._changes.add((old, new, status), grade, at, "new status")
            elif status not in new:
                grade = Grade.BREAKING if succeeds else Grade.ATTENTION
                self._changes.add((old, new, status), grade, at, "status gone")
            else:
                before = self._sides[0].follow(old[status])
                after = self._sides[1].follow(new[status])
                self._schemas.annotations((before, after), before, after, at)
                self._headers(before, after, at)
                self._content(before, after, at)
                self._unknown(before, after, {"headers", "content", *ANNOTATIONS, "summary"}, at)

    def _headers(self, old: Any, new: Any, at: At) -> None:
        sides = [
            {name.lower(): (name, schemas.follow(node)) for name, node in headers.items()}
            for schemas, headers in zip(
                self._sides, (old.get("headers", {}), new.get("headers", {})), strict=True
            )
        ]
        for key in {**sides[0], **sides[1]}:
            name, _ = sides[1].get(key) or sides[0][key]
            below = At(RESPONSE, f"{at.root} → header {name}")
            before, after = (side.get(key, ("", None))[1] for side in sides)
            if before is None:
                self._changes.add((old, new, key), Grade.ABSORBED, below, "new header")
            elif after is None:
                grade = Grade.BREAKING if before.get("required") else Grade.ATTENTION
                self._changes.add((old, new, key), grade, below, "header gone")
            else:
                needed = [bool(side.get("required")) for side in (before, after)]
                if needed[0] is not needed[1]:
                    what = "now required" if needed[1] else "no longer required"
                    self._changes.add((before, after), Grade.ATTENTION, below, what)
                self._schemas.annotations((before, after), _notes(before), _notes(after), below)
                schemas = before.get("schema", True), after.get("schema", True)
                self._schemas.compare(*schemas, below)


def _notes(node: Any) -> dict[str, Any]:
    return {key: node[key] for key in ANNOTATIONS if key in node}
