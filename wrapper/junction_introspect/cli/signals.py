"""Turns signals that end a process into an exception, so that everything open is closed."""

from __future__ import annotations

import atexit
import os
import signal
import threading
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

# The handler that each signal has by default. Windows has no SIGHUP.
_DEFAULTS: Final = {
    getattr(signal, name): handler
    for name, handler in (
        ("SIGINT", signal.default_int_handler),
        ("SIGTERM", signal.SIG_DFL),
        ("SIGHUP", signal.SIG_DFL),
    )
    if hasattr(signal, name)
}


class Signals:
    """The signals that have arrived during a run of the command line.

    The first signal decides the exit status. The `KeyboardInterrupt` that it raised cannot decide
    it, because other libraries may replace the exception by their own or drop it.

    Args:
        for_good: Whether the process ends with the run.
    """

    def __init__(self, *, for_good: bool) -> None:
        self._for_good = for_good
        self._first: int | None = None
        self._outcome: int | None = None
        self._instead: Callable[[], object] | None = None

    @property
    def status(self) -> int | None:
        """The exit status that a shell gives the first signal; None if there was no signal."""
        return None if self._first is None else 128 + self._first

    @contextmanager
    def calling(self, instead: Callable[[], object]) -> Generator[None]:
        """Make the next signal call a function instead of raising `KeyboardInterrupt`.

        Event loops need this. An exception that is raised between two steps may be lost, or the
        next step is, and then the loop never ends. A second signal raises. May be nested.
        """
        before, self._instead = self._instead, instead
        try:
            yield
        finally:
            self._instead = before

    def check(self) -> None:
        """Raise `KeyboardInterrupt` if a signal has come, since other libraries may drop it."""
        if self._first is not None:
            raise KeyboardInterrupt

    def cause_of(self, error: BaseException) -> BaseException:
        """Return `KeyboardInterrupt` if a signal has come before an error, else the error."""
        if self._first is None or isinstance(error, KeyboardInterrupt):
            return error
        return KeyboardInterrupt()

    def settle(self, outcome: int) -> int:
        """Record the exit status of a finished run, which later signals do not change.

        Returns:
            The status.
        """
        if self._for_good:
            self._outcome = outcome
        return outcome

    def handle(self, number: int, _frame: object) -> None:
        """Handle a signal.

        Raises:
            KeyboardInterrupt: Unless the run is over.
        """
        if self._outcome is not None:
            # All output has been written; only Python's own shutdown remains.
            os._exit(self._outcome)
        self._first = self._first or number
        if self._for_good:
            # An interrupted call of fsspec leaves a coroutine that nobody awaits.
            warnings.simplefilter("ignore", RuntimeWarning)
        instead, self._instead = self._instead, None
        if instead is None:
            raise KeyboardInterrupt
        instead()


_none = Signals(for_good=False)
_current = _none


def current() -> Signals:
    """Return the signals of the current run."""
    return _current


@contextmanager
def unwinding(*, for_good: bool) -> Generator[Signals]:
    """Make SIGINT, SIGTERM and SIGHUP raise `KeyboardInterrupt`.

    Otherwise a terminal would be left without its cursor, and temporary files would stay behind. A
    signal that is already handled or ignored, as under nohup, is left as it is.

    Args:
        for_good: Whether the process ends with this run. The handlers then stay until it has ended.
    """
    global _current  # noqa: PLW0603 - global, as signal handlers are
    signals = Signals(for_good=for_good)
    taken: list[int] = []
    if threading.current_thread() is threading.main_thread():
        for number, handler in _DEFAULTS.items():
            if signal.getsignal(number) == handler:
                taken.append(number)
                signal.signal(number, signals.handle)
        _current = signals
    try:
        yield signals
    finally:
        _current = _none
        if for_good:
            # At exit Python restores the default handlers, and then takes a while to end.
            atexit.register(_ignore, taken)
        else:
            for number in taken:
                signal.signal(number, _DEFAULTS[number])


def _ignore(numbers: list[int]) -> None:
    for number in numbers:
        signal.signal(number, signal.SIG_IGN)
