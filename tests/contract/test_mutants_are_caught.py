"""The contract suite has teeth: each broken server is caught by the check that is meant for it."""

from __future__ import annotations

import pytest

from junction_introspect.contract.promises import PROMISES
from tests.contract.mutants import MUTANTS
from tests.contract.mutants.table import PLACE, rendered
from tests.contract.mutants.trial import caught_by

pytestmark = pytest.mark.any_specification


# For each check the first that it is meant for; the others at full length.
FIRST = {mutant.check: name for name, mutant in reversed(MUTANTS.items())}.values()


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in FIRST else pytest.mark.proof(only=True))
        for name in MUTANTS
    ],
)
@pytest.mark.proof
def test_a_broken_server_is_caught_by_the_check_meant_for_it(name):
    mutant = MUTANTS[name]
    assert mutant.check in caught_by(mutant, thorough=False)


def test_every_promise_has_a_mutant_that_breaks_it():
    assert PROMISES.keys() <= {mutant.check for mutant in MUTANTS.values()}


def test_the_table_of_mutants_is_up_to_date():
    assert PLACE.read_text(encoding="utf-8") == rendered(), "run `make mutants-contract`"
