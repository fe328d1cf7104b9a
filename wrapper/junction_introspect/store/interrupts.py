"""Delays exceptions from signal handlers while DuckDB works, until it has finished.

DuckDB runs Python's signal handlers in the middle of a statement. It replaces what they raise by
its own errors ("Query interrupted", "Current transaction is aborted") or drops it. With this
module, a handler is still called at once. Its exception is raised when DuckDB has returned, and
replaces any error that the interruption caused.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any


class _Held:
    """Replaces the signal handlers of the process for a while.

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
        # First, because a signal may end the loop below before every handler is restored.
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
    """Delay exceptions from signal handlers until the end of this context.

    Only the main thread runs signal handlers; in other threads this does nothing.

    Args:
        interrupt: Called when a handler has raised something, to stop DuckDB early. Without it the
            work is finished first: a transaction is committed or rolled back completely.

    Raises:
        BaseException: The exception of a handler, such as `KeyboardInterrupt`.
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
