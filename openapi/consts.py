"""Turns constants into enums, because the generator refuses a whole page for another value.

A schema with a `const`, or a union of such schemas, becomes an enum of those values. A constant
that discriminates between the members of a union stays, because the union could not be decoded
without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openapi.documents import objects, resolved

if TYPE_CHECKING:
    from collections.abc import Iterator

_TYPES = {str: "string", int: "integer", bool: "boolean", float: "number", type(None): "null"}
# An enum of the generator can contain only values of these types. Of other constants, only the type
# is kept.
_LISTABLE = (str, int)


def opened(document: Any) -> Any:
    """Return a copy of a document in which constants are enums."""
    closed = {id(schema) for schema in _discriminators(document)}
    return _opened(document, closed)


def _opened(node: Any, closed: set[int]) -> Any:
    if isinstance(node, list):
        return [_opened(child, closed) for child in node]
    if not isinstance(node, dict) or id(node) in closed:
        return node
    result = {key: _opened(child, closed) for key, child in node.items()}
    for word in ("anyOf", "oneOf"):
        members = node.get(word)
        if isinstance(members, list) and len(members) > 1 and (values := _listed(members)):
            del result[word]
            return {**result, **_enum(values)}
    # An object here is not a constant but the value of a key or a property named ``const``.
    if "const" in node and not isinstance(node["const"], dict):
        constant = result.pop("const")
        return {**result, **_enum([constant])}
    return result


def _listed(members: list[Any]) -> list[Any]:
    """Return the constants of a union that has only constants of one type; otherwise nothing."""
    if all(isinstance(member, dict) and "const" in member for member in members):
        values = [member["const"] for member in members]
        if len({type(value) for value in values}) == 1 and type(values[0]) in _LISTABLE:
            return values
    return []


def _enum(values: list[Any]) -> dict[str, Any]:
    kind = type(values[0])
    if kind not in _TYPES:
        return {}
    listed = {"enum": [*dict.fromkeys(values)]} if kind in _LISTABLE else {}
    return {"type": _TYPES[kind], **listed}


def _discriminators(document: Any) -> Iterator[Any]:
    """Yield the schemas of the properties that discriminate between the members of unions."""
    for _, node in objects(document):
        discriminator = node.get("discriminator")
        if not isinstance(discriminator, dict):
            continue
        for member in (*node.get("anyOf", ()), *node.get("oneOf", ())):
            target = resolved(member, document)
            properties = target.get("properties", {}) if isinstance(target, dict) else {}
            yield resolved(properties.get(discriminator.get("propertyName")), document)
