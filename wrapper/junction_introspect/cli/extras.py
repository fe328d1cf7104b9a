"""What to say when an optional dependency is not installed. Needs none itself."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Generator

_OURS: Final = frozenset({"junction_api", "junction_introspect"})


class MissingExtraError(Exception):
    """A command needs an extra that is not installed; the text names it."""


@contextmanager
def extra(name: str) -> Generator[None, None, None]:
    """Import in this context what an extra brings.

    Args:
        name: The extra.

    Raises:
        MissingExtraError: A module that is not one of ours could not be found.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package in _OURS:
            raise  # no extra would bring it: a defect
        raise MissingExtraError(
            f"{package} is missing; pip install 'junction-introspect[{name}]'"
        ) from None
