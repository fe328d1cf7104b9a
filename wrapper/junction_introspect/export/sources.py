"""The sources of an export: a listing, or a store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from attrs import field, frozen

from junction_api.models import Labs, Providers
from junction_introspect._paging.listing import OnInvalid
from junction_introspect._paging.operation import Arguments, Operation
from junction_introspect._paging.resuming import Resumption
from junction_introspect.arrow import RecordBatch, empty_batch, record_batch, utc_now
from junction_introspect.client import Junction
from junction_introspect.errors import APIStatusError
from junction_introspect.operations import historical_pulls
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS

if TYPE_CHECKING:
    from junction_introspect.store import Store
else:
    Store = Any  # an export from the API does not need the store's extra


# The largest number of rows in a piece of a store, and the bound below which pieces are not cut.
_MOST: Final = 10_000
_LEAST: Final = 999


class CursorRefusedError(Exception):
    """A source can no longer resume at a cursor that it returned earlier, and must start over."""


class Piece(NamedTuple):
    """Some rows, and the cursor that follows them.

    Attributes:
        batch: The rows, possibly none.
        next_cursor: Where the source resumes; None after the last piece.
        invalid: How many invalid records were left out.
        users: How many users it holds, if the source counts them.
    """

    batch: RecordBatch
    next_cursor: str | None
    invalid: int = 0
    users: int = 0


class Source(Protocol):
    """Something that can be exported, starting at any of its own cursors."""

    @property
    def operation(self) -> Operation[Any, Any]:
        """The operation whose rows it has."""
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
class Pulls:
    """A listing from the API, page by page. A user that a shifting page repeats appears twice.

    Args:
        junction: A client.
        user_id: Only this user.
        provider: Only users of this provider or lab.
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
    user_id: str | None = field(default=None, kw_only=True)
    provider: Providers | Labs | str | None = field(default=None, kw_only=True)
    user_limit: int = field(default=50, kw_only=True)
    prefetch: int = field(default=1, kw_only=True)
    on_invalid: OnInvalid | None = field(default=None, kw_only=True)
    now: Callable[[], datetime] = field(default=utc_now, kw_only=True)

    def __attrs_post_init__(self) -> None:
        self._arguments()

    def _arguments(self) -> Arguments:
        return historical_pulls.arguments(
            user_id=self.user_id, provider=self.provider, user_limit=self.user_limit
        )

    @property
    def operation(self) -> Operation[Any, Any]:
        """The operation that is listed."""
        return HISTORICAL_PULLS

    @property
    def identity(self) -> Mapping[str, Any]:
        """The address and the filters. The size of pages may differ."""
        arguments = self._arguments()
        user_id = arguments["user_id"]
        return {
            "source": "api",
            "address": self.junction.base_url,
            "user_id": user_id and str(user_id),
            "provider": arguments["provider"],
        }

    def pieces(self, cursor: str | None, rows: int) -> Iterator[Piece]:
        """Yield one piece per page.

        Raises:
            APIError: A page could not be fetched.
            CursorRefusedError: The server no longer accepts the cursor.
        """
        del rows  # the server decides the size of pages
        listing = self.junction.listing(
            self.operation,
            self._arguments(),
            prefetch=self.prefetch,
            cursor=cursor,
            on_invalid=self.on_invalid,
        )
        resumption = Resumption(resumed=cursor is not None)
        try:
            for page in listing.pages():
                resumption.accept()
                batch = record_batch(self.operation, page, self.now())
                yield Piece(batch, page.next_cursor, len(page.invalid), len(page.data))
        except APIStatusError as error:
            if resumption.restarts(error):
                raise CursorRefusedError from None
            raise


@frozen
class Stored:
    """The current rows of a store, by team, user, provider and resource.

    Args:
        store: The store, read as it is when the export starts or resumes.
        team: Only this team's rows.
    """

    store: Store
    team: str | None = None

    @property
    def operation(self) -> Operation[Any, Any]:
        """The operation whose rows the store holds."""
        return self.store.operation

    @property
    def identity(self) -> Mapping[str, Any]:
        """The team."""
        return {"source": "store", "team": self.team}

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
        batches = self.store.batches(_piece_of(rows), team=self.team, skip=taken)
        batch = next(batches, None)
        while batch is not None:
            taken += batch.num_rows
            following = next(batches, None)
            yield Piece(batch, None if following is None else f"{state}:{taken}")
            batch = following
        if not taken:
            yield Piece(empty_batch(self.operation), None)


def _piece_of(rows: int) -> int:
    """Return how many rows a piece has, such that the last piece ends where the part ends."""
    return next((size for size in range(_MOST, _LEAST, -1) if rows % size == 0), rows)
