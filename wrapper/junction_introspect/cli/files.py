"""Files that are written as a whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def try_out(path: Path) -> None:
    """Find out early what would keep a file from being written late.

    Raises:
        OSError: As `write_whole` would.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if _is_replaced(path):
        descriptor, draft = _draft(path.resolve(), 0o600)
        os.close(descriptor)
        draft.unlink()


def write_whole(path: Path, text: str, *, private: bool) -> None:
    """Write a file in UTF-8; whoever looks finds what was there before, or all that is there now.

    Args:
        path: Where to. A pipe or a device is written to as it is.
        text: What to write.
        private: Whether nobody but the owner may read it.

    Raises:
        OSError: It cannot be written; nothing is left behind.
    """
    if not _is_replaced(path):
        path.write_text(text, encoding="utf-8", newline="\n")
        return
    path = path.resolve()  # of a link, what it points to is replaced
    descriptor, draft = _draft(path, 0o600 if private else 0o666)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(descriptor)  # a disk may turn out to be full this late
        draft.replace(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise


def _is_replaced(path: Path) -> bool:
    return path.is_file() or not path.exists()


def _draft(path: Path, mode: int) -> tuple[int, Path]:
    """Create a file beside a path, with a name that nothing has; return it open, and its path."""
    draft = path.with_name(f".{secrets.token_hex(8)}.tmp")
    return os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), draft
