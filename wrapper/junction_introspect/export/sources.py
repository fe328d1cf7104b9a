"""What can be exported: a listing, or a store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from attrs import field, frozen

from junction_api.models import Labs, Providers
from junction_introspect._paging.listing import OnInvalid
from junction_introspect._paging.operation import Arguments, Operation
from junction_introspect._paging.resuming import is_refusal
from junction_introspect.arrow import RecordBatch, empty_batch, record_batch, utc_now
from junction_introspect.client import Junction
from junction_introspect.errors import APIStatusError
from junction_introspect.operations import historical_pulls
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS

if TYPE_CHECKING:
    from junction_introspect.store import Store
else:
    Store = Any  # needs an extra that an export from the API does not


# How many rows of a store there are to a piece.
_MOST: Final = 10_000
_LEAST: Final = 999


class CursorRefusedError(Exception):
    """A source cannot go on at a cursor that it gave out some time ago, only begin anew."""


class Piece(NamedTuple):
    """Some rows, and where a source goes on after them.

    Attributes:
        batch: The rows, maybe none.
        next_cursor: None after the last.
        invalid: How many records were left out of it.
        users: How many users it is about, where the source counts them.
    """

    batch: RecordBatch
    next_cursor: str | None
    invalid: int = 0
    users: int = 0


class Source(Protocol):
    """What can be exported, from any cursor of its own on."""

    @property
    def operation(self) -> Operation[Any, Any]:
        """What its rows are of."""
        ...

    @property
    def identity(self) -> Mapping[str, Any]:
        """What it is, in JSON; only an export with the same is gone on with."""
        ...

    def pieces(self, cursor: str | None, rows: int) -> Iterator[Piece]:
        """Yield all there is after a cursor, at least one piece, lazily.

        Args:
            cursor: Where to begin; None is the start.
            rows: How many rows there are to a part; for a source that can choose.
        """
        ...


@frozen
class Pulls:
    """A listing from the API, page by page. A user that a shifting page repeats comes twice.

    Args:
        junction: A client.
        user_id: That user alone.
        provider: Users of that provider or lab alone.
        user_limit: How many users a page may hold at most.
        prefetch: 1 fetches the next page while this one is written.
        on_invalid: Receives each record that cannot be decoded; without it, such a page ends the
            export.
        now: Tells when a page was received.

    Raises:
        TypeError: An argument is of the wrong type.
        ValueError: ``user_id`` is no UUID, ``user_limit`` is below 1, or a text is empty.
    """

    junction: Junction
    user_id: str | None = field(default=None, kw_only=True)
    provider: Providers | Labs | None = field(default=None, kw_only=True)
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
        """What is listed."""
        return HISTORICAL_PULLS

    @property
    def identity(self) -> Mapping[str, Any]:
        """The address and the filters; pages may be of any size."""
        arguments = self._arguments()
        user_id = arguments["user_id"]
        return {
            "source": "api",
            "address": self.junction.base_url,
            "user_id": user_id and str(user_id),
            "provider": arguments["provider"],
        }

    def pieces(self, cursor: str | None, rows: int) -> Iterator[Piece]:
        """Yield a piece a page.

        Raises:
            APIError: A page could not be had.
            CursorRefusedError: The server does not know the cursor any more.
        """
        del rows  # the server's pages are what they are
        listing = self.junction.listing(
            self.operation,
            self._arguments(),
            prefetch=self.prefetch,
            cursor=cursor,
            on_invalid=self.on_invalid,
        )
        try:
            for page in listing.pages():
                cursor = None
                batch = record_batch(self.operation, page, self.now())
                yield Piece(batch, page.next_cursor, len(page.invalid), len(page.data))
        except APIStatusError as error:
            if cursor is not None and is_refusal(error):
                raise CursorRefusedError from None
            raise


@frozen
class Stored:
    """How pulls stand in a store, by team, user, provider and resource.

    Args:
        store: The store, as it is when the export is begun or gone on with.
        team: Of that team alone.
    """

    store: Store
    team: str | None = None

    @property
    def operation(self) -> Operation[Any, Any]:
        """What the store holds."""
        return self.store.operation

    @property
    def identity(self) -> Mapping[str, Any]:
        """The team."""
        return {"source": "store", "team": self.team}

    def pieces(self, cursor: str | None, rows: int) -> Iterator[Piece]:
        """Yield some pieces to a part, so that somebody can see how far it has got.

        Raises:
            CursorRefusedError: The store has changed since the cursor was given out.
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
    """Return how many rows of a part make a piece: so many that the last one ends with the part."""
    return next((size for size in range(_MOST, _LEAST, -1) if rows % size == 0), rows)
