"""Keeps cursors and ids out of httpx's own log, which shows whole URLs at INFO."""

from __future__ import annotations

import logging
import re
from typing import Any, Final

# A user's id: some operations have it in the path.
_UUID: Final = re.compile(rb"[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")


def _redact(record: logging.LogRecord) -> bool:
    """Redact the URLs of a log record; as a filter, let every record pass."""
    if isinstance(record.args, tuple):
        record.args = tuple(map(_redacted, record.args))
    return True


def _redacted(argument: Any) -> object:
    # Only URLs of httpx and httpx2 have this method. Testing for the class would import httpx, also
    # for a command line that only prints its help.
    if not hasattr(argument, "copy_with"):
        return argument
    path = argument.raw_path.partition(b"?")[0]
    return argument.copy_with(raw_path=_UUID.sub(b"*", path))


# httpx2 logs under its own name, also when an application uses it in place of httpx.
_LOGGERS: Final = ("httpx", "httpx2")


def redact_urls() -> None:
    """Remove cursors and user ids from the URLs that httpx logs: the query, and UUIDs in the path.

    This affects the whole process and every httpx client in it. Calling it again changes nothing.
    The command line calls it by itself.
    """
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_redact)
