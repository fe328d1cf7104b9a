"""A page of a listing, and records that could not be decoded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Generic, TypeVar

from attrs import field, frozen

Record = TypeVar("Record")

# The names under which servers and gateways send the id of a request; the first that came counts.
REQUEST_ID_HEADERS: Final = (
    "x-request-id",
    "request-id",
    "x-correlation-id",
    "x-amzn-requestid",
    "x-amz-request-id",
    "x-amzn-trace-id",
    "cf-ray",
)
# All that is kept of a response's headers.
KEPT_HEADERS: Final = (*REQUEST_ID_HEADERS, "date", "retry-after", "retry-after-ms")


def request_id_in(headers: Mapping[str, str]) -> str | None:
    """Return the id of a request that a server sent, or None."""
    return next((headers[name] for name in REQUEST_ID_HEADERS if name in headers), None)


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
    # Health data about a person, and reprs end up in logs.
    raw: bytes = field(repr=False)


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
        headers: What the server said about the request: those of `KEPT_HEADERS` that it sent,
            under lower-case names.
    """

    data: Sequence[Record]
    next_cursor: str | None
    invalid: Sequence[InvalidRecord] = ()
    cursor_missing: bool = False
    headers: Mapping[str, str] = field(factory=dict[str, str], eq=False, repr=False)

    @property
    def request_id(self) -> str | None:
        """The server's id of the request, to quote to its support; None if it sent none."""
        return request_id_in(self.headers)

    def __repr__(self) -> str:
        return f"<Page of {len(self.data)} records, {len(self.invalid)} invalid>"
