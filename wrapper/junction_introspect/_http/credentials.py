"""Credentials that show themselves nowhere: in no repr, no pickle, no traceback with its locals."""

from __future__ import annotations

from typing import Any, NoReturn

from junction_introspect.errors import ConfigurationError


class Secret:
    """Holds a credential, or what was passed for one, and shows none of it."""

    __slots__ = ("_value",)

    def __init__(self, value: Any) -> None:
        self._value = value

    def reveal(self) -> Any:
        """Return what is held."""
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
    """Return an argument so that no frame below shows it; None stays None."""
    return value if value is None or isinstance(value, Secret) else Secret(value)


def checked(value: object, what: str) -> Secret:
    """Return a credential that can stand in a header.

    Args:
        value: What the caller passed.
        what: Its name, for the error: ``"api_key"``.

    Raises:
        ConfigurationError: It is no string, empty, or holds white space, control characters or
            anything beyond ASCII. Neither the text nor a local variable of ours repeats it.
    """
    secret = value if isinstance(value, Secret) else Secret(value)
    del value
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
        return "holds white space, a control or a non-ASCII character"
    return None
