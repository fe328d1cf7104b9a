"""One mutant's trial: which checks catch it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from junction_introspect.contract.api import Api
from junction_introspect.contract.engine import judge
from junction_introspect.contract.promises import PROMISES, broken
from junction_introspect.mock import Population, create_app

if TYPE_CHECKING:
    from tests.contract.mutants.registry import Mutant

# Enough for pages of every size to follow each other, and for every status to be somebody's.
POPULATION = Population(16, seed=3)

# A listing this long has no end.
MOST_PAGES = 100

THOROUGH = frozenset({"coverage", "fuzzing"})
QUICK = [(frozenset({"coverage"}), 50), (frozenset({"fuzzing"}), 50), (frozenset({"fuzzing"}), 500)]


def caught_by(mutant: Mutant, *, thorough: bool = True) -> set[str]:
    """Return what catches a mutant of the mock, of all that was tried.

    Args:
        mutant: What is wrong.
        thorough: Whether to try the promise that is meant for it, where it is one, and besides
            schemathesis's coverage phase and fifty examples; or else only what is meant for it. The
            examples are then tried only where the coverage phase has not caught it, and many
            only where fifty have not: which examples come depends on what else is imported.
    """
    api_key = f"mock_{uuid4().hex}"
    app = create_app(POPULATION, api_key=api_key, access_token=uuid4().hex)
    caught: set[str] = set()
    promise = PROMISES.get(mutant.check)
    if promise is not None:
        with Api(mutant.server(app, api_key), api_key, most_pages=MOST_PAGES) as api:
            if broken(promise, api) is not None:
                caught.add(promise.name)
    # What the first phase has caught need not be tried for again.
    phases = [(THOROUGH, 50)] if thorough else [] if promise else QUICK
    for phase, examples in phases:
        if thorough or mutant.check not in caught:
            server = mutant.server(app, api_key)
            verdict = judge(
                server, api_key, phases=phase, examples=examples, shrink=False, only=mutant.path
            )
            caught |= {*verdict.failures}
    return caught
