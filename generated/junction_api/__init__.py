"""A client library for accessing Junction API."""

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .client import AuthenticatedClient, Client

# The version of the document that this package was generated from.
SPEC_VERSION: Final = "0.4.483"

__all__ = ("SPEC_VERSION", "AuthenticatedClient", "Client")


def __getattr__(name: str) -> Any:
    # Imported on first use, because decoding models does not need httpx.
    if name in ("AuthenticatedClient", "Client"):
        from . import client

        return getattr(client, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
