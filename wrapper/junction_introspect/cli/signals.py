"""Signals that end a process, made to unwind it: what is open is closed on the way out."""

from __future__ import annotations

import atexit
import os
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

# What each has where nobody has taken it. Windows has no SIGHUP.
_UNTAKEN: Final = {
    getattr(signal, name): handler
    for name, handler in (
        ("SIGINT", signal.default_int_handler),
        ("SIGTERM", signal.SIG_DFL),
        ("SIGHUP", signal.SIG_DFL),
    )
    if hasattr(signal, name)
}


class Signals:
    """The signals that have come in a run of the command line.

    The first of them decides the exit status, whatever becomes of the `KeyboardInterrupt` that it
    raised: code of others may turn one into an error of its own, or drop it.

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
        """The exit status that a shell gives the first signal; None where none has come."""
        return None if self._first is None else 128 + self._first

    @contextmanager
    def calling(self, instead: Callable[[], object]) -> Generator[None]:
        """Have the next signal call a function, rather than raise `KeyboardInterrupt`.

        For event loops, which may lose what is raised between two of their steps. A second signal
        raises.
        """
        self._instead = instead
        try:
            yield
        finally:
            self._instead = None

    def cause_of(self, error: BaseException) -> BaseException:
        """Return the interruption that an error was made of, or the error where there was none."""
        if self._first is None or isinstance(error, KeyboardInterrupt):
            return error
        return KeyboardInterrupt()

    def settle(self, outcome: int) -> int:
        """Note the exit status of a run that is over: a signal no longer changes it.

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
            # All has been written and told; what remains is for Python to end.
            os._exit(self._outcome)
        self._first = self._first or number
        instead, self._instead = self._instead, None
        if instead is None:
            raise KeyboardInterrupt
        instead()


_none = Signals(for_good=False)
_current = _none


def current() -> Signals:
    """Return the signals of the run that is under way."""
    return _current


@contextmanager
def unwinding(*, for_good: bool) -> Generator[Signals]:
    """Have SIGINT, SIGTERM and SIGHUP raise `KeyboardInterrupt`.

    Else a terminal would be left without its cursor, and a draft beside the file it was for. What
    somebody else handles or ignores, as under nohup, stays so.

    Args:
        for_good: Whether the process ends with this run. The handlers then stay until it has ended.
    """
    global _current  # noqa: PLW0603 - as the handlers, it is the process's
    signals = Signals(for_good=for_good)
    taken: list[int] = []
    if threading.current_thread() is threading.main_thread():
        for number, handler in _UNTAKEN.items():
            if signal.getsignal(number) == handler:
                taken.append(number)
                signal.signal(number, signals.handle)
        _current = signals
    try:
        yield signals
    finally:
        _current = _none
        if for_good:
            # Python puts back what a signal does at first, and then takes a while to end.
            atexit.register(_ignore, taken)
        else:
            for number in taken:
                signal.signal(number, _UNTAKEN[number])


def _ignore(numbers: list[int]) -> None:
    for number in numbers:
        signal.signal(number, signal.SIG_IGN)
