"""Cuts a listing into pages, short and empty ones included, as the vendor documents them."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from hashlib import blake2b
from typing import Any, Final, Generic, NamedTuple, Protocol, TypeVar
from uuid import UUID

from junction_introspect.mock.cursors import Cursors, Position
from junction_introspect.mock.parameters import Listing

# Shares of the pages: often enough for any walk of some pages to meet both.
EMPTY_PAGES: Final = 1 / 8
SHORT_PAGES: Final = 1 / 4


class Users(Protocol):
    """Users numbered from 0."""

    def __len__(self) -> int: ...

    def key(self, purpose: bytes) -> bytes:
        """Return bytes that depend on the users and the purpose alone."""
        ...

    def index_of(self, user_id: UUID) -> int | None:
        """Return a user's number, or `None` when nobody has that id."""
        ...


class Record(Protocol):
    """What a listing holds of a user: something of each provider."""

    provider: dict[str, Any]


_Record = TypeVar("_Record", bound=Record)


class Page(NamedTuple, Generic[_Record]):
    """One page of a listing: who is on it, and where the next begins; null at the end."""

    data: list[_Record]
    next_cursor: str | None


def page(
    users: Users, record: Callable[[int], _Record], cursors: Cursors, listing: Listing
) -> Page[_Record]:
    """Return one page of a listing.

    Users come in the order of their numbers, whatever the page size, so the union of all pages is
    always the same. A page covers at most `user_limit` users and holds those that match the
    filters, with only the provider that was asked for; a filter by user gives a single page.

    Args:
        users: Who is listed.
        record: Makes what the listing holds of the user of a number, anew each time.
        cursors: Seals the cursor of the next page.
        listing: What the request asks for.

    Returns:
        A page whose cursor is null when no user follows, and not otherwise. A page may be short
        or empty at any place, but an empty cut is never followed by another.
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


def _width(users: Users, listing: Listing) -> int:
    """Decide how many users a page covers: by seed and position, so a page never changes."""
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
