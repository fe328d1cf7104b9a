"""The deadline that cuts each network operation of the sync client.

A timeout of httpx limits a single read, so a server that drips one byte at a time never exceeds it.
The deadline can be checked between the chunks of a body, but not while headers arrive. `within`
therefore applies it to every operation. Only the sync client needs it: an event loop can cancel.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar

_remaining: ContextVar[Callable[[], float] | None] = ContextVar("remaining", default=None)


@contextmanager
def within(remaining: Callable[[], float]) -> Generator[None, None, None]:
    """Limit each operation of this thread, in a ``with`` block, to what `remaining` returns."""
    token = _remaining.set(remaining)
    try:
        yield
    finally:
        _remaining.reset(token)


def cut(timeout: float | None, late: type[Exception]) -> float | None:
    """Return the timeout of an operation, cut to the time that is left.

    Args:
        timeout: Seconds; None for no timeout.
        late: Raised if no time is left.
    """
    remaining = _remaining.get()
    if remaining is None:
        return timeout
    left = remaining()
    # A read timeout does not help against a server that never pauses, however short it is.
    if left <= 0:
        raise late("the page's deadline has passed")
    return left if timeout is None else min(timeout, left)
