"""A body over the limit is refused before the memory is spent, whatever status it comes with."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.drivers import DRIVERS
from tests.faults.behaviours import MEBIBYTE, bomb, endless, good

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="memory is read from Linux's /proc"
)


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        pytest.param(bomb(), "ResponseTooLargeError", id="bomb"),
        pytest.param(endless(), "ResponseTooLargeError", id="endless"),
        pytest.param(bomb(code=503), "InternalServerError", id="bomb under an error"),
        pytest.param(bomb(code=401), "AuthenticationError", id="bomb under a refused token"),
    ],
)
def test_300_mebibytes_take_less_than_a_third_of_it(serve, driver, fault, outcome):
    server = serve(good, fault)
    done = subprocess.run(  # noqa: S603 - this very interpreter
        [sys.executable, "-m", "tests.faults.memory", driver, server.url, "20"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )

    told, grown = done.stdout.split()
    assert told == outcome
    assert int(grown) < 100 * MEBIBYTE
