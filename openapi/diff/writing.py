"""How a parameter or a header is written on the wire."""

from __future__ import annotations

from typing import Any

from openapi.diff.media import essence

_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
# What `explode` makes a difference to.
_EXPLODED = {"simple": {"object", "any"}}
_EXPLODED_ELSE = {"array", "object", "any"}


def writing(parameter: Any, kinds: set[str]) -> str:
    """Return how a Parameter or Header Object is written, in words that are the same for the same.

    Args:
        parameter: The object.
        kinds: The JSON types that it may hold, before or after.
    """
    if "content" in parameter:
        return " or ".join(sorted(essence(media) for media in parameter["content"]))
    style = parameter.get("style", _STYLES.get(parameter.get("in", "header"), "form"))
    explode = bool(parameter.get("explode", style == "form"))
    if kinds.isdisjoint(_EXPLODED.get(style, _EXPLODED_ELSE)):
        return f"style {style}"
    return f"style {style}, explode {str(explode).lower()}"
