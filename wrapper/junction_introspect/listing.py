"""A listing in progress: lazy iterators over users, pages or rows, which an error does not end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from junction_api.models import SingleUserHistoricalPullResponse
from junction_introspect import pulls
from junction_introspect.decoding import InvalidRecord, Page
from junction_introspect.errors import ResponseDecodeError
from junction_introspect.pagination import Walk

if TYPE_CHECKING:
    from junction_introspect.pulls import HistoricalPull

Item = TypeVar("Item")
Fetched = TypeVar("Fetched")

OnInvalid: TypeAlias = Callable[[InvalidRecord], object]


def _users(page: Page) -> Iterable[SingleUserHistoricalPullResponse]:
    return page.data


def _pages(page: Page) -> Iterable[Page]:
    return (page,)


def _rows(page: Page) -> Iterable[HistoricalPull]:
    return (row for user in page.data for row in pulls.rows(user))


class Listing(Generic[Fetched]):
    """A walk and what it needs to go on, shared by all views of it.

    Args:
        fetch: Gets the page that a walk stands at.
        cursor: Where to begin; None is the first page.
        on_invalid: Receives each record that could not be decoded.
    """

    def __init__(
        self,
        fetch: Callable[[Walk], Fetched],
        cursor: str | None = None,
        on_invalid: OnInvalid | None = None,
    ) -> None:
        self.fetch = fetch
        self.walk = Walk(cursor)
        self._on_invalid = on_invalid

    def receive(self, page: Page, unpack: Callable[[Page], Iterable[object]]) -> None:
        """Accept a page that was fetched for the walk's cursor.

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
            listing.receive(listing.fetch(listing.walk), unpack)
        item: Item = listing.walk.take()
        return item


class AsyncItems(View[Item, Awaitable[Page]], AsyncIterator[Item]):
    """As `Items`, awaited."""

    async def __anext__(self) -> Item:
        listing, unpack = self._listing, self._unpack
        while not listing.walk.ready(unpack):
            if listing.walk.done:
                raise StopAsyncIteration
            listing.receive(await listing.fetch(listing.walk), unpack)
        item: Item = listing.walk.take()
        return item


class HistoricalPulls(Items[SingleUserHistoricalPullResponse]):
    """A listing: iterating gives users; nothing is sent before the first is asked for.

    A page is held at a time. All views move the same listing on, and one taken up in the middle of
    a page begins with that page. An error ends nothing: the next ``next()`` asks for the page that
    failed again. Not to be iterated from two threads at once.

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
