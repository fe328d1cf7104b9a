"""stamina's attempts at a page, without the log records that stamina writes by default.

This is imported after a first failure only: stamina takes 10 ms to import.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final, Literal

import stamina

_PACKAGE: Final = "junction_introspect."


def attempts(operation: str, on: Callable[[Exception], float | Literal[False]], number: int) -> Any:
    """Return contexts to send in, until one succeeds or `on` gives up.

    stamina calls `on` after each failure and waits for as long as it returns, without a limit of
    its own. The contexts have a name here, because otherwise stamina would pass the arguments,
    including the cursor, to instrumentation.

    Args:
        operation: The operation's name.
        on: Returns the seconds to wait, or False to raise the error.
        number: The maximum number of attempts.
    """
    # `Fetch` has logged the retry on this package's own logger. A filter on stamina's logger is the
    # only way to leave out the second record: stamina's hooks are those of the whole process.
    logging.getLogger("stamina").addFilter(_is_of_others)
    context = stamina.retry_context(on=on, attempts=number, timeout=None)
    return context.with_name(f"{_PACKAGE}{operation}", (), {})


def _is_of_others(record: logging.LogRecord) -> bool:
    """Tell whether a record of stamina's logging hook is about a retry of another package."""
    return not str(vars(record).get("stamina.callable")).startswith(_PACKAGE)
