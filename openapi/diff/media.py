"""Finds pairs of media types in two versions of a message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openapi.documents import essence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

JSON = "application/json"


def paired(old: Iterable[str], new: Iterable[str]) -> Iterator[tuple[str | None, str | None]]:
    """Yield pairs of media types of two messages, with None if one has no counterpart.

    Upper and lower case do not matter, nor does a charset, because JSON is UTF-8. Other parameters
    matter only if several media types differ in nothing else.
    """
    left, right = [*old], [*new]
    for same in (_full, essence):
        for one in [*left]:
            found = [other for other in right if same(other) == same(one)]
            if len(found) == 1 and [same(other) for other in left].count(same(one)) == 1:
                left.remove(one)
                right.remove(found[0])
                yield one, found[0]
    for one in left:
        yield one, None
    for other in right:
        yield None, other


def parameters(media: str) -> dict[str, str]:
    """Return the parameters of a media type except the charset."""
    parts = (part.partition("=") for part in media.split(";")[1:])
    said = {name.strip().lower(): value.strip().strip('"') for name, _, value in parts}
    said.pop("charset", None)
    return said


def _full(media: str) -> Any:
    return (essence(media), sorted(parameters(media).items()))
