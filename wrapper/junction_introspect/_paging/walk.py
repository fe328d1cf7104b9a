"""The cursor protocol, without I/O: which page to ask for next, and whether its cursor is valid.

Only a null cursor ends a listing. A page may be empty even when more pages follow (by the vendor's
documentation, ``user_limit`` is an upper bound). A repeated cursor would send a client round
forever.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from hashlib import blake2b
from typing import Any, NamedTuple, TypeVar

from junction_introspect.errors import PaginationError
from junction_introspect.pages import Page

Item = TypeVar("Item")


class Place(NamedTuple):
    """The position of a page in a walk.

    Attributes:
        cursor: The cursor that asks for it; None for the first page.
        number: How many pages of the walk come before it.
    """

    cursor: str | None
    number: int


class Walk:
    """The position and state of a listing.

    A driver calls `take`, and fetches the page at `place` when there is no item. The walk moves on
    only when the last item of a page has been taken, so after an error the driver asks for the same
    page again.

    Attributes:
        cursor: The cursor of the current page: the one to fetch, or whose items are being taken.
            This is where to resume. None for the first page.
        done: Whether the last item of the last page has been taken.
        pages: How many pages have been taken completely.
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
        """The current page: the one to fetch, or whose items are being taken."""
        return Place(self.cursor, self.pages)

    @property
    def following(self) -> Place | None:
        """The page after the current one; None if it is not yet known, or there is none."""
        if self._page is None or self._page.next_cursor is None:
            return None
        return Place(self._page.next_cursor, self.pages + 1)

    def check(self, page: Page[Any]) -> None:
        """Check the next cursor of the page that was fetched for `cursor`.

        Raises:
            PaginationError: The next cursor is missing, empty, or was requested before.
        """
        if page.cursor_missing:
            reason = "the page has no next_cursor: it is unknown whether more pages follow"
        elif page.next_cursor == "":
            reason = "the page's next_cursor is empty"
        elif page.next_cursor is not None and _digest(page.next_cursor) in self._seen:
            reason = "the page's next_cursor was requested before: the listing would never end"
        else:
            return
        raise PaginationError(reason, page=page, cursor=self.cursor)

    def accept(self, page: Page[Any], unpack: Callable[[Page[Any]], Iterable[Any]]) -> None:
        """Accept the page that was fetched for `cursor`, and queue its items.

        Args:
            page: The page.
            unpack: Returns the items of a page: the page itself, its users or its rows.

        Raises:
            PaginationError: As `check`.
        """
        self.check(page)
        self._queue = deque(unpack(page))
        self._page, self._unpack = page, unpack
        if not self._queue:
            self._move_on()

    def take(self, unpack: Callable[[Page[Any]], Iterable[Item]]) -> Item | None:
        """Return the next item of a kind; None if a page has to be fetched first, or all is done.

        After a page's last item the walk moves to the next page. When the kind changes in the
        middle of a page, the page starts over. A caller who switches from users to pages gets the
        whole page, and does not lose the rest of it.
        """
        if self._page is not None and self._unpack is not unpack:
            self.accept(self._page, unpack)
        if not self._queue:
            return None
        item: Item = self._queue.popleft()
        if not self._queue:
            self._move_on()
        return item

    def _move_on(self) -> None:
        page, self._page = self._page, None
        assert page is not None  # noqa: S101 - accept has set it
        self.pages += 1
        self.cursor = page.next_cursor
        if page.next_cursor is None:
            self.done = True
        else:
            self._seen.add(_digest(page.next_cursor))


def _digest(cursor: str) -> bytes:
    # 16 bytes whatever the cursor's length; a collision is unlikely before some 10^19 pages.
    return blake2b(cursor.encode("utf-8", "surrogatepass"), digest_size=16).digest()
