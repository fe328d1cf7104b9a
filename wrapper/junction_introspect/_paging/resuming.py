"""Decides whether an interrupted walk can be resumed later, also by another process."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Final

from junction_introspect.errors import APIError, APIStatusError

RESUME_WITHIN: Final = timedelta(days=1)

_REFUSALS: Final = frozenset(
    {HTTPStatus.BAD_REQUEST, HTTPStatus.GONE, HTTPStatus.UNPROCESSABLE_ENTITY}
)


def is_refusal(error: APIError) -> bool:
    """Tell whether an error may mean that the server no longer knows a cursor that it gave out."""
    return isinstance(error, APIStatusError) and error.status_code in _REFUSALS
