"""Names the extra that a missing package belongs to. Imports only the standard library at first."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

# The extra that each module of this package needs; the others need none.
EXTRAS: Final = {
    "junction_introspect.arrow": "arrow",
    "junction_introspect.cli": "cli",
    "junction_introspect.contract": "contract",
    "junction_introspect.export": "arrow",
    "junction_introspect.mock": "mock",
    "junction_introspect.report": "report",
    "junction_introspect.store": "store",
    "junction_introspect.sweep": "dask",
    "junction_introspect.testing": "testing",
}

_OURS: Final = frozenset({"junction_api", "junction_introspect"})


@contextmanager
def extra_of(module: str) -> Generator[None]:
    """Report a failed import in this context as a missing extra.

    Of nested contexts the outermost one decides: its extra includes the others.

    Args:
        module: The module that needs an extra: one of `EXTRAS`.

    Raises:
        MissingExtraError: A module of another package could not be found.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package in _OURS:
            raise  # a defect: no extra would install it
        from junction_introspect.errors import MissingExtraError  # noqa: PLC0415 - seldom needed

        raise MissingExtraError(package, EXTRAS[module]) from None
