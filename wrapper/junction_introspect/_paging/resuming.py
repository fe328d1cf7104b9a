"""Whether a walk that was broken off can be gone on with, in another process, some time later."""

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
    """Tell whether a server may mean by an error that it no longer knows a cursor it gave out."""
    return isinstance(error, APIStatusError) and error.status_code in _REFUSALS
