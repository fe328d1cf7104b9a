"""Finds the names of components in references."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from openapi.diff.rules import ANNOTATIONS, SILENT, UNIONS


def component(reference: str) -> str:
    """Return the name of the component that a `$ref` leads to."""
    return unquote(reference).rpartition("/")[2].replace("~1", "/").replace("~0", "~")


def reference(schema: Any) -> str | None:
    """Return the `$ref` of a schema that is only a reference, even if wrapped; else None."""
    if not isinstance(schema, dict):
        return None
    said = [key for key in schema if key not in ANNOTATIONS | SILENT and not key.startswith("x-")]
    if len(said) != 1:
        return None
    if said == ["$ref"]:
        found: str = schema["$ref"]
        return found
    if said[0] in {"allOf", *UNIONS} and len(schema[said[0]]) == 1:
        return reference(schema[said[0]][0])
    return None
