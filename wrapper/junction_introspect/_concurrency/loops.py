"""Event loops: which one is running, what belongs to each, and clean-ups that it cannot cancel.

asyncio is imported where a loop of its is running, and not before: a sync client has no use for it.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

import anyio
from anyio.lowlevel import current_token

from junction_introspect._concurrency import forks

Value = TypeVar("Value")


def running_loop() -> Any:
    """Return what stands for the running event loop: asyncio's loop itself, or trio's token.

    Compare by identity. A token of anyio's is another object at every call.
    """
    token: Any = current_token()
    # A token of anyio 4.11 or later holds the loop's own, which earlier ones are.
    return getattr(token, "native_token", token)


def soon_in(loop: Any) -> Callable[[Callable[[], object]], object]:
    """Return what calls a function soon in an event loop, from any thread.

    It raises `RuntimeError` when the loop has ended.
    """
    soon: Callable[[Callable[[], object]], object]
    soon = getattr(loop, "run_sync_soon", None) or loop.call_soon_threadsafe
    return soon


def is_over(loop: Any) -> bool:
    """Whether an event loop has ended for good."""
    if hasattr(loop, "is_closed"):
        closed: bool = loop.is_closed()
        return closed
    try:
        loop.run_sync_soon(_nothing)
    except RuntimeError:  # trio's RunFinishedError is one
        return True
    return False


def _nothing() -> None: ...


class PerLoop(Generic[Value]):
    """A value for each event loop, made when it is first asked for there.

    Values of loops that have ended are forgotten. A child process starts without any.

    Args:
        make: Makes one.
    """

    def __init__(self, make: Callable[[], Value]) -> None:
        self._make = make
        self._values: dict[Any, Value] = {}
        forks.watch(self)

    def get(self) -> Value:
        """Return the running event loop's own."""
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
        """Leave the values to the parent's loops."""
        forks.leave(self._values)
        self._values = {}


async def finish(cleanup: Coroutine[Any, Any, None]) -> None:
    """Run a clean-up to its end, whatever cancels meanwhile, and let the cancellation go on then.

    A shielded scope keeps off scopes, and all that trio has; `asyncio.Task.cancel` goes through it,
    so on asyncio the clean-up is a task of its own.
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
            raise cancelled
        await task
