"""The standard streams: makes them accept any text, and discards output that cannot be written."""

from __future__ import annotations

import io
import os
from typing import IO


def fill_closed() -> None:
    """Open the null device for each standard stream that the process was started without.

    Otherwise the next file that is opened, such as a store, gets the stream's descriptor, and a
    library that writes to standard error would write into that file.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free descriptor


def take_any_text(out: IO[str], *, exact: bool) -> None:
    """Make a stream accept text that its locale cannot encode.

    Args:
        out: The stream.
        exact: True for programs: UTF-8, with line ends unchanged. False for people: the locale's
            encoding, with escapes for characters that it does not have.
    """
    if not isinstance(out, io.TextIOWrapper):
        return  # a stream in memory does not encode text
    if exact:
        out.reconfigure(encoding="utf-8", errors="strict", newline="\n")
    else:
        out.reconfigure(errors="backslashreplace")


def let_go(out: IO[str]) -> None:
    """Flush a stream, or discard its buffer if it cannot be written.

    Python flushes streams at exit. If that failed, it would print a traceback and exit with 120.
    """
    try:
        out.flush()
    except OSError:
        discard(out)


def discard(out: IO[str]) -> None:
    """Redirect a stream, and what is still in its buffer, to the null device."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nothing, out.fileno())
    except OSError:
        return  # a stream in memory, or a closed one
    finally:
        os.close(nothing)
