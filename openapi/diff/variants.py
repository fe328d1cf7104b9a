"""Reads what a schema allows into alternatives that do not depend on how it is written.

On the wire, ``$ref: X``, ``allOf: [$ref: X]`` and ``anyOf: [$ref: X]`` mean the same, and so do
``type: [string, 'null']`` and ``anyOf: [type: string, type: 'null']``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from openapi.diff.inclusion import minimal
from openapi.diff.joining import joined
from openapi.diff.rules import UNIONS, kinds, of_kind, read
from openapi.diff.values import canonical
from openapi.documents import DocumentError, follow, resolved, steps

if TYPE_CHECKING:
    from openapi.diff.rules import Rules

# The largest number of alternatives; unions in an `allOf` multiply, and are not expanded further.
_MOST = 256
# The largest number of schemas to read, repetitions included; the vendor's document has 7,000.
_MOST_READ = 200_000


@dataclass(frozen=True, eq=False)
class Variant:
    """One alternative of a schema: values of one JSON type."""

    kind: str
    """A JSON type, or ``any``."""
    rules: Rules
    """The rules for its values, including those of the keywords around it."""
    source: Any
    """The schema object that it was read from."""
    name: str | None = None
    """The name of the component that it was read from, or None."""

    def __str__(self) -> str:
        if self.name:
            return self.name
        kind = "any value" if self.kind == "any" else self.kind
        return f"{kind} ({', '.join(self.rules['format'])})" if "format" in self.rules else kind


# Stands for a reference to a schema that is being read. It adds nothing to a union, and no
# condition to an `allOf`.
_CUT: list[Variant] = []


class Schemas:
    """Reads the schemas of one document."""

    def __init__(self, document: Any) -> None:
        self.document = document
        # By id, together with the schema, because the id of a freed object is used again.
        self._read: dict[int, tuple[Any, list[Variant]]] = {}
        self._named: dict[str, list[Variant]] = {}
        self._left = _MOST_READ
        # The references that are being read, and those of them that occurred again meanwhile.
        self._open: list[str] = []
        self._cut: set[str] = set()
        # One object per set of schemas; otherwise a recursive schema would never end.
        self._made: dict[object, dict[str, list[Any]]] = {}
        self._bases: dict[int, list[Any]] = {}

    def has(self, name: str) -> bool:
        """Tell whether the document has a component schema with a name."""
        return name in self.document.get("components", {}).get("schemas", {})

    def follow(self, node: Any) -> Any:
        """Return the target of a Reference Object, and anything else unchanged."""
        return resolved(node, self.document, beside=("summary", "description"))

    def variants(self, schema: Any) -> list[Variant]:
        """Return the alternatives of a schema; `null` is one."""
        if id(schema) not in self._read:
            self._read[id(schema)] = (schema, self._variants(schema, None))
        return self._read[id(schema)][1]

    def _variants(self, schema: Any, name: str | None) -> list[Variant]:
        if not isinstance(schema, dict):
            return [] if schema is False else [Variant("any", {}, schema, name)]
        self._left -= 1
        if self._left < 0:
            raise DocumentError("schemas refer to one another in too many ways to be compared")
        groups = [
            *([self._referred(schema["$ref"])] if "$ref" in schema else []),
            *(self._variants(branch, None) for branch in schema.get("allOf", ())),
            *(
                [one for branch in schema[key] for one in self._variants(branch, None)]
                for key in UNIONS
                if key in schema
            ),
        ]
        rules = read(schema)
        if rules or "type" in schema:
            said = (of_kind(rules, kind) for kind in kinds(schema, rules))
            groups.append([Variant(*one, schema, name) for one in said if one])
        elif not groups:
            groups.append([Variant("any", {}, schema, name)])
        found = self._intersection([one for one in groups if one is not _CUT], schema)
        if found is _CUT:
            return _CUT
        if schema.get("nullable") is True:
            found = [*found, Variant("null", {}, schema)]
        found = minimal(found, schema)
        if name and len(found) == 1 and found[0].name is None:
            found = [replace(found[0], name=name)]
        return found

    def _referred(self, reference: str) -> list[Variant]:
        if reference in self._open:
            self._cut.add(reference)
            return _CUT
        if reference in self._named:
            return self._named[reference]
        self._open.append(reference)
        target = follow(reference, self.document)
        found = self._variants(target, steps(reference)[-1])
        self._open.pop()
        self._cut.discard(reference)
        if not self._cut:  # otherwise the alternatives of an outer reference are missing
            self._named[reference] = found
        return found

    def _intersection(self, groups: list[list[Variant]], schema: Any) -> list[Variant]:
        """Return the alternatives for values that meet at least one alternative of every group."""
        found = groups[0] if groups else _CUT
        for group in groups[1:]:
            both = [self._both(one, other, schema) for one in found for other in group]
            found = minimal([one for one in both if one], schema)
            if len(found) > _MOST or len(group) > _MOST:
                return [Variant("any", {"allOf": _apart(schema)}, schema)]
        return found

    def _both(self, one: Variant, other: Variant, schema: Any) -> Variant | None:
        if one is other:
            return one
        types = {one.kind, other.kind} - {"any"}
        if types == {"integer", "number"}:
            types = {"integer"}
        if len(types) > 1:
            return None
        said = of_kind(joined(one.rules, other.rules, self._joint), types.pop() if types else "any")
        if said is None:
            return None
        named = {part.name: part for part in (one, other) if part.name}
        # Alternatives of one schema are identified by their component and source.
        name, source = None, schema
        if len(named) == 1:
            ((name, part),) = named.items()
            source = part.source
        return Variant(*said, source, name)

    def _joint(self, key: str, one: Any, other: Any) -> Any:
        """Return the schema for values that meet both schemas, or, for ``not``, one of them."""
        word = "anyOf" if key == "not" else "allOf"
        bases = {
            canonical(base): base
            for schema in (one, other)
            for base in self._bases.get(id(schema), [schema])
        }
        if len(bases) == 1:
            return one
        made = self._made.setdefault((word, frozenset(bases)), {word: [*bases.values()]})
        if word == "allOf":
            self._bases[id(made)] = made["allOf"]
        return made


def _apart(schema: Any) -> list[Any]:
    """Split a schema into schemas that together mean the same."""
    several = [key for key in ("$ref", *UNIONS) if key in schema]
    rest = {key: schema[key] for key in schema if key not in ("allOf", *several)}
    return [*schema.get("allOf", ()), *({key: schema[key]} for key in several), rest]
