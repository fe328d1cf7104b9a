"""Reads the keywords of one schema object into rules for values, in one canonical form.

Explicit defaults are left out, the bounds of OpenAPI 3.0 and 3.1 get the same form, and `const` and
`enum` become a set of values. Other keywords stay as they are written.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from openapi.diff.values import (
    Bound,
    canonical,
    inclusive,
    is_multiple,
    json_type,
    tightness,
)

Rules: TypeAlias = dict[str, Any]

# Keywords that describe a place, or how a value is read, but not which values are allowed.
ANNOTATIONS = frozenset(
    (
        *("title", "summary", "description", "example", "examples", "externalDocs"),
        *("default", "deprecated", "readOnly", "writeOnly", "discriminator", "xml"),
    )
)
UNIONS = ("anyOf", "oneOf")
# Keywords that name a schema or only serve as targets of references. References are compared by
# their targets.
SILENT = frozenset(("$id", "$schema", "$anchor", "$defs", "$comment", "$vocabulary", "definitions"))

# Keywords that contain one schema, and the text for it in a place.
BELOW = {
    "items": "[]",
    "additionalProperties": ".*",
    "propertyNames": ".<key>",
    "unevaluatedItems": "[others]",
    "unevaluatedProperties": ".<others>",
    "contentSchema": " (content)",
}
NAMED_BELOW = {"patternProperties": ".<{}>", "dependentSchemas": " (with {})"}
_CONTAINS = ("contains", "minContains", "maxContains")
_CONDITION = ("if", "then", "else")
# Keywords that are not read one by one: they depend on one another, combine schemas, or limit no
# values.
_ELSEWHERE = frozenset(
    (
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", *_CONTAINS, *_CONDITION),
        *("$ref", "allOf", "nullable", "type", *UNIONS, *ANNOTATIONS, *SILENT),
    )
)

# Keywords that affect only values of one type.
_OF = {
    "string": (
        *("minLength", "maxLength", "pattern"),
        *("contentEncoding", "contentMediaType", "contentSchema"),
    ),
    "number": ("minimum", "maximum", "multipleOf"),
    "array": (
        *("items", "prefixItems", "contains", "minItems", "maxItems", "uniqueItems"),
        "unevaluatedItems",
    ),
    "object": (
        *("properties", "required", "patternProperties", "additionalProperties", "propertyNames"),
        *("minProperties", "maxProperties", "dependentRequired", "dependentSchemas"),
        "unevaluatedProperties",
    ),
}
_TYPE_OF = {key: kind for kind, keys in _OF.items() for key in keys}
_SHAPE = ("properties", "additionalProperties", "required", "propertyNames")

# The values of keywords that allow everything.
_ALLOWING_ALL: dict[str, tuple[Any, ...]] = {
    **dict.fromkeys(("minLength", "minItems", "minProperties"), (0,)),
    **dict.fromkeys(("required", "prefixItems"), ([],)),
    **dict.fromkeys(("properties", "dependentRequired", *NAMED_BELOW), ({},)),
    **dict.fromkeys(BELOW, (True, {})),
    "uniqueItems": (False,),
    "pattern": ("", ".*", "^.*$", "^.*", ".*$", "^", "$"),
}


def read(schema: dict[str, Any]) -> Rules:
    """Return the rules of a schema object, without the keywords that combine schemas."""
    rules: Rules = {}
    for key, value in schema.items():
        if key in _ELSEWHERE or key.startswith("x-") or value in _ALLOWING_ALL.get(key, ()):
            continue
        if key in ("enum", "const"):
            listed = _listed([value] if key == "const" else value)
            both = rules.get("values", listed)
            rules["values"] = {text: one for text, one in listed.items() if text in both}
        else:
            # In an `allOf`, there may be several patterns and formats.
            rules[key] = (value,) if key in ("pattern", "format") else value
    if "x-extensible-enum" in schema:
        rules["x-extensible-enum"] = _listed(schema["x-extensible-enum"])
    for side in ("minimum", "maximum"):
        _bound(rules, side, schema)
    if "contains" in schema:
        rules["contains"] = {key: schema[key] for key in _CONTAINS if key in schema}
    if "if" in schema and ("then" in schema or "else" in schema):
        rules["if"] = {key: schema[key] for key in _CONDITION if key in schema}
    return rules


def _listed(values: list[Any]) -> dict[str, Any]:
    return {canonical(value): value for value in values}


def _bound(rules: Rules, side: str, schema: dict[str, Any]) -> None:
    exclusive = schema.get(f"exclusive{side.capitalize()}")
    bounds = []
    if side in schema:
        # In OpenAPI 3.0, the exclusive keyword is a boolean next to the bound.
        bounds.append(Bound(schema[side], exclusive is True))
    if exclusive is not None and not isinstance(exclusive, bool):
        bounds.append(Bound(exclusive, exclusive=True))
    if bounds:
        rules[side] = max(bounds, key=lambda bound: tightness(side, bound))


def kinds(schema: dict[str, Any], rules: Rules) -> list[str]:
    """Return the JSON types that a schema object allows; ``any`` stands for all of them."""
    declared = schema.get("type")
    if isinstance(declared, str):
        return [declared]
    if isinstance(declared, list):
        return declared
    if "values" in rules:
        return [*dict.fromkeys(json_type(value) for value in rules["values"].values())]
    if any(key in schema for key in _SHAPE):
        return ["object"]
    return ["array"] if "items" in schema else ["any"]


def of_kind(rules: Rules, kind: str) -> tuple[str, Rules] | None:
    """Return the rules for values of one JSON type, or None if no such value is allowed.

    The returned type of a number that must be whole is ``integer``.
    """
    family = "number" if kind == "integer" else kind
    found = {
        key: value
        for key, value in rules.items()
        if kind == "any" or _TYPE_OF.get(key, family) == family
    }
    if family == "number":
        kind = _numbers(found, kind)
    if "values" in found:
        types = {kind, "integer"} if kind == "number" else {kind}
        found["values"] = {
            text: value
            for text, value in found["values"].items()
            if kind == "any" or json_type(value) in types
        }
        if not found["values"]:
            return None
        if kind == "null" or (kind == "boolean" and len(found["values"]) > 1):
            del found["values"]
    return kind, found


def _numbers(rules: Rules, kind: str) -> str:
    step = rules.get("multipleOf")
    values = rules.get("values", {}).values()
    whole = values and all(json_type(value) == "integer" for value in values)
    if whole or (step and is_multiple(step, 1)):
        kind = "integer"
    if kind == "integer":
        if step and is_multiple(1, step):
            del rules["multipleOf"]
        for side in ("minimum", "maximum"):
            if side in rules:
                rules[side] = inclusive(side, rules[side])
    return kind
