"""Keeps cursors and ids out of httpx's own log, which shows whole URLs at INFO."""

from __future__ import annotations

import logging
from typing import Any, Final


class _Redact(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(map(_without_query, record.args))
        return True


def _without_query(argument: Any) -> object:
    # Only URLs of httpx and httpx2 have this method. Testing for the class would import httpx, also
    # for a command line that only prints its help.
    return argument.copy_with(query=None) if hasattr(argument, "copy_with") else argument


_REDACT: Final = _Redact()
# httpx2 logs under its own name, also when an application uses it in place of httpx.
_LOGGERS: Final = ("httpx", "httpx2")


def redact_urls() -> None:
    """Remove the query, which has cursors and user ids, from the URLs that httpx logs.

    This affects the whole process and every httpx client in it. Calling it again changes nothing.
    The command line calls it by itself.
    """
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_REDACT)
