"""The process's own streams: made to take any text, and let go of when they take nothing."""

from __future__ import annotations

import io
import os
from typing import IO


def fill_closed() -> None:
    """Open nothing in the place of each standard stream that the process was started without.

    Else the next file takes its place, such as a store, and whatever a library writes to standard
    error goes into it.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest one that is free


def take_any_text(out: IO[str], *, exact: bool) -> None:
    """Make a stream take text that its locale cannot encode.

    Args:
        out: The stream.
        exact: For a program: UTF-8, and line ends as they are written. Otherwise for a person: in
            the locale's encoding, with escapes where that has no such character.
    """
    if not isinstance(out, io.TextIOWrapper):
        return  # in memory, where nothing is encoded
    if exact:
        out.reconfigure(encoding="utf-8", errors="strict", newline="\n")
    else:
        out.reconfigure(errors="backslashreplace")


def let_go(out: IO[str]) -> None:
    """Flush a stream, or discard what is in its buffer where it cannot be written.

    Python flushes at exit; failing again, it would print a traceback and exit with 120.
    """
    try:
        out.flush()
    except OSError:
        discard(out)


def discard(out: IO[str]) -> None:
    """Point a stream at nothing, along with what is still in its buffer."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nothing, out.fileno())
    except OSError:
        return  # in memory, or closed
    finally:
        os.close(nothing)
