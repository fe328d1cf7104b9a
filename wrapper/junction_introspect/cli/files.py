"""Files that are written as a whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
from pathlib import Path

from junction_introspect import _files


def try_out(path: Path) -> None:
    """Find out early what would keep a file from being written late.

    Raises:
        OSError: As `write_whole` would.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if _is_replaced(path):
        draft = _draft(_target(path))
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _files.PRIVATE))
        draft.unlink()


def write_whole(path: Path, text: str, *, private: bool, mode: int | None = None) -> None:
    """Write a file in UTF-8; whoever looks finds what was there before, or all that is there now.

    Args:
        path: Where to. A pipe or a device is written to as it is.
        text: What to write.
        private: Whether it tells who users are. Then others than owner and group may not read it.
        mode: Who may read and write it, if somebody asked for that.

    Raises:
        OSError: It cannot be written; nothing is left behind.
    """
    content = text.encode()
    if not _is_replaced(path):
        path.write_bytes(content)
        return
    path = _target(path)
    if mode is None and private:
        mode = _files.mode_of(path) & ~0o007
    elif mode is None and path.exists():
        mode = _files.mode_of(path)
    _files.put(path, content, aside=_draft(path), mode=mode)


def _is_replaced(path: Path) -> bool:
    return path.is_file() or not path.exists()


def _target(path: Path) -> Path:
    """Return what a link points to: that is replaced, and not the link."""
    return Path(os.path.realpath(path))


def _draft(path: Path) -> Path:
    """Return a path beside another, with a name that nothing has."""
    return path.with_name(f".{secrets.token_hex(8)}.tmp")
