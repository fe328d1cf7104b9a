"""Compare two versions of an operation: names, security, servers, parameters, messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openapi.diff.annotations import annotations_of, compare_annotations
from openapi.diff.changes import DOCUMENT, REQUEST, At, Changes, Grade
from openapi.diff.messages import WRITING, MessageComparison
from openapi.diff.security import SecurityComparison
from openapi.diff.servers import compare_servers
from openapi.diff.values import both

if TYPE_CHECKING:
    from openapi.diff.variants import Schemas

_NAMES = ("operationId", "tags")
_HANDLED = {"parameters", "requestBody", "responses", "security", "servers", *_NAMES}
# If one of these is true, more is allowed: unescaped characters, or an empty value.
_FREEDOMS = ("allowReserved", "allowEmptyValue")


class ExchangeComparison:
    """Compares operations of two documents, with their requests and responses."""

    def __init__(self, old: Schemas, new: Schemas, changes: Changes) -> None:
        self._changes = changes
        self._messages = MessageComparison(old, new, changes)
        self._security = SecurityComparison(old, new, changes)
        self._old = old
        self._new = new

    def compare(self, name: str, old: tuple[Any, Any], new: tuple[Any, Any]) -> None:
        """Note the changes of one operation.

        Args:
            name: The operation, as ``METHOD /path``, with which places begin.
            old: The old path item and operation.
            new: The new path item and operation.
        """
        before, after = old[1], new[1]
        at = At(REQUEST, name)
        self._messages.others((before, after), _HANDLED, at)
        path = At(REQUEST, name.partition(" ")[2])
        compare_annotations(self._changes, (old[0], new[0]), path)
        for word in _NAMES:
            was, now = (side.get(word, "none") for side in (before, after))
            if was != now:
                what = f"{word} {was} is now {now}; renames a module unless the overlay names it"
                self._changes.add((before, after), Grade.NAMES, At(DOCUMENT, name), what)
        self._security.compare(name, before, after)
        if any("servers" in node for node in (*old, *new)):
            sides = _servers(old, self._old), _servers(new, self._new)
            compare_servers(*sides, self._changes, name)
        self._compare_parameters(name, _parameters(old, self._old), _parameters(new, self._new))
        self._messages.request(name, before.get("requestBody"), after.get("requestBody"))
        self._messages.responses(name, before.get("responses", {}), after.get("responses", {}))

    def finish(self) -> None:
        """Note the changes that can be found only after all operations have been compared."""
        self._security.compare_schemes()

    def _compare_parameters(self, operation: str, old: dict[Any, Any], new: dict[Any, Any]) -> None:
        for key, before, after in both(old, new):
            at = At(REQUEST, f"{operation} → {key[0]} {(after or before)['name']}", as_text=True)
            if before is None or after is None:
                self._messages.come_or_gone("parameter", (old, new, *key), (before, after), at)
                continue
            self._messages.required((before, after), at)
            self._messages.written(before, after, at)
            for word in _FREEDOMS:
                was, now = (bool(side.get(word)) for side in (before, after))
                if was is not now:
                    note = self._changes.wider if now else self._changes.narrower
                    note((before, after), at, f"{word} is {'now' if now else 'no longer'} true")
            # FastAPI writes these annotations both in the parameter and in its schema.
            notes = [
                {**annotations_of(side.get("schema")), **annotations_of(side)}
                for side in (before, after)
            ]
            self._messages.others((before, after), {*WRITING, *_FREEDOMS}, at, notes)


def _servers(nodes: tuple[Any, Any], schemas: Schemas) -> list[Any]:
    """Return the servers of an operation: its own, those of its path, or the document's."""
    item, operation = nodes
    holder = next((one for one in (operation, item) if "servers" in one), schemas.document)
    servers: list[Any] = holder.get("servers", [])
    return servers


def _parameters(nodes: tuple[Any, Any], schemas: Schemas) -> dict[tuple[str, str], Any]:
    """Return the parameters of an operation, including those of its path."""
    item, operation = nodes
    found = {}
    for node in (*item.get("parameters", ()), *operation.get("parameters", ())):
        parameter = schemas.follow(node)
        where, name = parameter["in"], parameter["name"]
        found[where, name.lower() if where == "header" else name] = parameter
    return found
