"""Listings: lazy iterators over records, pages or rows. An error does not end a listing."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeAlias, TypeVar

from junction_introspect._paging.arguments import check_text
from junction_introspect._paging.operation import Arguments, Operation, Record, Row
from junction_introspect._paging.showing import ROWS, described, table
from junction_introspect._paging.walk import Walk
from junction_introspect.errors import ResponseDecodeError
from junction_introspect.pages import InvalidRecord, Page

if TYPE_CHECKING:
    from junction_introspect.arrow import RecordBatch, RecordBatchReader
else:
    RecordBatch = RecordBatchReader = Any  # importing that module needs the extra `arrow`

Item = TypeVar("Item")

OnInvalid: TypeAlias = Callable[[InvalidRecord], object]


class Progress:
    """A walk and the source of its pages, shared by all views of a listing.

    Args:
        source: `Pages` or `AsyncPages`.
        operation: What is listed.
        arguments: The listing's parameters.
        cursor: Where to start; None means the first page.
        on_invalid: Called with each record that could not be decoded.

    Raises:
        TypeError: The cursor is not a string.
        ValueError: The cursor cannot be sent: see `check_text`.
    """

    def __init__(
        self,
        source: Any,
        operation: Operation[Any, Any],
        arguments: Arguments,
        cursor: str | None = None,
        on_invalid: OnInvalid | None = None,
    ) -> None:
        if cursor is not None:
            check_text("cursor", cursor)
        self._source = source
        self.operation = operation
        # Not a method: the walk knows a function by its identity, and each use of a method makes
        # another object.
        self.rows: Callable[[Page[Any]], Iterable[Any]] = lambda page: chain.from_iterable(
            map(operation.rows, page.data)
        )
        self._arguments = arguments
        self._first: list[Any] = []
        self.walk = Walk(cursor)
        self._on_invalid = on_invalid
        self._taken_in: int | None = None

    @contextmanager
    def turn(self) -> Generator[None]:
        """Refuse a second caller while a page is being fetched: both would get the same page.

        A child process ignores a fetch that its parent started: in the child, nothing would ever
        end it.

        Raises:
            RuntimeError: Another thread or task is fetching.
        """
        if self._taken_in == os.getpid():
            raise RuntimeError(
                "another thread or task is iterating this listing: create one listing for each"
            )
        self._taken_in = os.getpid()
        try:
            yield
        finally:
            self._taken_in = None

    def fetch(self) -> Any:
        """Get the walk's current page; the async client's has to be awaited."""
        return self._source.page(self.walk.place)

    def receive(self, page: Page[Any], unpack: Callable[[Page[Any]], Iterable[object]]) -> None:
        """Accept the fetched page, and start to fetch the page after it.

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
        if len(self._first) < ROWS:
            self._first += page.data[: ROWS - len(self._first)]
        self.walk.accept(page, unpack)
        if self.walk.following is not None:
            self._source.begin(self.walk.following)

    def described(self, prefix: str) -> str:
        """Return what is listed and how far the listing is, in one line."""
        return described(self.operation, self._arguments, self.walk, prefix)

    def table(self, caption: str) -> str:
        """Return an HTML table of the first rows, of those that were fetched."""
        return table(self.operation, self._first, caption)


class View(Generic[Item]):
    """Iterates over one kind of item of a listing, and knows the listing's progress."""

    _prefix = ""

    def __init__(
        self,
        progress: Progress,
        unpack: Callable[[Page[Any]], Iterable[Item]] = attrgetter("data"),
    ) -> None:
        self._progress = progress
        self._unpack = unpack

    @property
    def next_cursor(self) -> str | None:
        """The cursor to resume from, in this process or another.

        It changes when the last item of a page has been returned, so resuming may repeat part of
        one page but never skips anything. None at the start, and when the listing is ``done``.
        """
        return self._progress.walk.cursor

    @property
    def done(self) -> bool:
        """Whether everything has been returned; False at the start.

        A listing that is done stays empty. To list again, call the client's method again.
        """
        return self._progress.walk.done

    def __repr__(self) -> str:
        return f"<{self._progress.described(self._prefix)}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a listing cannot be pickled or copied; list again, from its next_cursor")

    def _repr_html_(self) -> str:
        """Return what a notebook displays: the first rows, without fetching any."""
        return self._progress.table(self._progress.described(self._prefix))


class Items(View[Item], Iterator[Item]):
    """An iterator over one kind of item that fetches a page when it needs one."""

    def __next__(self) -> Item:
        progress, unpack = self._progress, self._unpack
        while (item := progress.walk.take(unpack)) is None:
            if progress.walk.done:
                raise StopIteration
            with progress.turn():
                progress.receive(progress.fetch(), unpack)
        return item


class AsyncItems(View[Item], AsyncIterator[Item]):
    """As `Items`, awaited."""

    _prefix = "Async"

    async def __anext__(self) -> Item:
        progress, unpack = self._progress, self._unpack
        while (item := progress.walk.take(unpack)) is None:
            if progress.walk.done:
                raise StopAsyncIteration
            with progress.turn():
                progress.receive(await progress.fetch(), unpack)
        return item


class Listing(Items[Record], Generic[Record, Row]):
    """An iterator over the records of a listing. The first ``next()`` sends the first request.

    A listing holds one page in memory, and with ``prefetch=1`` the page after it. All views share
    its progress; a view that is first used in the middle of a page starts with that whole page. An
    error does not end the listing: the next ``next()`` asks for the failed page again. Do not
    iterate one listing from two threads or tasks at once.

    Yields:
        The generated model of a record, such as `SingleUserHistoricalPullResponse`.

    Raises:
        APIError: The subclass says what went wrong. Has the cursor to resume from.
    """

    __module__ = "junction_introspect"

    def pages(self) -> Items[Page[Record]]:
        """Iterate over pages: `Page`, empty ones included."""
        return Items(self._progress, _pages)

    def rows(self) -> Items[Row]:
        """Iterate over flat rows, such as `HistoricalPull`, one per user × provider × resource."""
        return Items(self._progress, self._progress.rows)

    def to_arrow(self, now: Callable[[], datetime] | None = None) -> RecordBatchReader:
        """Stream the rows as Arrow (extra `arrow`): one batch per page, each fetched when needed.

        Args:
            now: Returns the time at which a page was received; by default the current time in UTC.

        Returns:
            A ``pyarrow.RecordBatchReader`` whose schema does not depend on the data. It raises the
            same errors as iterating, and after an error asks for the same page again.
        """
        from junction_introspect import arrow  # noqa: PLC0415 - an extra

        operation = self._progress.operation
        unpack = arrow.unpacker(operation, now or arrow.utc_now)
        return arrow.reader(operation, Items(self._progress, unpack))


class AsyncListing(AsyncItems[Record], Generic[Record, Row]):
    """As `Listing`, iterated with ``async for``."""

    __module__ = "junction_introspect"

    def pages(self) -> AsyncItems[Page[Record]]:
        """As `Listing.pages`, iterated with ``async for``."""
        return AsyncItems(self._progress, _pages)

    def rows(self) -> AsyncItems[Row]:
        """As `Listing.rows`, iterated with ``async for``."""
        return AsyncItems(self._progress, self._progress.rows)

    def to_arrow(self, now: Callable[[], datetime] | None = None) -> AsyncItems[RecordBatch]:
        """As `Listing.to_arrow`, iterated with ``async for``: a record batch per page.

        Arrow's own reader cannot be awaited.
        """
        from junction_introspect import arrow  # noqa: PLC0415 - an extra

        unpack = arrow.unpacker(self._progress.operation, now or arrow.utc_now)
        return AsyncItems(self._progress, unpack)


def _pages(page: Page[Record]) -> Iterable[Page[Record]]:
    return (page,)
