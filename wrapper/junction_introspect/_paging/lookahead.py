"""Keeps track of the page that is fetched ahead: which page it is, and when it is dropped.

Knows no client: `start` returns whatever fetches in the background.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from junction_introspect._paging.walk import Place


class Droppable(Protocol):
    """A fetch in the background."""

    def drop(self) -> None:
        """Stop the fetch. Called from any thread, and during garbage collection."""
        ...


Running = TypeVar("Running", bound=Droppable)


class Lookahead(Generic[Running]):
    """Holds at most one page that is fetched ahead.

    It is garbage-collected together with its listing, and then drops the fetch.

    Args:
        start: Starts to fetch a page; returns None if that is not possible.
    """

    # On the class, since an interrupt may end `__init__` at any line, and `__del__` runs even then.
    _place: Place | None = None
    _running: Running | None = None

    def __init__(self, start: Callable[[Place], Running | None]) -> None:
        self._start = start

    def begin(self, place: Place) -> None:
        """Start to fetch a page, unless it was started before. Another page's fetch is dropped."""
        if place != self._place:
            self.drop()
            self._running = self._start(place)
            self._place = place

    def begun(self, place: Place) -> Running | None:
        """Return the fetch of a page, if it was started."""
        return self._running if place == self._place else None

    def settle(self) -> None:
        """Forget the fetch once it has ended: its outcome is used only once."""
        self._place = self._running = None

    def drop(self) -> None:
        """Drop the fetch, if there is one."""
        if self._running is not None:
            self._running.drop()
        self.settle()

    def __del__(self) -> None:
        self.drop()
