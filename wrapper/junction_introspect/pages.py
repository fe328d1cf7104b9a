"""A page of a listing, and records that could not be decoded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from attrs import frozen

Record = TypeVar("Record")


@frozen
class InvalidRecord:
    """A record that does not match the specification, kept apart from the good ones.

    Attributes:
        index: Its position in the page's ``data``, from 0.
        path: The JSON path of the fault, starting with ``$.data[index]``. Map keys appear as
            ``[...]``, because they are payload.
        reason: What is wrong, in words, without the value.
        raw: The record's bytes as sent.
    """

    index: int
    path: str
    reason: str
    # Health data about a person, so `__repr__` leaves it out: reprs end up in logs.
    raw: bytes

    def __repr__(self) -> str:
        return f"InvalidRecord(index={self.index}, path={self.path!r}, reason={self.reason!r})"


@frozen
class Page(Generic[Record]):
    """One page of a listing.

    Attributes:
        data: The records, in the server's order. May be empty even when more pages follow.
        next_cursor: The cursor of the next page; None on the last page.
        invalid: The records that could not be decoded, in order.
        cursor_missing: True when the server sent neither ``next_cursor`` nor its deprecated name
            ``next``. ``next_cursor`` is then None although the page may not be the last, and a
            listing raises `PaginationError`.
    """

    data: Sequence[Record]
    next_cursor: str | None
    invalid: Sequence[InvalidRecord] = ()
    cursor_missing: bool = False

    def __repr__(self) -> str:
        return f"<Page of {len(self.data)} records, {len(self.invalid)} invalid>"
