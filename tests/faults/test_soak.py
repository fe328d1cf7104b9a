"""The soak, shortened: everybody once, whatever is thrown in between, and nothing left over."""

import secrets

import pytest
import stamina

from tests.faults.soak import FAULTS, Population, walk
from tests.support.drivers import DRIVERS

pytestmark = pytest.mark.any_specification


@pytest.fixture(scope="module")
def population(at_length):
    return Population(at_length(100, 2000), 50)


@pytest.mark.proof
@pytest.mark.parametrize("driver", DRIVERS)
def test_everybody_comes_exactly_once_from_a_server_full_of_faults(driver, population, at_length):
    seed = at_length("short", secrets.token_hex(4))
    print(f"--seed {seed}")  # noqa: T201 - shown with a failure, to have it again
    with stamina.set_testing(False):
        outcome, script = walk(driver, population, seed)

    assert script.requests > population.size / 50
    assert len(script.faults) > at_length(20, len(FAULTS) / 2)
    assert outcome.errors
    assert outcome.retries
    assert outcome.forks if driver == "sync" else outcome.cancelled
