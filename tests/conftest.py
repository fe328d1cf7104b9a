import signal
from contextlib import ExitStack
from functools import partial

import pytest
from hypothesis import settings

from tests.drivers import DRIVERS, open_client


@pytest.fixture(params=DRIVERS)
def connect(request):
    """Opens a client of each kind: `connect(handler, **options)`.

    None fetches ahead, but for tests that are marked with `drivers.BOTH_WAYS`.
    """
    with ExitStack() as stack:
        yield partial(open_client, request.param, stack)


# A deadline would fail a test because the machine is busy.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")


def pytest_configure():
    # A shell has what it starts in the background ignore Ctrl-C, and tests press it.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


_SKEW_TABLE = {}


@pytest.fixture
def skew_table():
    """Counts per kind of version skew, shown in the summary."""
    return _SKEW_TABLE


def pytest_terminal_summary(terminalreporter):
    if not _SKEW_TABLE:
        return
    columns = ("served", "delivered", "quarantined", "lost")
    terminalreporter.section("old client, newer server: records")
    terminalreporter.line("".join([" " * 26, *(f"{name:>13}" for name in columns)]))
    for skew, counts in _SKEW_TABLE.items():
        lost = counts["served"] - counts["delivered"] - counts["quarantined"]
        numbers = (*counts.values(), lost)
        terminalreporter.line("".join([f"{skew:26}", *(f"{n:13,}" for n in numbers)]))
