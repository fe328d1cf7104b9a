"""Checks what a caller asks for, before anything is sent."""

from __future__ import annotations

from uuid import UUID


def check_text(name: str, value: object) -> None:
    """Refuse what no query parameter can carry.

    Raises:
        TypeError: It is not a string.
        ValueError: It is empty, has a NUL, or has a surrogate that no encoding can carry.
    """
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a string or None")
    if not value or "\0" in value:
        raise ValueError(f"{name} must not be empty or hold a NUL character")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{name} holds a lone surrogate") from None


def checked_user_id(user_id: UUID | str | None) -> UUID | None:
    """Return a user's id.

    Raises:
        TypeError: It is not a UUID, a string or None.
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


def check_user_limit(user_limit: object) -> None:
    """Refuse a page size that is not a positive integer.

    Raises:
        TypeError: It is not an integer; a bool is not one either.
        ValueError: It is below 1.
    """
    if isinstance(user_limit, bool) or not isinstance(user_limit, int):
        raise TypeError("user_limit must be an integer")
    if user_limit < 1:
        raise ValueError("user_limit must be 1 or more")


def check_prefetch(prefetch: object) -> None:
    """Refuse a number of pages to fetch ahead that is neither 0 nor 1.

    Raises:
        TypeError: It is not an integer.
        ValueError: It is neither 0 nor 1.
    """
    if isinstance(prefetch, bool) or not isinstance(prefetch, int):
        raise TypeError("prefetch must be a whole number")
    if prefetch not in {0, 1}:
        raise ValueError("prefetch must be 0 or 1: a listing is never more than a page ahead")
