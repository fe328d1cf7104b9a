"""Event loops: which one is running, values per loop, and clean-ups that cannot be cancelled.

asyncio is imported only when one of its loops is running, and anyio's modules when they are used: a
sync client does not need them.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

import anyio

from junction_introspect._concurrency import forks

Value = TypeVar("Value")


def running_loop() -> Any:
    """Return an object that identifies the running event loop: asyncio's loop or trio's token.

    Compare it by identity. anyio's own token is a different object at every call.
    """
    from anyio.lowlevel import current_token  # noqa: PLC0415 - see above

    token: Any = current_token()
    # From anyio 4.11 on, the token wraps the native one. Before that, it is the native one.
    return getattr(token, "native_token", token)


def soon_in(loop: Any) -> Callable[[Callable[[], object]], object]:
    """Return a function that schedules a call in an event loop, from any thread.

    The function raises `RuntimeError` when the loop has ended.
    """
    soon: Callable[[Callable[[], object]], object]
    soon = getattr(loop, "run_sync_soon", None) or loop.call_soon_threadsafe
    return soon


def is_over(loop: Any) -> bool:
    """Whether an event loop has ended for good."""
    try:
        soon_in(loop)(lambda: None)
    except RuntimeError:
        return True
    return False


class PerLoop(Generic[Value]):
    """One value per event loop, made on first use in that loop.

    Values of loops that have ended are dropped. A child process starts without values.

    Args:
        make: Makes a value.
    """

    def __init__(self, make: Callable[[], Value]) -> None:
        self._make = make
        self._values: dict[Any, Value] = {}
        forks.watch(self)

    def get(self) -> Value:
        """Return the running event loop's value."""
        loop = running_loop()
        if loop not in self._values:
            for other in list(self._values):
                if is_over(other):
                    self._values.pop(other, None)
            self._values[loop] = self._make()
        return self._values[loop]

    def values(self) -> list[Value]:
        """Return the values of all event loops."""
        return list(self._values.values())

    def after_fork(self) -> None:
        """Start without values: the old ones belong to the parent's loops."""
        forks.leave(self._values)
        self._values = {}


async def finish(cleanup: Coroutine[Any, Any, None]) -> None:
    """Run a clean-up to its end, even if it is cancelled meanwhile. Cancellation resumes after it.

    A shielded scope stops cancellation by scopes, the only kind on trio. It does not stop
    `asyncio.Task.cancel`, so on asyncio the clean-up runs in a task of its own.
    """
    with anyio.CancelScope(shield=True):
        loop = running_loop()
        if not hasattr(loop, "create_task"):
            await cleanup
            return
        import asyncio  # noqa: PLC0415 - see above

        task: asyncio.Task[None] = loop.create_task(cleanup)
        cancelled: asyncio.CancelledError | None = None
        while not task.done():
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError as error:
                cancelled = error
        if cancelled is not None:
            if not task.cancelled():
                task.exception()  # asyncio logs the error of a task that nobody asks for
            raise cancelled
        await task
