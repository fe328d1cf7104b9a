"""Keeps track of the page that is fetched ahead: which page it is, and when it is dropped.

Knows no client, and neither threads nor tasks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from junction_introspect._paging.walk import Place

Fetched = TypeVar("Fetched")


class Lookahead(Generic[Fetched]):
    """Holds at most one page that is fetched ahead. The base of the sources of a listing's pages.

    It is garbage-collected together with its listing, and then drops the fetch.

    Args:
        prepare: Returns the `Fetch` for a place.
        get: Runs it.
        ahead: Starts fetches in the background; None does not fetch ahead.
    """

    # On the class, since an interrupt may end `__init__` at any line, and `__del__` runs even then.
    _place: Place | None = None
    _running: Any = None

    def __init__(
        self, prepare: Callable[[Place], Any], get: Callable[[Any], Fetched], ahead: Any
    ) -> None:
        self._prepare, self._get, self._ahead = prepare, get, ahead

    def begin(self, place: Place) -> None:
        """Start to fetch a page in the background, if that is wanted and possible.

        A page that was started before is not started again. Another page's fetch is dropped.
        """
        if place != self._place:
            self._drop()
            if self._ahead is not None:
                self._running = self._ahead.start(self._get, self._prepare(place))
            self._place = place

    def _begun(self, place: Place) -> Any:
        """Return the fetch of a page, if it was started and its outcome can be used; else None."""
        if place == self._place and self._running is not None and self._running.is_usable:
            return self._running
        return None

    def _settle(self) -> None:
        """Forget the fetch once it has ended: its outcome is used only once."""
        self._place = self._running = None

    def _drop(self) -> None:
        """Drop the fetch, if there is one."""
        if self._running is not None:
            self._running.drop()
        self._settle()

    def __del__(self) -> None:
        self._drop()
