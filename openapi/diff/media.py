"""Which media types of two messages are the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

JSON = "application/json"


def essence(media: str) -> str:
    """Return a media type without its parameters, in small letters."""
    return media.partition(";")[0].strip().lower()


def paired(old: Iterable[str], new: Iterable[str]) -> Iterator[tuple[str | None, str | None]]:
    """Yield the media types of two messages side by side, None where one has no such.

    Letter case means nothing, nor does a charset: JSON is UTF-8. Other parameters do where several
    media types differ by them alone.
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
    """Return the parameters of a media type, the charset apart."""
    parts = (part.partition("=") for part in media.split(";")[1:])
    said = {name.strip().lower(): value.strip().strip('"') for name, _, value in parts}
    said.pop("charset", None)
    return said


def _full(media: str) -> Any:
    return (essence(media), sorted(parameters(media).items()))
