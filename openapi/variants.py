"""What a schema allows, as alternatives, however it was written.

``$ref: X``, ``allOf: [$ref: X]`` and ``anyOf: [$ref: X]`` are one thing to who reads the wire, and
so are ``type: [string, 'null']`` and ``anyOf: [type: string, type: 'null']``.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

from openapi.documents import follow

ANNOTATIONS = frozenset(
    ("title", "description", "default", "deprecated", "example", "examples", "externalDocs")
)
_UNIONS = ("anyOf", "oneOf")
_STRUCTURE = frozenset(("$ref", "allOf", "nullable", *_UNIONS))
# What has nothing to say about values.
_SILENT = frozenset(("$id", "$schema", "$anchor", "$defs", "$comment", "definitions"))
_JSON_TYPES = ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"))


@dataclass(frozen=True, eq=False)
class Variant:
    """One alternative of a schema: values of one JSON type."""

    kind: str
    """A JSON type, or ``any``."""
    rules: dict[str, Any]
    """The keywords that hold for it, those around it included; no annotations."""
    source: Any
    """The schema object of the document that it comes from."""
    name: str | None
    """Of the component that it comes from."""

    def __str__(self) -> str:
        if self.name:
            return self.name
        kind = "any value" if self.kind == "any" else self.kind
        return f"{kind} ({self.rules['format']})" if "format" in self.rules else kind


class Schemas:
    """Reads the schemas of one document."""

    def __init__(self, document: Any) -> None:
        self.document = document
        # By identity, and with the schema itself: an id is taken again once its object is freed.
        self._read: dict[int, tuple[Any, list[Variant]]] = {}
        self._named: dict[str, list[Variant]] = {}
        self._open: set[str] = set()
        # One object for one pair: a recursive schema would be read anew at every turn.
        self._both: dict[tuple[int, int], tuple[Any, Any, Any]] = {}

    def has(self, name: str) -> bool:
        """Tell whether the document has a component schema of a name."""
        return name in self.document.get("components", {}).get("schemas", {})

    def follow(self, node: Any) -> Any:
        """Return what a Reference Object leads to, and anything else as it is."""
        seen: list[str] = []
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            if node["$ref"] in seen:
                return {}
            seen.append(node["$ref"])
            node = follow(node["$ref"], self.document)
        return node

    def variants(self, schema: Any) -> list[Variant]:
        """Return the alternatives of a schema; `null` is one."""
        if id(schema) not in self._read:
            self._read[id(schema)] = (schema, self._variants(schema, None))
        return self._read[id(schema)][1]

    def _variants(self, schema: Any, name: str | None) -> list[Variant]:
        if not isinstance(schema, dict):
            return [] if schema is False else [Variant("any", {}, schema, name)]
        own = {
            key: value
            for key, value in schema.items()
            if key not in ANNOTATIONS | _STRUCTURE | _SILENT and not key.startswith("x-")
        }
        groups = [
            *([self._referred(schema["$ref"])] if "$ref" in schema else []),
            *(self._variants(branch, None) for branch in schema.get("allOf", ())),
            *(
                [one for branch in schema[key] for one in self._variants(branch, None)]
                for key in _UNIONS
                if key in schema
            ),
        ]
        if own or not groups:
            groups.append([Variant(kind, own, schema, name) for kind in _kinds(own)])
        found = groups[0] if len(groups) == 1 else self._all_of(groups, schema, name)
        if schema.get("nullable") is True:
            found = [*found, Variant("null", {}, schema, None)]
        if name and len(found) == 1 and found[0].name is None:
            found = [Variant(found[0].kind, found[0].rules, found[0].source, name)]
        return found

    def _referred(self, reference: str) -> list[Variant]:
        if reference in self._open:
            return []
        if reference not in self._named:
            self._open.add(reference)
            target = follow(reference, self.document)
            self._named[reference] = self._variants(target, reference.rpartition("/")[2])
            self._open.remove(reference)
        return self._named[reference]

    def _all_of(self, groups: list[list[Variant]], schema: Any, name: str | None) -> list[Variant]:
        """Return the alternatives that are left where one of every group must hold."""
        found = []
        for combination in product(*groups):
            parts = list(dict.fromkeys(combination))
            if len(parts) == 1:
                found += parts
                continue
            kinds = {part.kind for part in parts} - {"any"}
            if kinds == {"integer", "number"}:
                kinds = {"integer"}
            if len(kinds) > 1:
                continue
            named = [part for part in parts if part.name]
            rules: dict[str, Any] = {}
            for part in parts:
                self._merge(rules, part.rules)
            found.append(
                Variant(
                    kinds.pop() if kinds else "any",
                    rules,
                    # Alternatives of one schema are told apart by what they come from.
                    named[0].source if len(named) == 1 else schema,
                    name or (named[0].name if len(named) == 1 else None),
                )
            )
        return found

    def _merge(self, rules: dict[str, Any], more: dict[str, Any]) -> None:
        for key, value in more.items():
            if key == "properties" and key in rules:
                both = {
                    name: self._pair(rules[key][name], value[name])
                    for name in rules[key].keys() & value.keys()
                }
                rules[key] = {**rules[key], **value, **both}
            elif key == "required" and key in rules:
                rules[key] = [*rules[key], *(name for name in value if name not in rules[key])]
            elif key == "enum" and key in rules:
                rules[key] = [one for one in rules[key] if one in value]
            else:
                rules[key] = value

    def _pair(self, one: Any, other: Any) -> Any:
        if one == other:
            return one
        key = (id(one), id(other))
        if key not in self._both:
            self._both[key] = (one, other, {"allOf": [one, other]})
        return self._both[key][2]


def _kinds(rules: dict[str, Any]) -> list[str]:
    declared = rules.get("type")
    if isinstance(declared, str):
        return [declared]
    if isinstance(declared, list):
        return declared
    listed = [rules["const"]] if "const" in rules else rules.get("enum")
    if listed:
        return list(dict.fromkeys(json_type(value) for value in listed))
    if rules.keys() & {"properties", "additionalProperties", "required", "propertyNames"}:
        return ["object"]
    return ["array"] if "items" in rules else ["any"]


def json_type(value: Any) -> str:
    """Return the JSON type of a value."""
    if value is None:
        return "null"
    for python, name in _JSON_TYPES:
        if isinstance(value, python):
            return name
    return "object" if isinstance(value, dict) else "array"


def reference(schema: Any) -> str | None:
    """Return the `$ref` that is all a schema has to say about values, however it is wrapped."""
    if not isinstance(schema, dict):
        return None
    said = [key for key in schema if key not in ANNOTATIONS | _SILENT and not key.startswith("x-")]
    if len(said) != 1:
        return None
    if said == ["$ref"]:
        found: str = schema["$ref"]
        return found
    if said[0] in {"allOf", *_UNIONS} and len(schema[said[0]]) == 1:
        return reference(schema[said[0]][0])
    return None


def values(variant: Variant) -> list[Any] | None:
    """Return the values that a variant is limited to, or None where it is not."""
    if "const" in variant.rules:
        return [variant.rules["const"]]
    listed = variant.rules.get("enum")
    if not isinstance(listed, list):
        return None
    return [value for value in listed if json_type(value) == variant.kind or variant.kind == "any"]


def matched(
    old: list[Variant], new: list[Variant]
) -> tuple[list[tuple[Variant, Variant]], list[Variant], list[Variant]]:
    """Return the pairs that stand for one another, and what is left of either side.

    The same component first, then the same content, then whatever of the same JSON type has most
    in common.
    """
    left, right, pairs = [*old], [*new], []
    for same in (_same_component, _same_content):
        for one in [*left]:
            other = next((other for other in right if same(one, other)), None)
            if other:
                left.remove(one)
                right.remove(other)
                pairs.append((one, other))
    close = [
        (_in_common(one, other), -i - j, one, other)
        for i, one in enumerate(left)
        for j, other in enumerate(right)
        if one.kind == other.kind
    ]
    for _, _, one, other in sorted(close, key=lambda entry: entry[:2], reverse=True):
        if one in left and other in right:
            left.remove(one)
            right.remove(other)
            pairs.append((one, other))
    return pairs, left, right


def _same_component(one: Variant, other: Variant) -> bool:
    return one.name is not None and (one.name, one.kind) == (other.name, other.kind)


def _same_content(one: Variant, other: Variant) -> bool:
    return one.kind == other.kind and one.rules == other.rules


def _in_common(one: Variant, other: Variant) -> float:
    """Return how much two variants have in common, from 0 to 1."""
    sets = [
        ({*map(repr, values(each) or ())} | {*each.rules.get("properties", ())})
        for each in (one, other)
    ]
    return len(sets[0] & sets[1]) / max(1, len(sets[0] | sets[1]))
