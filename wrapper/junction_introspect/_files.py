"""Local files with user data: checks their paths, sets their modes, and writes them safely."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from functools import partial, reduce
from pathlib import Path
from typing import BinaryIO, Final

from junction_introspect._concurrency import forks

# Only the owner may read and write.
PRIVATE: Final = 0o600

# Two letters at least, since one letter is a Windows drive. One slash, since `Path` shortens `//`.
# Colons, since fsspec joins URLs to chains, like `simplecache::s3://bucket`.
_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+._:-]+:/")


def is_url(text: str) -> bool:
    """Return whether a text is a URL rather than the name of a local file."""
    return _URL.match(text) is not None


def local_path(given: str | os.PathLike[str]) -> Path:
    """Return the path on this machine that a name stands for; ``~`` is a home directory.

    Raises:
        ValueError: It is a URL, or cannot be the name of a file.
    """
    text = os.fspath(given)
    if is_url(text):
        raise ValueError(
            f"{text.partition(':')[0]}:// is a URL, but a file on this machine is needed:"
            " copy it from there first, or to there when it is complete"
        )
    try:
        text.encode()
        path = Path(text).expanduser() if text.startswith("~") else Path(text)
    except UnicodeEncodeError:
        raise ValueError("the name of the file has bytes that are not UTF-8") from None
    except RuntimeError:
        raise ValueError(f"{text.partition('/')[0]} is not the home of any user") from None
    try:
        path.stat()
    except ValueError:
        raise ValueError("the name of the file has a NUL character") from None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise ValueError(f"{text} is a symbolic link that leads back to itself") from None
    # `./~/x` is made absolute: written as `~/x` and read again, it would be another file.
    return path.absolute() if str(path).startswith("~") else path


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file for reading.

    Raises:
        ValueError: It is a pipe, a device or a folder. (Opening a pipe in the usual way would wait
            until somebody writes to it.)
        OSError: It cannot be opened.
    """
    file = open(path, "rb", opener=_without_waiting)  # noqa: SIM115 - the caller closes it
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise ValueError(f"{path} is not a regular file")
    return file


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def mode_of(path: Path, given: int | None = None) -> int:
    """Return the mode for a file that is about to be written.

    Args:
        path: The file.
        given: The mode that the caller asked for. None keeps an existing file's mode, and makes a
            new file private.
    """
    if given is not None:
        return given
    with suppress(OSError):
        return stat.S_IMODE(path.stat().st_mode)
    return PRIVATE


def folder_mode(mode: int) -> int:
    """Return the mode of a folder for files of a mode: their readers may list the folder."""
    return mode | (mode >> 2) & 0o111


def make_folder(path: Path, mode: int | None = None) -> None:
    """Make a folder and its parents, as far as they do not exist.

    Args:
        path: The folder.
        mode: The mode of the files in it, whatever the umask; by default they are private.

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
    """Write a file atomically: afterwards all of it is there or, if writing fails, nothing.

    Args:
        path: The file.
        content: Its content.
        aside: The temporary file to write first, in the same folder.
        mode: The file's mode; None leaves it to the umask.

    Raises:
        OSError: It cannot be written. The temporary file is removed.
    """
    # Outside of `try`, because there is nothing to remove if this fails.
    file = open(aside, "wb", opener=partial(os.open, mode=0o666 if mode is None else PRIVATE))  # noqa: SIM115
    try:
        with file:
            if mode is not None:
                aside.chmod(mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # a full disk may show only here
        aside.replace(path)
    except BaseException:
        with suppress(OSError):
            aside.unlink()
        raise


class _Lock(forks.Lock):
    """Guards the masks. They end in a child process, which lacks the threads that set them."""

    outside: int  # the umask while there are no masks

    def after_fork(self) -> None:
        super().after_fork()
        for mask in tuple(_masks):
            _mask(mask, _masks.remove)


_masks: list[int] = []
_LOCK: Final = _Lock()


@contextmanager
def created_with(mode: int) -> Generator[None]:
    """Limit the mode of all files that are created in this context, and of folders accordingly.

    This is for libraries that give no choice of mode. The umask belongs to the process, so files
    that other threads create meanwhile are limited too.
    """
    mask = 0o777 & ~folder_mode(mode)
    _mask(mask, _masks.append)
    try:
        yield
    finally:
        if mask in _masks:  # not in a child process that was forked in this context
            _mask(mask, _masks.remove)


def _mask(mask: int, change: Callable[[int], object]) -> None:
    with _LOCK.own:
        if not _masks:
            _LOCK.outside = os.umask(mask)
        change(mask)
        os.umask(reduce(int.__or__, _masks) if _masks else _LOCK.outside)
