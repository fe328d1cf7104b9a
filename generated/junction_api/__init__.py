"""A client library for accessing Junction API."""

from typing import Final

# The version of the document that this package was generated from.
SPEC_VERSION: Final = "0.4.483"

__all__ = ("SPEC_VERSION",)
