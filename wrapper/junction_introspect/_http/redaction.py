"""Keeps cursors and ids out of httpx's own log, which has whole URLs at INFO."""

from __future__ import annotations

import logging
from typing import Any, Final


class _Redact(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(map(_without_query, record.args))
        return True


def _without_query(argument: Any) -> object:
    # A URL of httpx or httpx2. Whoever logs has imported it; a command line that only prints its
    # help has not.
    return argument.copy_with(query=None) if hasattr(argument, "copy_with") else argument


_REDACT: Final = _Redact()
# httpx2 logs under its own name, when an application has it stand in for httpx as well.
_LOGGERS: Final = ("httpx", "httpx2")


def redact_urls() -> None:
    """Cut the query, with its cursors and user ids, from the URLs that httpx logs.

    For the whole process, every client of httpx included; calling it again changes nothing. The
    command line does so by itself.
    """
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_REDACT)
