"""Servers with one fault each, to prove that the contract suite has teeth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.contract.mutants import (
    answers,
    connections,
    meanings,
    protocol,
    resources,
    shapes,
)
from tests.contract.mutants.registry import MUTANTS, Mutant

if TYPE_CHECKING:
    from collections.abc import Sequence

# Importing them is what registers their mutants.
MODULES: Sequence[object] = (
    shapes,
    answers,
    protocol,
    meanings,
    resources,
    connections,
)

__all__ = ["MUTANTS", "Mutant"]
