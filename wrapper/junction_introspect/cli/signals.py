"""Signals that end a process, made to unwind it: what is open is closed on the way out."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from collections.abc import Generator

# Windows has no SIGHUP.
_SIGNALS: Final = ("SIGTERM", "SIGHUP")


@contextmanager
def unwinding() -> Generator[None]:
    """Have SIGTERM and SIGHUP raise `SystemExit`, with the status that a shell gives them.

    Else a terminal would be left without its cursor, and a draft beside the file it was for. What
    somebody else handles or ignores, as under nohup, stays so.
    """
    taken: list[signal.Signals] = []
    if threading.current_thread() is threading.main_thread():
        for name in _SIGNALS:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, _end)
                taken.append(number)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


def _end(number: int, _frame: object) -> NoReturn:
    raise SystemExit(128 + number)
