"""Checks a caller's arguments before anything is sent."""

from __future__ import annotations

from typing import Any
from uuid import UUID


def check_text(name: str, value: object) -> None:
    """Refuse a value that cannot be a query parameter.

    Raises:
        TypeError: The value is not a string.
        ValueError: It is empty, or has a NUL or a lone surrogate, which UTF-8 cannot encode.
    """
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a string or None")
    if not value or "\0" in value:
        raise ValueError(f"{name} must not be empty or contain a NUL character")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{name} contains a lone surrogate") from None


def checked_user_id(user_id: UUID | str | None) -> UUID | None:
    """Return a user's id as a UUID, or None.

    Raises:
        TypeError: ``user_id`` is not a UUID, a string or None.
        ValueError: The string is not a UUID.
    """
    if isinstance(user_id, str):
        try:
            return UUID(user_id)
        except ValueError:
            raise ValueError("user_id is not a UUID") from None
    if user_id is not None and not isinstance(user_id, UUID):
        raise TypeError("user_id must be a UUID, a string or None")
    return user_id


def check_integer(name: str, value: object) -> None:
    """Refuse a value that is not an integer; bools are refused too.

    Raises:
        TypeError: The value is not an integer.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be an integer")


def check_prefetch(prefetch: object) -> None:
    """Refuse a ``prefetch`` that is neither 0 nor 1.

    Raises:
        TypeError: ``prefetch`` is not an integer.
        ValueError: It is neither 0 nor 1.
    """
    check_integer("prefetch", prefetch)
    if prefetch not in {0, 1}:
        raise ValueError("prefetch must be 0 or 1: a listing fetches at most one page ahead")


def listing_arguments(
    *, user_id: UUID | str | None, provider: str | None, user_limit: int
) -> dict[str, Any]:
    """Return the parameters that listings of users have in common, checked.

    Raises:
        TypeError: An argument is of the wrong type.
        ValueError: ``user_id`` is not a UUID, ``provider`` is empty, or ``user_limit`` is below 1.
    """
    user_id = checked_user_id(user_id)
    if provider is not None:
        check_text("provider", provider)
    check_integer("user_limit", user_limit)
    if user_limit < 1:
        raise ValueError("user_limit must be 1 or more")
    return {"user_id": user_id, "provider": provider, "user_limit": user_limit}
