"""Keeps cursors and ids out of httpx's own log, which has whole URLs at INFO."""

from __future__ import annotations

import logging
from typing import Final


class _Redact(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        # Whoever logs has imported it; a command line that only prints its help has not.
        import httpx  # noqa: PLC0415

        if isinstance(record.args, tuple):
            record.args = tuple(
                argument.copy_with(query=None) if isinstance(argument, httpx.URL) else argument
                for argument in record.args
            )
        return True


_REDACT: Final = _Redact()


def redact_urls() -> None:
    """Cut the query, with its cursors and user ids, from the URLs that httpx logs.

    For the whole process, every client of httpx included; calling it again changes nothing. The
    command line does so by itself.
    """
    logging.getLogger("httpx").addFilter(_REDACT)
