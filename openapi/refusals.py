"""Explains which parts of a document cannot be generated, and which overlay action would fix it.

An action changes the types of the client, not what the server sends. A property without a type is
still decoded as it was sent.
"""

from __future__ import annotations

import json
import keyword
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from openapi_python_client.strings import pascal_case

from openapi.documents import essence, objects, pointer, printable, resolved, steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openapi.documents import Place

# Names that a field must not have: those that the class of a model uses itself, and those of types,
# because an annotation would find the field instead of the type.
_TAKEN = (
    *("from_dict", "mro", "self", "to_dict"),
    *("Any", "UUID", "Unset", "bool", "datetime", "dict", "float", "int", "list", "str"),
)
# Formats for which the generator uses types of their own; to msgspec, they are strings in JSON.
_FORMATS = ("date-time", "date", "uuid")


@dataclass(frozen=True)
class Refusal:
    """A part of a document that cannot be generated.

    Attributes:
        place: The place in the document.
        reason: Why it cannot be generated.
        actions: The overlay actions that would fix it, in order.
    """

    place: Place
    reason: str
    actions: tuple[dict[str, Any], ...]

    def __str__(self) -> str:
        actions = " and then ".join(
            f"target: {action['target']}, "
            + ("remove: true" if "update" not in action else f"update: {action['update']}")
            for action in self.actions
        )
        text = f"{pointer(self.place)}: {self.reason}; to fix it in the overlay: {actions}"
        # On one line, because names come from the document and could contain line breaks.
        return printable(text.replace("\n", "\\n"))


def unmodellable(document: Any) -> Iterator[Refusal]:
    """Yield the properties whose wire name cannot be the name of an attrs field.

    msgspec decodes an attrs field under its own name only, so a model with such a property would
    never match. The check also keeps code out of the templates, which insert names without quotes.
    """
    for at, node in objects(document):
        for name in node.get("properties", {}):
            if _can_name_a_field(name):
                continue
            place = (*at, "properties", name)
            actions = [_remove(place)]
            if name in node.get("required", ()):
                actions.insert(0, _remove((*at, "required", node["required"].index(name))))
            yield Refusal(place, f"{name!r} cannot name a field", tuple(actions))


def _can_name_a_field(name: str) -> bool:
    return (
        name.isidentifier()
        and not keyword.iskeyword(name)
        and name not in _TAKEN
        # When it encodes, msgspec leaves out a field whose name begins with an underscore.
        and not name.startswith("_")
        # Python normalizes identifiers to this form, so the field would have another wire name.
        and unicodedata.is_normalized("NFKC", name)
    )


def explained(message: str, document: Any) -> str:
    """Return what in a document has made the generator or msgspec fail, one line each.

    Returns the message itself if this module does not know the cause.
    """
    from_msgspec = "type union" in message.lower()  # part of two messages of msgspec
    found = undecodable_unions(document) if from_msgspec else same_names(document)
    return "\n".join(map(str, found)) or message


def undecodable_unions(document: Any) -> Iterator[Refusal]:
    """Yield the unions whose members msgspec cannot distinguish.

    msgspec distinguishes members only by their JSON type. So a union must not contain two objects,
    two arrays of different items, or two kinds of strings.
    """
    for at, node in objects(document):
        for word in ("anyOf", "oneOf"):
            members = node.get(word)
            if isinstance(members, list) and len(members) > 1:
                yield from _ambiguities((*at, word), [*_members(members, document)])
        # The generator makes a list whose items may be of any of these types.
        items = [*node.get("prefixItems", ()), node.get("items", {})]
        if "prefixItems" in node and [*_ambiguities(at, [*_members(items, document)])]:
            actions = (_remove((*at, "prefixItems")), _update(at, {"items": {}}))
            yield Refusal((*at, "prefixItems"), "an array of different kinds of items", actions)


def same_names(document: Any) -> Iterator[Refusal]:
    """Yield the schemas whose class would have the name of another class.

    The generator names the class of a component by its title, and the class of an inner schema by
    both names, so two classes can get the same name.
    """
    schemas = document.get("components", {}).get("schemas", {})
    places = [
        at
        for at, node in objects(schemas)
        if at and at[-1] != "propertyNames" and (node.get("type") == "object" or "enum" in node)
    ]
    taken: set[str] = set()
    for at in sorted(places, key=len):  # components first, so that they keep their names
        name = _class_name(at, schemas)
        if name.lower() in taken:
            place: Place = ("components", "schemas", *at)
            retitled = _update(place, {"title": f"{name}Again"})
            yield Refusal(place, f"a second class would be named {name}", (retitled,))
        taken.add(name.lower())


def several_bodies(document: Any) -> Iterator[Refusal]:
    """Yield the request bodies that the endpoint template cannot send."""
    for path, item in document.get("paths", {}).items():
        for method, operation in item.items():
            if not isinstance(operation, dict) or "requestBody" not in operation:
                continue
            at: Place = ("paths", path, method, "requestBody")
            body = operation["requestBody"]
            content = resolved(body, document).get("content", {})
            if essence(next(iter(content), "")) == "multipart/form-data":
                reason = "a multipart body, which the client cannot send"
                yield Refusal(at, reason, (_remove(at),))
            within: Place = (
                (*steps(body["$ref"]), "content") if "$ref" in body else (*at, "content")
            )
            for media_type in [*content][:0:-1]:
                reason = "a second content type of the body; the client can send only one"
                yield Refusal((*within, media_type), reason, (_remove((*within, media_type)),))


def _members(
    members: list[Any], document: Any, outer: tuple[Any, ...] = ()
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the members of a union and of its inner unions, each with its outer index."""
    unions = (*outer, members)
    for index, member in enumerate(members):
        target = resolved(member, document)
        inner = (target.get("anyOf") or target.get("oneOf")) if isinstance(target, dict) else None
        if inner is None and isinstance(target, dict):
            yield index, target
        elif inner and inner not in unions:  # a union may contain itself
            yield from ((index, one) for _, one in _members(inner, document, unions))


def _ambiguities(at: Place, members: list[tuple[int, dict[str, Any]]]) -> Iterator[Refusal]:
    kinds: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for index, member in members:
        same = kinds.setdefault(_kind(member), [])
        if all(member != other for _, other in same):
            same.append((index, member))
    if len(kinds.get("object", ())) > 1:
        yield Refusal(at, "a union of several objects", (_remove(at),))
    if len(kinds.get("array", ())) > 1:
        further = sorted({index for index, _ in kinds["array"][1:]}, reverse=True)
        actions = tuple(_remove((*at, index)) for index in further)
        yield Refusal(at, "a union of several arrays", actions)
    strings = {member.get("format") for _, member in kinds.get("string", ())}
    if len({one if one in _FORMATS else None for one in strings}) > 1:
        formatted = [index for index, one in kinds["string"] if one.get("format") in _FORMATS]
        actions = tuple(_remove((*at, index, "format")) for index in formatted)
        yield Refusal(at, "a union of several kinds of strings", actions)


def _kind(member: dict[str, Any]) -> str:
    kind = member.get("type")
    if kind is None:
        values = member.get("enum", [member["const"]] if "const" in member else [])
        if all(isinstance(value, str) for value in values) and values:
            return "string"
        return "object" if "properties" in member else "any"
    return str(kind)


def _class_name(at: Place, schemas: Any) -> str:
    """Return the name that the generator gives to the class of a schema."""
    node, result = schemas, ""
    for before, part in zip(("properties", *at), at, strict=False):
        node = node[part]
        title = node.get("title") if isinstance(node, dict) else None
        if before == "properties":
            result += pascal_case(title or str(part))
        elif before in ("anyOf", "oneOf"):
            result += pascal_case(title or f"Type{part}")
        elif part in ("items", "additionalProperties"):
            result += pascal_case(title or ("Item" if part == "items" else "AdditionalProperty"))
    return result


def _remove(place: Place) -> dict[str, Any]:
    return {"target": _path(place), "remove": True}


def _update(place: Place, update: dict[str, Any]) -> dict[str, Any]:
    return {"target": _path(place), "update": update}


def _path(place: Place) -> str:
    """Return the JSONPath of a place (RFC 9535)."""
    return "$" + "".join(map(_step, place))


def _step(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    if re.fullmatch(r"[A-Za-z_]\w*", part, re.ASCII):
        return f".{part}"
    quoted = json.dumps(part, ensure_ascii=not part.isprintable())[1:-1]
    return "['" + quoted.replace('\\"', '"').replace("'", "\\'") + "']"
