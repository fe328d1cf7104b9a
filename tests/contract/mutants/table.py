"""The table of mutants, as kept in MUTANTS.md."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.contract.mutants import MUTANTS

PLACE = Path(__file__).parents[1] / "MUTANTS.md"

_HEAD = """\
# Mutants

Written by `make mutants-contract`, which puts the contract suite to each of these servers and fails
unless every one is caught by the check that is meant for it. The tests do so as well.

"""


def rendered() -> str:
    """Return the text of MUTANTS.md."""
    counts = Counter(mutant.check for mutant in MUTANTS.values())
    lines = [f"{len(MUTANTS)} mutants, {len(counts)} checks.", ""]
    lines += ["| mutant | what is wrong | caught by |", "| --- | --- | --- |"]
    lines += [
        f"| `{mutant.name}` | {mutant.text} | `{mutant.check}` |" for mutant in MUTANTS.values()
    ]
    return _HEAD + "\n".join(lines) + "\n"
