"""A body over the limit is refused before the memory is spent, whatever status it comes with."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.behaviours import MEBIBYTE, bomb, endless, good
from tests.support.drivers import DRIVERS

ROOT = Path(__file__).parents[2]

pytestmark = [
    pytest.mark.any_specification,
    pytest.mark.skipif(
        not Path("/proc/self/status").exists(), reason="memory is read from Linux's /proc"
    ),
]


FAULTS = [
    (bomb(), "ResponseTooLargeError"),
    (endless(), "ResponseTooLargeError"),
    (bomb(code=503), "InternalServerError"),
    # Last, since it is asked for again with a fresh token.
    (bomb(code=401), "AuthenticationError"),
]


@pytest.mark.parametrize("driver", DRIVERS)
def test_300_mebibytes_take_less_than_a_third_of_it(serve, driver):
    server = serve(*(each for fault, _ in FAULTS for each in (good, fault)))
    done = subprocess.run(  # noqa: S603 - this very interpreter
        [sys.executable, "-m", "tests.faults.memory", driver, server.url, str(len(FAULTS))],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )

    told = [line.split() for line in done.stdout.splitlines()]
    assert [outcome for outcome, _ in told] == [outcome for _, outcome in FAULTS]
    assert [grown for _, grown in told if int(grown) >= 100 * MEBIBYTE] == []
