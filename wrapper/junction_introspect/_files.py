"""Local files that hold users: where they may be, who may read them, and how they are written."""

from __future__ import annotations

import errno
import os
import re
import stat
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

# The owner alone may read and write.
PRIVATE: Final = 0o600

# A scheme of one letter would be a drive of Windows; `Path` has cut `//` down to `/`.
_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")


def local_path(given: str | os.PathLike[str]) -> Path:
    """Return what a name means: a path on this machine, with ``~`` for a home directory.

    Raises:
        ValueError: It is a URL, or no name that a file can have.
    """
    text = os.fspath(given)
    if _URL.match(text):
        raise ValueError(
            f"{text.partition(':')[0]}:// is a URL, and this takes a file of this machine:"
            " copy it from there, or to there when it is complete"
        )
    try:
        text.encode()
        path = Path(text).expanduser() if text.startswith("~") else Path(text)
    except UnicodeEncodeError:
        raise ValueError("the name of a file holds bytes that are no UTF-8") from None
    except RuntimeError:
        raise ValueError(f"{text.partition('/')[0]} is the home of no user") from None
    try:
        path.stat()
    except ValueError:
        raise ValueError("the name of a file holds a NUL") from None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise ValueError(f"{text} is a symbolic link that leads back to itself") from None
    # `./~/x`, which would be another when it is read again.
    return path.absolute() if path.parts[:1] and path.parts[0].startswith("~") else path


def mode_of(path: Path, given: int | None = None) -> int:
    """Return who may read and write a file that is about to be written.

    Args:
        path: The file.
        given: What somebody asked for. Otherwise a file that is there keeps its mode, and a new one
            is private.
    """
    if given is not None:
        return given
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return PRIVATE


def folder_mode(mode: int) -> int:
    """Return the mode of a folder for files of some mode: who may read them may look for them."""
    return mode | (mode & 0o444) >> 2


def make_folder(path: Path, mode: int | None = None) -> None:
    """Make a folder, and those that it is in, where there is none.

    Args:
        path: The folder.
        mode: That of the files in it, whatever the umask; by default they are private.

    Raises:
        OSError: It cannot be made.
    """
    if path.is_dir():
        return
    make_folder(path.parent, mode)
    try:
        path.mkdir()
    except FileExistsError:
        if not path.is_dir():
            raise
    else:
        path.chmod(folder_mode(PRIVATE if mode is None else mode))


def put(path: Path, content: bytes, *, aside: Path, mode: int | None) -> None:
    """Write a file so that it is there as a whole or, whatever happens, not at all.

    Args:
        path: The file.
        content: What is to be in it.
        aside: Where to write it first, in the same folder.
        mode: Who may read and write it; None is as the umask has it.

    Raises:
        OSError: It cannot be written; nothing is left behind.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _BINARY
    descriptor = os.open(aside, flags, 0o666 if mode is None else PRIVATE)
    try:
        with os.fdopen(descriptor, "wb") as out:
            if mode is not None:
                aside.chmod(mode)
            out.write(content)
            out.flush()
            os.fsync(descriptor)  # a disk may turn out to be full this late
        aside.replace(path)
    except BaseException:
        with suppress(OSError):
            aside.unlink()
        raise


_BINARY: Final[int] = getattr(os, "O_BINARY", 0)  # on Windows alone

_masks: list[int] = []
_outside = 0
_LOCK: Final = threading.Lock()


@contextmanager
def created_with(mode: int) -> Generator[None]:
    """Have files that others create in this context be of a mode at most, and folders fit to it.

    For libraries that create files without asking. The umask is the process's: files that other
    threads create meanwhile are no more open than that.
    """
    mask = 0o777 & ~folder_mode(mode)
    _mask(mask, _masks.append)
    try:
        yield
    finally:
        _mask(mask, _masks.remove)


def _mask(mask: int, change: Callable[[int], object]) -> None:
    global _outside  # noqa: PLW0603 - there is one umask
    with _LOCK:
        if not _masks:
            _outside = os.umask(mask)
        change(mask)
        strictest = 0
        for each in _masks:
            strictest |= each
        os.umask(strictest if _masks else _outside)
