"""The cursor protocol, without a client: what to ask for next, and whether the answer may stand.

Only a null cursor ends a listing. Pages may be empty while more follow (``user_limit`` is an upper
bound, by the vendor's documentation), and a server that repeats a cursor would send a client round
for ever.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from hashlib import blake2b
from typing import Any, NamedTuple

from junction_introspect.errors import PaginationError
from junction_introspect.pages import Page


class Place(NamedTuple):
    """Which page of a walk.

    Attributes:
        cursor: What it is asked for with; None is the first page.
        number: How many pages of the walk come before it.
    """

    cursor: str | None
    number: int


class Walk:
    """Where a listing stands.

    A driver asks `ready`, fetches the page at `place` until it is, and then calls `take`. State
    changes only when a page was accepted and its last item taken, so an error leaves the walk where
    it was, and the same page is asked for again.

    Attributes:
        cursor: The cursor of the page to ask for, or being handed over: where to resume. None is
            the first page.
        done: Whether the last item of the last page has been taken.
        pages: How many pages have been handed over.
    """

    __slots__ = ("_page", "_queue", "_seen", "_unpack", "cursor", "done", "pages")

    def __init__(self, cursor: str | None = None) -> None:
        self.cursor = cursor
        self.done = False
        self.pages = 0
        self._seen: set[bytes] = set() if cursor is None else {_digest(cursor)}
        self._page: Page[Any] | None = None
        self._queue: deque[Any] = deque()
        self._unpack: Callable[[Page[Any]], Iterable[Any]] | None = None

    @property
    def place(self) -> Place:
        """The page to ask for, or being handed over."""
        return Place(self.cursor, self.pages)

    @property
    def following(self) -> Place | None:
        """The page after the one being handed over; None when none is, or it is the last."""
        if self._page is None or self._page.next_cursor is None:
            return None
        return Place(self._page.next_cursor, self.pages + 1)

    def check(self, page: Page[Any]) -> None:
        """Hold the page fetched for `cursor` against the protocol.

        Raises:
            PaginationError: The page does not say whether there is more, or says it with an empty
                cursor or one that was asked for before.
        """
        if page.cursor_missing:
            reason = "the page has no next_cursor: whether there is more cannot be told"
        elif page.next_cursor == "":
            reason = "the page's next_cursor is empty"
        elif page.next_cursor is not None and _digest(page.next_cursor) in self._seen:
            reason = "the page's next_cursor was asked for before: the listing would never end"
        else:
            return
        raise PaginationError(reason, page=page, cursor=self.cursor)

    def accept(self, page: Page[Any], unpack: Callable[[Page[Any]], Iterable[Any]]) -> None:
        """Take the page fetched for `cursor`, to be handed over item by item.

        Args:
            page: The page.
            unpack: Which items to hand over: the page itself, its users, its rows.

        Raises:
            PaginationError: As `check`.
        """
        self.check(page)
        self._queue = deque(unpack(page))
        self._page, self._unpack = page, unpack
        if not self._queue:
            self._move_on()

    def ready(self, unpack: Callable[[Page[Any]], Iterable[Any]]) -> bool:
        """Tell whether an item of this kind can be taken.

        Where the kind changes in the middle of a page, that page begins again: a caller who goes
        from users to pages gets it whole, rather than lose the rest of it.
        """
        if self._page is not None and self._unpack is not unpack:
            self.accept(self._page, unpack)
        return bool(self._queue)

    def take(self) -> Any:
        """Return the next item. Taking a page's last one moves the walk on to the next page."""
        item = self._queue.popleft()
        if not self._queue:
            self._move_on()
        return item

    def _move_on(self) -> None:
        page, self._page = self._page, None
        assert page is not None  # noqa: S101 - set by accept, without which nothing is taken
        self.pages += 1
        self.cursor = page.next_cursor
        if page.next_cursor is None:
            self.done = True
        else:
            self._seen.add(_digest(page.next_cursor))


def _digest(cursor: str) -> bytes:
    # 16 bytes for a cursor of any length, and no two alike before some 10^19 pages.
    return blake2b(cursor.encode("utf-8", "surrogatepass"), digest_size=16).digest()
