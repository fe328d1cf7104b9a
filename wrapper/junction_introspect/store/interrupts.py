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
    handlers: dict[int, Callable[[int, Any], object]] = {
        number: handler
        for number in signal.valid_signals()
        if callable(handler := signal.getsignal(number))
    }
    raised: list[BaseException] = []
    holding = True

    def handle(number: int, frame: Any) -> None:
        try:
            handlers[number](number, frame)
        except BaseException as error:
            if not holding:
                raise
            raised.append(error)
            if interrupt is not None:
                interrupt()

    try:
        for number in handlers:
            signal.signal(number, handle)
        yield
    finally:
        # First, because a signal may end the loop below before every handler is restored.
        holding = False
        for number, handler in handlers.items():
            if signal.getsignal(number) is handle:
                signal.signal(number, handler)
        if raised:
            raise raised[0] from None
