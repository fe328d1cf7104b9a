"""Reports an optional dependency that is not installed. Imports only the standard library."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Generator

_OURS: Final = frozenset({"junction_api", "junction_introspect"})


class MissingExtraError(Exception):
    """A command needs an extra that is not installed; the message names the extra."""


@contextmanager
def extra(name: str) -> Generator[None, None, None]:
    """Report a failed import in this context as a missing extra.

    Args:
        name: The extra that is imported from.

    Raises:
        MissingExtraError: A module of another package could not be found.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package in _OURS:
            raise  # a defect: no extra would install it
        raise MissingExtraError(
            f"{package} is missing; run pip install 'junction-introspect[{name}]'"
        ) from None
