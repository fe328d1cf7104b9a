"""A page of a listing, and the records of it that could not be decoded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from attrs import frozen

Record = TypeVar("Record")


@frozen
class InvalidRecord:
    """A user's record that is not what the specification promises, kept apart.

    Attributes:
        index: Its place in the page's ``data``, from 0.
        path: The JSON path of what is wrong, from ``$.data[index]`` on; map keys, which are
            payload, appear as ``[...]``.
        reason: What is wrong, in words, without the value.
        raw: The record's bytes as they were sent.
    """

    index: int
    path: str
    reason: str
    # Health data about a person: for the program, not for a log.
    raw: bytes

    def __repr__(self) -> str:
        return f"InvalidRecord(index={self.index}, path={self.path!r}, reason={self.reason!r})"


@frozen
class Page(Generic[Record]):
    """One page of a listing.

    Attributes:
        data: The records of the page, in the server's order; may be empty while pages follow.
        next_cursor: The cursor of the next page; None when this is the last.
        invalid: The records that could not be decoded, in order.
        cursor_missing: True when the server said neither ``next_cursor`` nor its deprecated name
            ``next``, so that None says nothing. A listing raises `PaginationError` for such a page.
    """

    data: Sequence[Record]
    next_cursor: str | None
    invalid: Sequence[InvalidRecord] = ()
    cursor_missing: bool = False

    def __repr__(self) -> str:
        return f"<Page of {len(self.data)} records, {len(self.invalid)} invalid>"
