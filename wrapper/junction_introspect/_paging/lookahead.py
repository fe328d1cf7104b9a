"""The page that was begun before it was asked for: whose it is, and when it is let go.

Without a client: what fetches in the background is whatever `start` returns.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from junction_introspect._paging.walk import Place


class Droppable(Protocol):
    """Something under way in the background."""

    def drop(self) -> None:
        """Let go of it. Called from any thread, and while garbage is collected."""
        ...


Running = TypeVar("Running", bound=Droppable)


class Lookahead(Generic[Running]):
    """One page at most, begun before it was asked for.

    When this is collected, with the listing that it belongs to, what is under way is dropped.

    Args:
        start: Begins to fetch a page; returns None where nothing can be begun.
    """

    def __init__(self, start: Callable[[Place], Running | None]) -> None:
        self._start = start
        self._place: Place | None = None
        self._running: Running | None = None

    def begin(self, place: Place) -> None:
        """Begin to fetch a page, unless that has been done. Any other is dropped."""
        if place != self._place:
            self.drop()
            self._running = self._start(place)
            self._place = place

    def begun(self, place: Place) -> Running | None:
        """Return what was begun for a page, if it was."""
        return self._running if place == self._place else None

    def settle(self) -> None:
        """Forget what was begun: it has come to its end, and its outcome is taken but once."""
        self._place = self._running = None

    def drop(self) -> None:
        """Let go of what was begun."""
        if self._running is not None:
            self._running.drop()
        self.settle()

    def __del__(self) -> None:
        self.drop()
