"""Describes how a parameter or a header is written on the wire."""

from __future__ import annotations

from typing import Any

from openapi.diff.media import essence

_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
# The types for which `explode` makes a difference.
_EXPLODED = {"simple": {"object", "any"}}
_EXPLODED_ELSE = {"array", "object", "any"}


def writing(parameter: Any, kinds: set[str]) -> str:
    """Return how a Parameter or Header Object is written, as a text that can be compared.

    Args:
        parameter: The object.
        kinds: The JSON types that its values may have, in the old or the new version.
    """
    if "content" in parameter:
        return " or ".join(sorted(essence(media) for media in parameter["content"]))
    style = parameter.get("style", _STYLES.get(parameter.get("in", "header"), "form"))
    explode = bool(parameter.get("explode", style == "form"))
    if kinds.isdisjoint(_EXPLODED.get(style, _EXPLODED_ELSE)):
        return f"style {style}"
    return f"style {style}, explode {str(explode).lower()}"
