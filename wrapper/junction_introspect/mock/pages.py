"""Cuts a listing into pages, including short and empty ones, as the vendor documents."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from hashlib import blake2b
from typing import Any, Final, Generic, NamedTuple, Protocol, TypeVar

from junction_introspect.mock.cursors import Cursors, Position
from junction_introspect.mock.parameters import Listing
from junction_introspect.mock.population import Population
from junction_introspect.mock.world import World

# Shares of the pages. They are high enough for a walk of a few pages to meet both.
EMPTY_PAGES: Final = 1 / 8
SHORT_PAGES: Final = 1 / 4


class Record(Protocol):
    """One user's record in a listing, with an entry for each provider."""

    provider: dict[str, Any]


_Record = TypeVar("_Record", bound=Record)


class Page(NamedTuple, Generic[_Record]):
    """One page of a listing: its users, and the cursor of the next page or None."""

    data: list[_Record]
    next_cursor: str | None


def page(
    users: Population | World, record: Callable[[int], _Record], cursors: Cursors, listing: Listing
) -> Page[_Record]:
    """Return one page of a listing.

    Users come in the order of their numbers, so all pages together are always the same for any page
    size. A page covers at most `user_limit` users. It contains those that match the filters, with
    only the requested provider. A filter by user gives a single page.

    Args:
        users: The users that are listed.
        record: Makes a new record of the user with a number.
        cursors: Issues the cursor of the next page.
        listing: The filters and the position of the request.

    Returns:
        A page, whose cursor is null only if no user follows. Any page may be short or empty, but a
        page that covers no users is never followed by another.
    """
    first, hop = listing.position
    if listing.user_id is not None:
        found = users.index_of(listing.user_id)
        numbers = range(0) if found is None or found < first else range(found, found + 1)
        following = None
    else:
        stop = first + _width(users, listing)
        numbers = range(first, min(stop, len(users)))
        following = Position(stop, hop + 1 if stop == first else 0)
    next_cursor = None
    if following is not None and following.first < len(users):
        next_cursor = cursors.issue(following)
    return Page(_matching(map(record, numbers), listing.provider), next_cursor)


def _width(users: Population | World, listing: Listing) -> int:
    """Return how many users a page covers. Depends only on the seed and the position."""
    packed = struct.pack(">QB", *listing.position)
    draw = blake2b(packed, key=users.key(b"pages"), digest_size=8).digest()
    kind, size = struct.unpack(">II", draw)
    share = kind / 2**32
    if share < EMPTY_PAGES and listing.position.hop == 0:
        return 0
    if share < EMPTY_PAGES + SHORT_PAGES:
        return 1 + int(size) % listing.user_limit
    return listing.user_limit


def _matching(records: Iterable[_Record], provider: str | None) -> list[_Record]:
    if provider is None:
        return list(records)
    matching = [record for record in records if provider in record.provider]
    for record in matching:
        record.provider = {provider: record.provider[provider]}
    return matching
