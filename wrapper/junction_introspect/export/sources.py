"""The sources of an export: a listing, or a store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

import msgspec
from attrs import field, frozen

from junction_api.models import Labs, Providers
from junction_introspect._paging.listing import OnInvalid
from junction_introspect._paging.operation import Arguments, Operation
from junction_introspect._paging.resuming import CursorRefusedError
from junction_introspect.arrow import (
    CATEGORY,
    RecordBatch,
    Schema,
    pa,
    record_batch,
    schema,
    utc_now,
)
from junction_introspect.client import Junction
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS
from junction_introspect.pages import Page

if TYPE_CHECKING:
    from junction_introspect.store import Filters, Store
else:
    Filters = Store = Any  # an export from the API does not need the store's extra


# The largest number of rows in a piece of a store, and the bound below which pieces are not cut.
_MOST: Final = 10_000
_LEAST: Final = 999


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


def description(
    operation: Operation[Any, Any], address: str, arguments: Arguments
) -> dict[str, Any]:
    """Return the description of a listing: what is listed, where, and the filters.

    The size of pages is left out: an attempt may be resumed with another.
    """
    filters = {name: value for name, value in arguments.items() if name != "user_limit"}
    built: dict[str, Any] = msgspec.to_builtins(filters)
    return {"source": "api", "what": operation.what, "address": address, **built}


class Source(Protocol):
    """Something that can be exported, starting at any of its own cursors."""

    @property
    def schema(self) -> Schema:
        """The schema of its rows."""
        ...

    @property
    def key(self) -> Sequence[str]:
        """The columns of which it may yield the same values again; none if it never does."""
        ...

    @property
    def now(self) -> Callable[[], datetime]:
        """Returns the current time."""
        ...

    @property
    def identity(self) -> Mapping[str, Any]:
        """A description of the source, in JSON; an export resumes only if it is the same."""
        ...

    def pieces(self, cursor: str | None, rows: int) -> Iterator[Piece]:
        """Yield all rows after a cursor, lazily, in at least one piece.

        Args:
            cursor: Where to start; None for the beginning.
            rows: How many rows a part has, for sources that can choose the size of pieces.
        """
        ...


@frozen
class Listed:
    """A listing from the API, page by page.

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

    junction: Junction
    operation: Operation[Any, Any] = HISTORICAL_PULLS
    user_id: str | None = field(default=None, kw_only=True)
    provider: Providers | Labs | str | None = field(default=None, kw_only=True)
    user_limit: int = field(default=50, kw_only=True)
    prefetch: int = field(default=1, kw_only=True)
    on_invalid: OnInvalid | None = field(default=None, kw_only=True)
    now: Callable[[], datetime] = field(default=utc_now, kw_only=True)

    def __attrs_post_init__(self) -> None:
        self._arguments()

    def _arguments(self) -> Arguments:
        return self.operation.arguments(
            user_id=self.user_id, provider=self.provider, user_limit=self.user_limit
        )

    @property
    def schema(self) -> Schema:
        """The schema of the operation's rows."""
        return schema(self.operation)

    @property
    def key(self) -> Sequence[str]:
        """The key of the operation's rows; pages shift, so rows may come again."""
        return self.operation.key

    @property
    def identity(self) -> Mapping[str, Any]:
        """What is listed, the address and the filters."""
        return description(self.operation, self.junction.base_url, self._arguments())

    def pieces(self, cursor: str | None, rows: int) -> Iterator[Piece]:
        """Yield one piece per page.

        Raises:
            APIError: A page could not be fetched.
        """
        del rows  # the server decides the size of pages
        listing = self.junction.listing(
            self.operation,
            self._arguments(),
            prefetch=self.prefetch,
            cursor=cursor,
            on_invalid=self.on_invalid,
        )
        for page in listing.pages():
            yield Piece.of_page(self.operation, page, self.now())


@frozen
class Stored:
    """The current rows of a store, by team, user, provider and resource.

    Args:
        store: The store, read as it is when the export starts or resumes.
        operation: The operation whose rows to read; by default backfills.
        filters: Which rows, as `junction_introspect.store.Filters`; None for all.
        with_team: Whether the first column is the team.
    """

    store: Store
    operation: Operation[Any, Any] = HISTORICAL_PULLS
    filters: Filters | None = field(default=None, kw_only=True)
    with_team: bool = field(default=False, kw_only=True)
    now: Callable[[], datetime] = field(default=utc_now, kw_only=True)
    key: Sequence[str] = field(default=(), init=False)

    @property
    def schema(self) -> Schema:
        """The schema of the rows, perhaps with the team."""
        columns = schema(self.operation)
        team = pa.field("team", CATEGORY, nullable=False)
        return columns.insert(0, team) if self.with_team else columns

    @property
    def identity(self) -> Mapping[str, Any]:
        """Which rows of which columns."""
        filters = msgspec.to_builtins(self.filters)
        return {
            "source": "store",
            "what": self.operation.what,
            "filters": filters and {name: values for name, values in filters.items() if values},
            "column_team": self.with_team,
        }

    def pieces(self, cursor: str | None, rows: int) -> Iterator[Piece]:
        """Yield several pieces per part, so that progress can be shown.

        Raises:
            CursorRefusedError: The store has changed since the cursor was returned.
        """
        state = self.store.state()
        then, _, skip = (cursor or f"{state}:0").rpartition(":")
        if then != state:
            raise CursorRefusedError
        taken = int(skip)
        batches = self.store.batches(
            self.operation,
            filters=self.filters,
            rows=_piece_of(rows),
            skip=taken,
            team=self.with_team,
        )
        batch = next(batches, None)
        while batch is not None:
            taken += batch.num_rows
            following = next(batches, None)
            yield Piece(batch, None if following is None else f"{state}:{taken}")
            batch = following
        if not taken:
            yield Piece(pa.RecordBatch.from_pylist([], self.schema), None)


def _piece_of(rows: int) -> int:
    """Return how many rows a piece has, such that the last piece ends where the part ends."""
    return next((size for size in range(_MOST, _LEAST, -1) if rows % size == 0), rows)
