"""The sources of an export: a listing, or a store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

import msgspec
from attrs import frozen

from junction_api.models import Labs, Providers
from junction_introspect._paging.listing import OnInvalid
from junction_introspect._paging.operation import Arguments, Operation
from junction_introspect._paging.resuming import CursorRefusedError
from junction_introspect.arrow import RecordBatch, Schema, pa, record_batch, schema, utc_now
from junction_introspect.client import Junction
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS
from junction_introspect.pages import Page

if TYPE_CHECKING:
    from junction_introspect.store import Filters, Store
else:
    Filters = Store = Any  # an export from the API does not need the store's extra


# Rows in a piece of a store. A part has several, so that progress can be shown, and a piece has
# several of DuckDB's blocks of 2,048 rows.
_PIECE: Final = 5 * 2048


class Piece(NamedTuple):
    """Some rows, and the cursor that follows them.

    Attributes:
        batch: The rows, possibly none.
        next_cursor: Where the source resumes; None after the last piece.
        observed_at: When they were received; None if they are not from the API.
        pages: How many pages of the API they are.
        users: How many users they are of, if the source counts them.
        invalid: How many invalid records were left out.
    """

    batch: RecordBatch
    next_cursor: str | None
    observed_at: datetime | None = None
    pages: int = 0
    users: int = 0
    invalid: int = 0

    @classmethod
    def of_page(
        cls, operation: Operation[Any, Any], page: Page[Any], observed_at: datetime
    ) -> Piece:
        """Return the rows of a page."""
        batch = record_batch(operation, page, observed_at)
        return cls(batch, page.next_cursor, observed_at, 1, len(page.data), len(page.invalid))


@frozen(kw_only=True)
class Source:
    """Something that can be exported, starting at any of its own cursors.

    Attributes:
        identity: What it is, in JSON. An export is resumed only if this is the same.
        schema: The schema of its rows.
        key: The columns whose values may come again, the user first; none if they never do.
        now: Returns the current time.
        pieces: Yields all rows after a cursor, lazily, in at least one piece. Its arguments are the
            cursor, None for the beginning, and the number of rows of a part, for a source that can
            choose the size of pieces.
    """

    identity: Mapping[str, Any]
    schema: Schema
    key: Sequence[str] = ()
    now: Callable[[], datetime] = utc_now
    pieces: Callable[[str | None, int], Iterator[Piece]]


def identity_of(
    operation: Operation[Any, Any], address: str, arguments: Arguments
) -> dict[str, Any]:
    """Return the identity of a listing. An attempt may be resumed with another size of pages."""
    filters = {name: value for name, value in arguments.items() if name != "user_limit"}
    built: dict[str, Any] = msgspec.to_builtins(filters)
    return {"source": "api", "what": operation.what, "address": address, **built}


def listed(
    junction: Junction,
    operation: Operation[Any, Any] = HISTORICAL_PULLS,
    *,
    user_id: UUID | str | None = None,
    provider: Providers | Labs | str | None = None,
    user_limit: int = 50,
    prefetch: int = 1,
    on_invalid: OnInvalid | None = None,
    now: Callable[[], datetime] = utc_now,
) -> Source:
    """Return a listing from the API as the source of an export. It sends nothing yet.

    Args:
        junction: A client.
        operation: What to list; by default backfills.
        user_id: Only this user.
        provider: Only users of this provider or, for backfills, this lab.
        user_limit: How many users a page may hold at most.
        prefetch: 1 fetches the next page while this one is written.
        on_invalid: Receives each record that cannot be decoded; without it, such a page ends the
            export.
        now: Returns the time, called when a page was received.

    Raises:
        TypeError: An argument is of the wrong type.
        ValueError: ``user_id`` is not a UUID, ``user_limit`` is below 1, or a text is empty.
    """
    arguments = operation.arguments(user_id=user_id, provider=provider, user_limit=user_limit)

    def pieces(cursor: str | None, _rows: int) -> Iterator[Piece]:
        listing = junction.listing(
            operation, arguments, prefetch=prefetch, cursor=cursor, on_invalid=on_invalid
        )
        for page in listing.pages():
            yield Piece.of_page(operation, page, now())

    return Source(
        identity=identity_of(operation, junction.base_url, arguments),
        schema=schema(operation),
        key=operation.key,  # pages shift
        now=now,
        pieces=pieces,
    )


def stored(
    store: Store,
    operation: Operation[Any, Any] = HISTORICAL_PULLS,
    *,
    filters: Filters | None = None,
    with_team: bool = False,
) -> Source:
    """Return the current rows of a store as the source of an export, in the order of their keys.

    If the store has changed since an export was interrupted, the export starts over.

    Args:
        store: The store, read as it is when the export starts or resumes.
        operation: The operation whose rows to read; by default backfills.
        filters: Which rows, as `junction_introspect.store.Filters`; None for all.
        with_team: Whether the first column is the team.
    """
    columns = schema(operation, team=with_team)
    given: dict[str, Any] = msgspec.to_builtins(filters) or {}

    def pieces(cursor: str | None, rows: int) -> Iterator[Piece]:
        state = store.state()
        then, _, skip = (cursor or f"{state}:0").rpartition(":")
        if then != state:
            raise CursorRefusedError
        taken = int(skip)
        batches = store.batches(
            operation, filters=filters, rows=min(rows, _PIECE), skip=taken, team=with_team
        )
        batch = next(batches, None) or pa.RecordBatch.from_pylist([], columns)
        if cursor is not None and store.state() != state:  # changed before the rows were read
            raise CursorRefusedError
        while batch is not None:
            taken += batch.num_rows
            following = next(batches, None)
            yield Piece(batch, None if following is None else f"{state}:{taken}")
            batch = following

    return Source(
        identity={
            "source": "store",
            "what": operation.what,
            "filters": {name: values for name, values in given.items() if values},
            "with_team": with_team,
        },
        schema=columns,
        pieces=pieces,
    )
