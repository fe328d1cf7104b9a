"""Checks the types in an OpenAPI document that every step relies on.

They are only basic: that a map is a map and a number is a number. Lint checks more with the
meta-schema of OpenAPI, but only after the document has been corrected.
"""

from __future__ import annotations

import contextlib
import json
import math
from typing import TYPE_CHECKING, Any

from openapi.documents import METHODS, follow, pointer, steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from openapi.documents import Place

# The type of the value of each key: a plain type, the name of another object, or a [list] or {map}
# of one.
_SCHEMA = {
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), "[Schema]"),
    **dict.fromkeys(
        (
            *("not", "if", "then", "else", "items", "contains", "additionalProperties"),
            *("propertyNames", "unevaluatedItems", "unevaluatedProperties", "contentSchema"),
        ),
        "Schema",
    ),
    **dict.fromkeys(("properties", "patternProperties", "dependentSchemas", "$defs"), "{Schema}"),
    **dict.fromkeys(
        (
            *("multipleOf", "maximum", "minimum", "maxLength", "minLength", "maxItems"),
            *("minItems", "maxProperties", "minProperties", "maxContains", "minContains"),
        ),
        "number",
    ),
    **dict.fromkeys(("exclusiveMaximum", "exclusiveMinimum"), "number or boolean"),
    **dict.fromkeys(("$ref", "pattern", "format", "title", "description"), "string"),
    "type": "string or [string]",
    "enum": "[anything]",
    "x-extensible-enum": "[anything]",
    "required": "[string]",
    "uniqueItems": "boolean",
    "discriminator": "Discriminator",
}
_VALUE = {"schema": "Schema", "content": "{Media Type}"}
_OBJECTS = {
    "document": {
        "openapi": "string",
        "info": "Info",
        "paths": "{Path Item}",
        "servers": "[Server]",
        "security": "[{[string]}]",
        "components": "Components",
    },
    "Info": {"title": "string", "version": "string"},
    "Server": {"url": "string", "variables": "{Plain}"},
    "Components": {
        "schemas": "{Schema}",
        "parameters": "{Parameter}",
        "responses": "{Response}",
        "headers": "{Header}",
        "requestBodies": "{Request Body}",
        "examples": "{Plain}",
        "securitySchemes": "{Plain}",
        "pathItems": "{Path Item}",
    },
    "Path Item": {
        "parameters": "[Parameter]",
        "servers": "[Server]",
        **dict.fromkeys(METHODS, "Operation"),
    },
    "Operation": {
        "parameters": "[Parameter]",
        "requestBody": "Request Body",
        "servers": "[Server]",
        "responses": "{Response}",
        "security": "[{[string]}]",
        "tags": "[string]",
    },
    "Parameter": {"name": "string", "in": "string", **_VALUE},
    "Header": _VALUE,
    "Request Body": {"content": "{Media Type}"},
    "Response": {
        "content": "{Media Type}",
        "headers": "{Header}",
        "links": "{Plain}",
    },
    "Media Type": {"schema": "Schema"},
    "Plain": {},
    "Discriminator": {"propertyName": "string", "mapping": "{string}"},
    "Schema": _SCHEMA,
}
_REQUIRED = {
    "document": ("openapi", "info", "paths"),
    "Info": ("version",),
    "Server": ("url",),
    "Parameter": ("name", "in"),
}
_PLAIN: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "number": lambda value: (
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    ),
}
# Maps of these may have extensions; in other maps, a key such as ``x-request-id`` is a name.
_EXTENSIBLE = ("Path Item", "Response")
# The words for a type in a message; other objects are called by their names.
_WORDS = {
    "string": "a string",
    "boolean": "true or false",
    "number": "a number",
    "[": "a list",
    "{": "an object",
    "document": "an object",
    "Plain": "an object",
    "Info": "an Info object",
    "Operation": "an Operation object",
}
_LONGEST = 60


def misfits(document: Any) -> Iterator[str]:
    """Yield one line with a JSON pointer for each value of a document that has the wrong type."""
    waiting: list[tuple[Place, str, Any]] = [((), "document", document)]
    followed: set[tuple[str, str]] = set()
    while waiting:
        at, expected, value = waiting.pop()
        below: list[tuple[Place, str, Any]] = []
        if not any(_fits(at, one, value, below) for one in expected.split(" or ")):
            shown = json.dumps(value, ensure_ascii=False, default=str)[:_LONGEST]
            yield f"{pointer(at) or '/'}: must be {_words(expected)}, but is {shown}"
            continue
        if isinstance(value, dict):
            yield from _wrong_keys(at, expected, value)
            reference = value.get("$ref")
            if isinstance(reference, str) and (reference, expected) not in followed:
                followed.add((reference, expected))
                with contextlib.suppress(LookupError):  # other steps report it
                    target = follow(reference, document)
                    below.append((tuple(steps(reference)), expected, target))
        waiting += reversed(below)


def _wrong_keys(at: Place, expected: str, value: dict[Any, Any]) -> Iterator[str]:
    for key in value:
        if not isinstance(key, str):
            yield f"{pointer((*at, key))}: the key {key!r} is not a string"
    if "$ref" not in value:
        for key in _REQUIRED.get(expected, ()):
            if key not in value:
                yield f"{pointer(at) or '/'}: {key} is missing"


def _fits(at: Place, expected: str, value: Any, below: list[tuple[Place, str, Any]]) -> bool:
    """Tell whether a value has the expected type; append what is expected in it to `below`."""
    if expected == "anything" or (expected == "Schema" and isinstance(value, bool)):
        return True
    if expected in _PLAIN:
        return _PLAIN[expected](value)
    inner = expected[1:-1]
    if expected.startswith("["):
        if isinstance(value, list):
            below += [((*at, number), inner, one) for number, one in enumerate(value)]
        return isinstance(value, list)
    if not isinstance(value, dict):
        return False
    if expected.startswith("{"):
        below += [
            ((*at, key), inner, one)
            for key, one in value.items()
            if inner not in _EXTENSIBLE or not str(key).startswith("x-")
        ]
    else:
        fields = {"$ref": "string", **_OBJECTS[expected]}
        below += [((*at, key), fields[key], one) for key, one in value.items() if key in fields]
    return True


def _words(expected: str) -> str:
    return " or ".join(
        _WORDS.get(one, _WORDS.get(one[0], f"a {one} object")) for one in expected.split(" or ")
    )
