"""Signals that arrive while DuckDB works: what their handlers raise waits until it has finished.

DuckDB runs Python's signal handlers in the middle of a statement, and turns what they raise into
errors of its own ("Query interrupted", "Current transaction is aborted") or drops it. So here a
handler is called at once, as always, and what it raises is raised when DuckDB has returned, in the
place of whatever else the interruption led to.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any


class _Held:
    """Stands in for the signal handlers of the process.

    Args:
        interrupt: Called when a handler has raised something.
    """

    def __init__(self, interrupt: Callable[[], object] | None) -> None:
        self.raised: BaseException | None = None
        self._interrupt = interrupt
        self._handlers: dict[int, Callable[[int, Any], object]] = {}
        self._holding = True

    def hold(self) -> None:
        for number in signal.valid_signals():
            handler = signal.getsignal(number)
            if callable(handler):
                self._handlers[number] = handler
                signal.signal(number, self._handle)

    def release(self) -> None:
        # First: from here on a signal may end this loop before every handler is back in its place.
        self._holding = False
        for number, handler in self._handlers.items():
            if signal.getsignal(number) == self._handle:
                signal.signal(number, handler)

    def _handle(self, number: int, frame: Any) -> None:
        handler = self._handlers[number]
        if not self._holding:
            handler(number, frame)
            return
        try:
            handler(number, frame)
        except BaseException as error:  # noqa: BLE001 - raised by `held`, whatever it is
            self.raised = self.raised or error
            if self._interrupt is not None:
                self._interrupt()


@contextmanager
def held(interrupt: Callable[[], object] | None = None) -> Generator[None]:
    """Hold back in this context what signal handlers raise.

    Only the main thread runs signal handlers; in another one this does nothing.

    Args:
        interrupt: Called when a handler has raised something, to have DuckDB come to an end.
            Without it the work is done first: a transaction is committed or rolled back as a whole.

    Raises:
        BaseException: What a handler raised, such as `KeyboardInterrupt`.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers = _Held(interrupt)
    try:
        handlers.hold()
        yield
    finally:
        handlers.release()
        if handlers.raised is not None:
            raise handlers.raised from None
