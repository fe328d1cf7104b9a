"""Compare messages: their bodies, content and headers, and how these are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openapi.diff.alike import alike
from openapi.diff.annotations import compare_annotations
from openapi.diff.changes import REQUEST, RESPONSE, At, Changes, Grade
from openapi.diff.rules import ANNOTATIONS
from openapi.diff.schemas import SchemaComparison
from openapi.diff.values import both
from openapi.documents import essence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from openapi.diff.variants import Schemas

# The keys that `written` compares.
WRITING = {"name", "in", "required", "schema", "content", "style", "explode"}

_JSON = "application/json"
# The default styles.
_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
# The types for which `explode` makes a difference.
_EXPLODED = {"simple": {"object", "any"}}
_EXPLODED_ELSE = {"array", "object", "any"}


class MessageComparison:
    """Compares the messages of two documents."""

    def __init__(self, old: Schemas, new: Schemas, changes: Changes) -> None:
        self._changes = changes
        self._schemas = SchemaComparison(old, new, changes)
        self._old = old
        self._new = new

    def others(
        self, nodes: tuple[Any, Any], handled: set[str], at: At, notes: Sequence[Any] = ()
    ) -> None:
        """Note changes of annotations, and of keys that this package does not interpret.

        Args:
            nodes: The old and the new object.
            handled: The keys that are compared elsewhere.
            at: The place.
            notes: The old and the new annotations; by default those of the nodes.
        """
        compare_annotations(self._changes, nodes, at, notes=notes)
        old, new = nodes
        for key in sorted((old.keys() | new.keys()) - handled - ANNOTATIONS):
            # The effect is unknown, so a person has to check.
            if not key.startswith("x-") and not alike(old, new, key, self._old, self._new):
                self._changes.unclear((old, new), at, f"{key} changed")

    def required(self, sides: tuple[Any, Any], at: At) -> None:
        """Note whether something is now required, or is no longer required."""
        were, are = (bool(side.get("required")) for side in sides)
        if were is not are:
            self._changes.required(sides, at, now=are)

    def come_or_gone(self, word: str, origin: Any, sides: tuple[Any, Any], at: At) -> None:
        """Note that a part of a request is new or gone."""
        if sides[0] is not None:
            self._changes.add(origin, Grade.BREAKING, at, f"{word} gone", "stop sending it")
        else:
            self._changes.added(origin, at, word, required=bool(sides[1].get("required")))

    def written(self, old: Any, new: Any, at: At) -> None:
        """Compare how a parameter or a header is written, and its values."""
        before, after = old.get("schema", True), new.get("schema", True)
        variants = (*self._old.variants(before), *self._new.variants(after))
        kinds = {one.kind for one in variants}
        was, now = _writing(old, kinds), _writing(new, kinds)
        if was != now:
            what = f"was written as {was}, and is now written as {now}"
            self._changes.retyped((old, new), at, what)
        if "content" in old and "content" in new:
            self._content(old, new, at)
        elif "content" not in old and "content" not in new:
            annotated = at.direction == RESPONSE
            self._schemas.compare(before, after, at, annotated=annotated)

    def request(self, operation: str, old: Any, new: Any) -> None:
        """Note the changes in the body of a request."""
        at = At(REQUEST, f"{operation} → body")
        before, after = self._old.follow(old), self._new.follow(new)
        if before is None and after is None:
            return
        if before is None or after is None:
            self.come_or_gone("body", (old, new, operation), (before, after), at)
            return
        self.required((before, after), at)
        self.others((before, after), {"required", "content"}, at)
        self._content(before, after, at)

    def _content(self, old: Any, new: Any, at: At) -> None:
        before, after = old.get("content", {}), new.get("content", {})
        for one, other in _paired(before, after):
            if one is None:
                self._changes.wider((old, new, str(other)), at, f"new content type {other}")
                continue
            if other is None:
                what = f"content type {one} gone"
                self._changes.retyped((old, new, one), at, what)
                continue
            place = at.root if essence(other) == _JSON else f"{at.root} ({other})"
            below = At(at.direction, place)
            both = before[one], after[other]
            if _parameters(one) != _parameters(other):
                self._changes.unclear(both, below, f"content type {one} is now {other}")
            self.others(both, {"schema"}, below)
            self._schemas.compare(both[0].get("schema", True), both[1].get("schema", True), below)

    def responses(self, operation: str, old: Any, new: Any) -> None:
        """Note the changes in the responses of an operation."""
        sides = _by_status(old, self._old), _by_status(new, self._new)
        for status, before, after in both(*sides):
            at = At(RESPONSE, f"{operation} → {status}")
            origin = (old, new, status)
            succeeds = status.startswith("2")
            if before is None and succeeds:
                self._changes.wider(origin, at, "new status")
            elif before is None:
                self._changes.add(origin, Grade.ABSORBED, at, "new status")
            elif after is None:
                grade = Grade.BREAKING if succeeds else Grade.ATTENTION
                advice = "look for the status that replaces it"
                self._changes.add(origin, grade, at, "status gone", advice)
            else:
                self.others((before, after), {"headers", "content", "links"}, at)
                self._headers(before, after, at)
                self._content(before, after, at)
                self._links(before, after, at)

    def _links(self, old: Any, new: Any, at: At) -> None:
        sides = old.get("links", {}), new.get("links", {})
        for name, before, after in both(*sides):
            below = At(RESPONSE, f"{at.root} → link {name}")
            if before is None:
                self._changes.add((old, new, name), Grade.ABSORBED, below, "new link")
            elif not alike(*sides, name, self._old, self._new):
                what = f"link {'changed' if after is not None else 'gone'}"
                self._changes.unclear((old, new, name), below, what)

    def _headers(self, old: Any, new: Any, at: At) -> None:
        names = [{name.lower(): name for name in side.get("headers", ())} for side in (old, new)]
        for key, was, now in both(*names):
            below = At(RESPONSE, f"{at.root} → header {now or was}")
            before = self._old.follow(old["headers"][was]) if was else None
            after = self._new.follow(new["headers"][now]) if now else None
            if before is None:
                self._changes.add((old, new, key), Grade.ABSORBED, below, "new header")
            elif after is None:
                grade = Grade.BREAKING if before.get("required") else Grade.ATTENTION
                self._changes.add((old, new, key), grade, below, "header gone", "do without it")
            else:
                self.required((before, after), below)
                self.others((before, after), WRITING, below)
                self.written(before, after, below)


def _by_status(responses: Any, schemas: Schemas) -> dict[str, Any]:
    """Return responses by status, which may be in upper or lower case, such as 2XX."""
    return {
        str(status).upper().replace("DEFAULT", "default"): schemas.follow(response)
        for status, response in responses.items()
        if not str(status).startswith("x-")
    }


def _writing(parameter: Any, kinds: set[str]) -> str:
    """Return how a Parameter or Header Object is written, as a text that can be compared.

    Args:
        parameter: The object.
        kinds: The JSON types that its values may have, in the old or the new version.
    """
    if "content" in parameter:
        return " or ".join(sorted(map(essence, parameter["content"])))
    style = parameter.get("style", _STYLES.get(parameter.get("in", "header"), "form"))
    if kinds.isdisjoint(_EXPLODED.get(style, _EXPLODED_ELSE)):
        return f"style {style}"
    explode = bool(parameter.get("explode", style == "form"))
    return f"style {style}, explode {str(explode).lower()}"


def _paired(old: Iterable[str], new: Iterable[str]) -> Iterator[tuple[str | None, str | None]]:
    """Yield pairs of media types of two messages, with None if one has no counterpart.

    Upper and lower case do not matter, nor does a charset, because JSON is UTF-8. Other parameters
    matter only if several media types differ in nothing else.
    """
    left, right = [*old], [*new]
    for same in (_full, essence):
        for one in [*left]:
            found = [other for other in right if same(other) == same(one)]
            if len(found) == 1 and [same(other) for other in left].count(same(one)) == 1:
                left.remove(one)
                right.remove(found[0])
                yield one, found[0]
    for one in left:
        yield one, None
    for other in right:
        yield None, other


def _parameters(media: str) -> dict[str, str]:
    """Return the parameters of a media type except the charset."""
    parts = (part.partition("=") for part in media.split(";")[1:])
    said = {name.strip().lower(): value.strip().strip('"') for name, _, value in parts}
    said.pop("charset", None)
    return said


def _full(media: str) -> Any:
    return (essence(media), sorted(_parameters(media).items()))
