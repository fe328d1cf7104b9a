"""`Secret`: a credential that no repr, pickle or traceback with local variables shows."""

from __future__ import annotations

from typing import Any, NoReturn

from junction_introspect.errors import ConfigurationError


class Secret:
    """Wraps a credential, or what a caller passed as one, and shows none of it."""

    __slots__ = ("_value",)

    def __init__(self, value: Any) -> None:
        self._value = value

    def reveal(self) -> Any:
        """Return the wrapped value."""
        return self._value

    def __repr__(self) -> str:
        return "Secret('…')"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a credential cannot be pickled")


def hidden(value: object) -> Secret | None:
    """Wrap an argument so that no frame below shows it; None stays None."""
    return value if value is None or isinstance(value, Secret) else Secret(value)


def checked(secret: Secret, what: str) -> Secret:
    """Return a credential that is valid in a header.

    Args:
        secret: The caller's value.
        what: Its name, for the error: ``"api_key"``.

    Raises:
        ConfigurationError: It is not a string, is empty, or has white space, control characters or
            non-ASCII characters. The error shows the value neither in its text nor in local
            variables of this package.
    """
    problem = _problem(secret.reveal())
    if problem is not None:
        raise ConfigurationError(f"{what} {problem}")
    return secret


def _problem(value: object) -> str | None:
    if not isinstance(value, str):
        return f"must be a string, not {type(value).__name__}"
    if not value:
        return "is empty"
    if not value.isascii() or not value.isprintable() or " " in value:
        return "contains white space, a control character or a non-ASCII character"
    return None
