"""Put plain data in the order of the previous version, so that a diff shows only real changes.

The vendor publishes JSON, and YAML on its documentation pages. The order of keys and enum values
differs between the two and between versions. It means nothing, so the previous order is kept.
"""

from __future__ import annotations

from typing import Any

from ruamel.yaml.resolver import implicit_resolvers
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, SingleQuotedScalarString

# The order of these lists means nothing.
_UNORDERED = ("enum", "required")

# What YAML 1.1 reads as other types than strings; the reader of schemathesis still follows it.
_OTHER_TYPES = [pattern for versions, _, pattern, _ in implicit_resolvers if (1, 1) in versions]


def styled(document: Any, like: Any = None) -> Any:
    """Return an ordered copy of plain `document`, for `openapi.documents.dumps` to write.

    Args:
        document: Plain data, as `openapi.documents.parse` returns it.
        like: Another version of the document. Keys, enum values and required names that both
            versions have come in the order of this one. A new one comes after the one that it
            follows in `document`.
    """
    if isinstance(document, dict):
        before = like if isinstance(like, dict) else {}
        return {
            _scalar(key): _child(key, document[key], before.get(key))
            for key in _merged_order([*document], [*before])
        }
    if isinstance(document, list):
        return [
            styled(item, _counterpart(item, like, index)) for index, item in enumerate(document)
        ]
    return _scalar(document) if isinstance(document, str) else document


def _child(key: str, value: Any, like: Any) -> Any:
    if (
        key in _UNORDERED
        and isinstance(value, list)
        and isinstance(like, list)
        and all(isinstance(item, str) for item in (*value, *like))
    ):
        value = _merged_order(value, like)
    return styled(value, like)


def _counterpart(item: Any, like: Any, index: int) -> Any:
    """Return the element of the other version's list that corresponds to an element."""
    if not isinstance(like, list) or not isinstance(item, dict):
        return None
    for identity in (("name", "in"), ("$ref",), ("url",)):
        if identity[0] in item:
            same = (
                other
                for other in like
                if isinstance(other, dict)
                and all(item.get(key) == other.get(key) for key in identity)
            )
            return next(same, None)
    return like[index] if index < len(like) else None


def _merged_order(names: list[str], before: list[str]) -> list[str]:
    """Return `names` with those of `before` in its order, the others after their predecessors.

    A name that occurs twice still occurs twice in the result.
    """
    left = [*names]
    result = []
    for name in before:
        if name in left:
            left.remove(name)
            result.append(name)
    place = 0
    for name in names:
        if name in left:
            left.remove(name)
            result.insert(place, name)
        place = len(result) - result[::-1].index(name)  # after the last one of this name
    return result


def _scalar(text: str) -> Any:
    """Return a string with quotes if a YAML reader could read it as another type."""
    if not text.isprintable():
        return DoubleQuotedScalarString(text)
    other = any(pattern.match(text) for pattern in _OTHER_TYPES)
    return SingleQuotedScalarString(text) if other else text
