"""The promises of a server that a schema cannot express: one function per promise."""

from __future__ import annotations

from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from collections.abc import Sequence

# Importing them is what registers their promises.
MODULES: Sequence[object] = (
    listing,
    filters,
    refusals,
    records,
    resources,
    connections,
    between,
)

__all__ = ["PROMISES", "Promise", "broken"]
