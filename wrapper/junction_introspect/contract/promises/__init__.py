"""The promises of a server that a schema cannot express: one function per promise."""

from __future__ import annotations

from typing import Final

from junction_introspect.contract.promises import (
    between,
    connections,
    filters,
    listing,
    records,
    refusals,
    resources,
)
from junction_introspect.contract.promises.registry import PROMISES, Promise, broken

# Importing them registers their promises.
MODULES: Final = (between, connections, filters, listing, records, refusals, resources)

__all__ = ["PROMISES", "Promise", "broken"]
