"""Writes files atomically: completely or not at all."""

from __future__ import annotations

import errno
import os
import secrets
from pathlib import Path

from junction_introspect import _files


def try_out(path: Path) -> None:
    """Check that a file can be written, before the work that produces it begins.

    Raises:
        OSError: `write_whole` would raise this error.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if _is_replaced(path):
        draft = _draft(_target(path))
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _files.PRIVATE))
        draft.unlink()


def write_whole(path: Path, text: str, *, private: bool, mode: int | None = None) -> None:
    """Write a file in UTF-8. Readers see either the old content or all of the new content.

    Args:
        path: The file. A pipe or a device is written to directly.
        text: What to write.
        private: Whether the text identifies users. Then only owner and group may read the file.
        mode: The permissions that were asked for, if any.

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
    """Return what a link points to: the target is replaced, not the link."""
    return Path(os.path.realpath(path))


def _draft(path: Path) -> Path:
    """Return the path of a new temporary file in the same directory."""
    return path.with_name(f".{secrets.token_hex(8)}.tmp")
