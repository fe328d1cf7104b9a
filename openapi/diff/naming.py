"""Predicts the names that the generator chooses, and which of them a new version changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openapi_python_client.strings import pascal_case

from openapi.diff.annotations import annotations_of
from openapi.diff.rules import ANNOTATIONS, SILENT
from openapi.documents import steps

if TYPE_CHECKING:
    from openapi.diff.variants import Variant


def reference(schema: Any) -> str | None:
    """Return the `$ref` of a schema that is only a reference, even if wrapped; else None."""
    if not isinstance(schema, dict):
        return None
    match [key for key in schema if key not in ANNOTATIONS | SILENT and not key.startswith("x-")]:
        case ["$ref"]:
            return str(schema["$ref"])
        case ["allOf" | "anyOf" | "oneOf" as word] if len(schema[word]) == 1:
            return reference(schema[word][0])
    return None


def component(reference: str) -> str:
    """Return the name of the component that a `$ref` leads to."""
    return steps(reference)[-1]


def class_name(schema: Any, component: str) -> str:
    """Return the name of the class generated for a component, which depends on its title."""
    title = schema.get("title") if isinstance(schema, dict) else None
    return pascal_case(str(title or component))


def renamed(names: tuple[str, str], schemas: tuple[Any, Any], *, has_class: bool) -> str | None:
    """Return how the names of a component have changed, or None if they have not.

    Args:
        names: The old and the new name of the component.
        schemas: The old and the new component.
        has_class: Whether the generator makes a class of it, and not an alias.
    """
    classes = [class_name(*pair) for pair in zip(schemas, names, strict=True)]
    parts = []
    if names[0] != names[1]:
        parts.append(f"component {names[0]} is now {names[1]}")
    elif classes[0] != classes[1]:
        parts.append(f"title of {names[0]} changed")
    else:
        return None
    if not has_class:
        parts.append("no class name changes")
    elif classes[0] == classes[1]:
        parts.append(f"class {classes[0]} keeps its name")
    else:
        parts.append(f"class {classes[0]} is now {classes[1]}")
        parts += [
            f"class {classes[0]}{rest} is now {classes[1]}{rest}" for rest in _derived(schemas[1])
        ]
    return "; ".join(parts)


def _derived(schema: Any) -> list[str]:
    """Return the suffixes that the classes of objects in a component add to its name."""
    found = []
    for name, below in (schema.get("properties") or {}).items():
        if not isinstance(below, dict) or reference(below):
            continue
        if below.get("type") == "object" or "enum" in below:
            found.append(pascal_case(str(below.get("title") or name)))
    return found


def retitled(old: Any, new: Any, owner: str, *, has_class: bool) -> str | None:
    """Return how the title of a schema that is not a component has changed, or None.

    Args:
        old: The old schema.
        new: The new schema.
        owner: The class whose name is the prefix of the schema's own class.
        has_class: Whether the generator makes a class of it, and not an alias.
    """
    before, after = (annotations_of(schema).get("title") for schema in (old, new))
    # A title may appear only because the schema is written in another way: FastAPI adds titles to
    # unions.
    if not before or not after or before == after:
        return None
    classes = "no class name changes"
    if has_class:
        names = [f"{owner}{pascal_case(str(title))}" for title in (before, after)]
        classes = f"class {names[0]} is now {names[1]}"
    return f"title {before!r} is now {after!r}; {classes}"


def inlined(old: Variant, new: Variant, owner: str) -> str:
    """Return how names change if a component is now written in place, or the reverse.

    Args:
        old: The alternative of the old schema.
        new: The alternative of the new schema.
        owner: The class whose name is the prefix for the class of a schema in place.
    """
    named, other = (old, new) if old.name else (new, old)
    own = class_name(named.source, str(named.name))
    title = other.source.get("title") if isinstance(other.source, dict) else None
    there = f"class {owner}{pascal_case(str(title))}" if title else "a class named after its place"
    if named is old:
        return f"component {old.name} is now written in place; class {own} is now {there}"
    return f"a schema written in place is now component {new.name}; {there} is now class {own}"
