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
    usable,
)
from junction_introspect.contract.promises.registry import PROMISES, Promise, broken

# Importing them registers their promises. `usable` is last: it reports what the others have met.
MODULES: Final = (between, connections, filters, listing, records, refusals, resources, usable)

__all__ = ["PROMISES", "Promise", "broken"]
