"""A listing in progress: lazy iterators over users, pages or rows, which an error does not end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Generic, Protocol, TypeAlias, TypeVar

from junction_api.models import SingleUserHistoricalPullResponse
from junction_introspect._paging.walk import Walk
from junction_introspect.errors import ResponseDecodeError
from junction_introspect.operations import historical_pulls
from junction_introspect.pages import InvalidRecord, Page

if TYPE_CHECKING:
    from datetime import datetime

    from junction_introspect._paging.walk import Place
    from junction_introspect.arrow import RecordBatch, RecordBatchReader
    from junction_introspect.operations.historical_pulls import HistoricalPull

Item = TypeVar("Item")
Fetched = TypeVar("Fetched")
Fetched_co = TypeVar("Fetched_co", covariant=True)

OnInvalid: TypeAlias = Callable[[InvalidRecord], object]


def _users(page: Page) -> Iterable[SingleUserHistoricalPullResponse]:
    return page.data


def _pages(page: Page) -> Iterable[Page]:
    return (page,)


def _rows(page: Page) -> Iterable[HistoricalPull]:
    return (row for user in page.data for row in historical_pulls.rows(user))


class Source(Protocol[Fetched_co]):
    """Where a listing's pages come from."""

    def page(self, place: Place) -> Fetched_co:
        """Get a page: what was begun for it, or else anew."""
        ...

    def begin(self, place: Place) -> None:
        """Begin to fetch a page that will be asked for next, or leave it until then."""
        ...


class Listing(Generic[Fetched]):
    """A walk and what it needs to go on, shared by all views of it.

    Args:
        source: Gets pages.
        cursor: Where to begin; None is the first page.
        on_invalid: Receives each record that could not be decoded.
    """

    def __init__(
        self,
        source: Source[Fetched],
        cursor: str | None = None,
        on_invalid: OnInvalid | None = None,
    ) -> None:
        self._source = source
        self.walk = Walk(cursor)
        self._on_invalid = on_invalid
        self._taken = False

    @contextmanager
    def turn(self) -> Generator[None]:
        """Keep a second caller away while a page is fetched, who would be handed it as well.

        Raises:
            RuntimeError: Another thread or task is fetching.
        """
        if self._taken:
            raise RuntimeError(
                "the listing is being iterated elsewhere: a listing for each, please"
            )
        self._taken = True
        try:
            yield
        finally:
            self._taken = False

    def fetch(self) -> Fetched:
        """Get the page that the walk stands at."""
        return self._source.page(self.walk.place)

    def receive(self, page: Page, unpack: Callable[[Page], Iterable[object]]) -> None:
        """Accept the page that was fetched, and begin with the one after it.

        Raises:
            PaginationError: The page breaks the cursor protocol.
            ResponseDecodeError: The page has invalid records, and there is no `on_invalid`.
        """
        self.walk.check(page)
        if page.invalid and self._on_invalid is None:
            first = page.invalid[0]
            raise ResponseDecodeError(
                f"{len(page.invalid)} of {len(page.data) + len(page.invalid)} records are invalid;"
                f" the first: {first.reason} at {first.path}",
                path=first.path,
                page=page,
                cursor=self.walk.cursor,
            )
        if self._on_invalid is not None:
            for record in page.invalid:
                self._on_invalid(record)
        self.walk.accept(page, unpack)
        if self.walk.following is not None:
            self._source.begin(self.walk.following)


class View(Generic[Item, Fetched]):
    """One kind of item of a listing, with where the listing stands."""

    def __init__(self, listing: Listing[Fetched], unpack: Callable[[Page], Iterable[Item]]) -> None:
        self._listing = listing
        self._unpack = unpack

    @property
    def next_cursor(self) -> str | None:
        """The cursor to resume from, in this process or another.

        Moves on when the last item of a page has been handed over, so resuming may repeat part of
        one page and never skips anything. None at the start, and when the listing is ``done``.
        """
        return self._listing.walk.cursor

    @property
    def done(self) -> bool:
        """Whether everything has been handed over; False at the start."""
        return self._listing.walk.done


class Items(View[Item, Page], Iterator[Item]):
    """An iterator over one kind of item, which fetches a page when it needs one."""

    def __next__(self) -> Item:
        listing, unpack = self._listing, self._unpack
        while not listing.walk.ready(unpack):
            if listing.walk.done:
                raise StopIteration
            with listing.turn():
                listing.receive(listing.fetch(), unpack)
        item: Item = listing.walk.take()
        return item


class AsyncItems(View[Item, Awaitable[Page]], AsyncIterator[Item]):
    """As `Items`, awaited."""

    async def __anext__(self) -> Item:
        listing, unpack = self._listing, self._unpack
        while not listing.walk.ready(unpack):
            if listing.walk.done:
                raise StopAsyncIteration
            with listing.turn():
                listing.receive(await listing.fetch(), unpack)
        item: Item = listing.walk.take()
        return item


class HistoricalPulls(Items[SingleUserHistoricalPullResponse]):
    """A listing: iterating gives users; nothing is sent before the first is asked for.

    A page is held at a time, and with ``prefetch=1`` the one after it. All views move the same
    listing on, and one taken up in the middle of a page begins with that page. An error ends
    nothing: the next ``next()`` asks for the page that failed again. Not to be iterated from two
    threads or tasks at once.

    Yields:
        The generated model of a user, ``junction_api.models.SingleUserHistoricalPullResponse``.

    Raises:
        APIError: As `Junction.historical_pulls` tells, with the cursor to resume from.
    """

    def __init__(self, listing: Listing[Page]) -> None:
        super().__init__(listing, _users)

    def pages(self) -> Items[Page]:
        """Iterate over pages: `Page`, empty ones included."""
        return Items(self._listing, _pages)

    def rows(self) -> Items[HistoricalPull]:
        """Iterate over flat records: `HistoricalPull`, one a user × provider × resource."""
        return Items(self._listing, _rows)

    def to_arrow(self, now: Callable[[], datetime] | None = None) -> RecordBatchReader:
        """Stream the rows as Arrow (extra `arrow`): a batch a page, fetched when it is asked for.

        Args:
            now: Tells when a page was received; by default the time, in UTC.

        Returns:
            A ``pyarrow.RecordBatchReader`` of `junction_introspect.arrow.SCHEMA`, whatever the
            pages hold. It raises what iterating does, and then asks for the same page again.
        """
        from junction_introspect import arrow  # noqa: PLC0415 - an extra

        return arrow.reader(Items(self._listing, arrow.unpacker(now or arrow.utc_now)))


class AsyncHistoricalPulls(AsyncItems[SingleUserHistoricalPullResponse]):
    """As `HistoricalPulls`, iterated with ``async for``."""

    def __init__(self, listing: Listing[Awaitable[Page]]) -> None:
        super().__init__(listing, _users)

    def pages(self) -> AsyncItems[Page]:
        """As `HistoricalPulls.pages`, iterated with ``async for``."""
        return AsyncItems(self._listing, _pages)

    def rows(self) -> AsyncItems[HistoricalPull]:
        """As `HistoricalPulls.rows`, iterated with ``async for``."""
        return AsyncItems(self._listing, _rows)

    def to_arrow(self, now: Callable[[], datetime] | None = None) -> AsyncItems[RecordBatch]:
        """As `HistoricalPulls.to_arrow`, but an ``async for`` over ``pyarrow.RecordBatch``es.

        Arrow's own reader cannot be awaited.
        """
        from junction_introspect import arrow  # noqa: PLC0415 - an extra

        return AsyncItems(self._listing, arrow.unpacker(now or arrow.utc_now))
