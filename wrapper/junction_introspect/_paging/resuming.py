"""Decides whether an interrupted walk can be resumed later, also by another process."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Final

from junction_introspect.errors import APIStatusError

RESUME_WITHIN: Final = timedelta(days=1)

# The statuses with which a server may answer a cursor that it no longer knows.
_REFUSALS: Final = frozenset(
    {HTTPStatus.BAD_REQUEST, HTTPStatus.GONE, HTTPStatus.UNPROCESSABLE_ENTITY}
)


class CursorRefusedError(Exception):
    """A source other than a server can no longer resume at a cursor that it gave out."""


class Resumption:
    """Whether a walk resumed an interrupted one, and what happens if its cursor is refused.

    A server may refuse a cursor that it gave out some time ago. Then the walk starts over.

    Args:
        resumed: Whether the first request is sent with the cursor of an earlier walk.

    Attributes:
        resumed: Whether the walk continues after the earlier one.
        restarted: Whether the server refused the cursor, so that the walk started over.
    """

    def __init__(self, *, resumed: bool) -> None:
        self.resumed = resumed
        self.restarted = False
        self._untried = resumed

    def accept(self) -> None:
        """Note that the server took the cursor."""
        self._untried = False

    def restarts(self, error: Exception) -> bool:
        """Tell whether an error means that the walk has to start over, and note it."""
        refused = isinstance(error, CursorRefusedError) or (
            isinstance(error, APIStatusError) and error.status_code in _REFUSALS
        )
        if not (self._untried and refused):
            return False
        self.resumed = self._untried = False
        self.restarted = True
        return True
