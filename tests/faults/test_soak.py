"""The soak, shortened: everybody once, whatever is thrown in between, and nothing left over."""

import secrets

import pytest
import stamina

from tests.drivers import DRIVERS
from tests.faults.soak import FAULTS, Population, walk

PAGES = 500


@pytest.fixture(scope="module")
def population():
    return Population(PAGES, 50)


@pytest.mark.slow
@pytest.mark.parametrize("driver", DRIVERS)
def test_everybody_comes_exactly_once_from_a_server_full_of_faults(driver, population):
    seed = secrets.token_hex(4)
    print(f"--seed {seed}")  # noqa: T201 - shown with a failure, to have it again
    with stamina.set_testing(False):
        outcome, script = walk(driver, population, seed)

    assert script.requests > PAGES
    assert len(script.faults) > len(FAULTS) / 2
    assert outcome.errors
    assert outcome.retries
