"""Servers with one fault each, to prove that the contract suite has teeth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.contract.mutants import answers, meanings, protocol, shapes
from tests.contract.mutants.registry import MUTANTS, Mutant

if TYPE_CHECKING:
    from collections.abc import Sequence

# Importing them is what registers their mutants.
ROOMS: Sequence[object] = (shapes, answers, protocol, meanings)

__all__ = ["MUTANTS", "Mutant"]
