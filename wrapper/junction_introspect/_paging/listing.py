"""A listing in progress: lazy iterators over records, pages or rows. An error does not end it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeAlias, TypeVar

from junction_introspect._paging.operation import Operation, Record, Row
from junction_introspect._paging.walk import Place, Walk
from junction_introspect.errors import ResponseDecodeError
from junction_introspect.pages import InvalidRecord, Page

if TYPE_CHECKING:
    from junction_introspect.arrow import RecordBatch, RecordBatchReader
else:
    RecordBatch = RecordBatchReader = Any  # as there, where the extra `arrow` is needed

Item = TypeVar("Item")
Fetched = TypeVar("Fetched")
Fetched_co = TypeVar("Fetched_co", covariant=True)

OnInvalid: TypeAlias = Callable[[InvalidRecord], object]


class Source(Protocol[Fetched_co]):
    """Where a listing's pages come from."""

    def page(self, place: Place) -> Fetched_co:
        """Get a page: what was begun for it, or else anew."""
        ...

    def begin(self, place: Place) -> None:
        """Begin to fetch a page that will be asked for next, or leave it until then."""
        ...


class Progress(Generic[Fetched]):
    """A walk and what gets its pages, shared by all views of a listing.

    Args:
        source: Gets pages.
        cursor: Where to begin; None means the first page.
        on_invalid: Called with each record that could not be decoded.
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
        self._taken_in: int | None = None

    @contextmanager
    def turn(self) -> Generator[None]:
        """Keep a second caller away while a page is fetched, who would be handed it as well.

        A child process takes its own turn: a thread of its parent will never end one there.

        Raises:
            RuntimeError: Another thread or task is fetching.
        """
        if self._taken_in == os.getpid():
            raise RuntimeError(
                "the listing is being iterated elsewhere: a listing for each, please"
            )
        self._taken_in = os.getpid()
        try:
            yield
        finally:
            self._taken_in = None

    def fetch(self) -> Fetched:
        """Get the page that the walk stands at."""
        return self._source.page(self.walk.place)

    def receive(self, page: Page[Any], unpack: Callable[[Page[Any]], Iterable[object]]) -> None:
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
    """One kind of item of a listing, with how far the listing has come."""

    def __init__(
        self, progress: Progress[Fetched], unpack: Callable[[Page[Any]], Iterable[Item]]
    ) -> None:
        self._progress = progress
        self._unpack = unpack

    @property
    def next_cursor(self) -> str | None:
        """The cursor to resume from, in this process or another.

        Moves on when the last item of a page has been handed over, so resuming may repeat part of
        one page and never skips anything. None at the start, and when the listing is ``done``.
        """
        return self._progress.walk.cursor

    @property
    def done(self) -> bool:
        """Whether everything has been handed over; False at the start."""
        return self._progress.walk.done


class Items(View[Item, Page[Any]], Iterator[Item]):
    """An iterator over one kind of item, which fetches a page when it needs one."""

    def __next__(self) -> Item:
        progress, unpack = self._progress, self._unpack
        while not progress.walk.ready(unpack):
            if progress.walk.done:
                raise StopIteration
            with progress.turn():
                progress.receive(progress.fetch(), unpack)
        item: Item = progress.walk.take()
        return item


class AsyncItems(View[Item, Awaitable[Page[Any]]], AsyncIterator[Item]):
    """As `Items`, awaited."""

    async def __anext__(self) -> Item:
        progress, unpack = self._progress, self._unpack
        while not progress.walk.ready(unpack):
            if progress.walk.done:
                raise StopAsyncIteration
            with progress.turn():
                progress.receive(await progress.fetch(), unpack)
        item: Item = progress.walk.take()
        return item


class Listing(Items[Record], Generic[Record, Row]):
    """A listing: iterating yields records. Nothing is sent before the first is asked for.

    One page is held at a time, and with ``prefetch=1`` the one after it. All views share the
    progress of the listing; a view that is taken up in the middle of a page begins with that page.
    An error does not end the listing: the next ``next()`` asks for the page that failed again. Not
    to be iterated from two threads or tasks at once.

    Yields:
        The generated model of a record, such as `SingleUserHistoricalPullResponse`.

    Raises:
        APIError: As the client's method tells, with the cursor to resume from.
    """

    __module__ = "junction_introspect"

    def __init__(self, operation: Operation[Record, Row], progress: Progress[Page[Record]]) -> None:
        super().__init__(progress, _records)
        self._operation = operation
        self._rows = rows_of(operation)

    def pages(self) -> Items[Page[Record]]:
        """Iterate over pages: `Page`, empty ones included."""
        return Items(self._progress, _pages)

    def rows(self) -> Items[Row]:
        """Iterate over flat rows, such as `HistoricalPull`, one per user × provider × resource."""
        return Items(self._progress, self._rows)

    def to_arrow(self, now: Callable[[], datetime] | None = None) -> RecordBatchReader:
        """Stream the rows as Arrow (extra `arrow`): one batch per page, fetched when asked for.

        Args:
            now: Tells when a page was received; by default the time, in UTC.

        Returns:
            A ``pyarrow.RecordBatchReader`` whose schema is the same whatever the pages hold. It
            raises what iterating does, and then asks for the same page again.
        """
        from junction_introspect import arrow  # noqa: PLC0415 - an extra

        unpack = arrow.unpacker(self._operation, now or arrow.utc_now)
        return arrow.reader(self._operation, Items(self._progress, unpack))


class AsyncListing(AsyncItems[Record], Generic[Record, Row]):
    """As `Listing`, iterated with ``async for``."""

    __module__ = "junction_introspect"

    def __init__(
        self, operation: Operation[Record, Row], progress: Progress[Awaitable[Page[Record]]]
    ) -> None:
        super().__init__(progress, _records)
        self._operation = operation
        self._rows = rows_of(operation)

    def pages(self) -> AsyncItems[Page[Record]]:
        """As `Listing.pages`, iterated with ``async for``."""
        return AsyncItems(self._progress, _pages)

    def rows(self) -> AsyncItems[Row]:
        """As `Listing.rows`, iterated with ``async for``."""
        return AsyncItems(self._progress, self._rows)

    def to_arrow(self, now: Callable[[], datetime] | None = None) -> AsyncItems[RecordBatch]:
        """As `Listing.to_arrow`, but an ``async for`` over ``pyarrow.RecordBatch``es.

        Arrow's own reader cannot be awaited.
        """
        from junction_introspect import arrow  # noqa: PLC0415 - an extra

        return AsyncItems(self._progress, arrow.unpacker(self._operation, now or arrow.utc_now))


def _records(page: Page[Record]) -> Iterable[Record]:
    return page.data


def _pages(page: Page[Record]) -> Iterable[Page[Record]]:
    return (page,)


def rows_of(operation: Operation[Record, Row]) -> Callable[[Page[Record]], Iterable[Row]]:
    """Return what makes a page into its rows, lazily."""
    rows = operation.rows
    return lambda page: (row for record in page.data for row in rows(record))
