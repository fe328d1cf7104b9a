"""What holds for every test: its surroundings, its lengths, its selection, what a failure tells."""

import atexit
import gc
import os
import signal
from contextlib import ExitStack
from functools import partial

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.faults import misbehaving
from tests.support import purity, surroundings, telling
from tests.support.drivers import DRIVERS, open_client

# Neither examples nor their number depend on how fast the machine is, and every run has the same.
settings.register_profile(
    "suite",
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
# Others each time, and more of them.
settings.register_profile(
    "proof", settings.get_profile("suite"), derandomize=False, max_examples=1_000
)
# For the inner loop: what fails is mostly found by the first.
settings.register_profile("quick", settings.get_profile("suite"), max_examples=15)
# For mutants: whichever example fails will do.
settings.register_profile(
    "mutants", settings.get_profile("suite"), phases=set(Phase) - {Phase.shrink, Phase.explain}
)
settings.load_profile("suite")


def pytest_addoption(parser):
    group = parser.getgroup("junction-introspect")
    group.addoption(
        "--quick", action="store_true", help="only the tests of pure modules, which do no I/O"
    )
    group.addoption(
        "--proof", action="store_true", help="only proofs and properties, each at its full length"
    )


def pytest_configure(config):
    surroundings.forget()
    # A shell has what it starts in the background ignore Ctrl-C, and `nohup` a terminal that is
    # closed. Tests raise both signals.
    for name, handler in (("SIGINT", signal.default_int_handler), ("SIGHUP", signal.SIG_DFL)):
        number = getattr(signal, name, None)  # there is no SIGHUP on Windows
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)
    if config.option.proof:
        settings.load_profile("proof")
    if config.option.quick:
        settings.load_profile("quick")
        purity.enforce()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers():
    """Run one process more than there are cores: tests wait for a fifth of the time."""
    return 1 + (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    )


def pytest_ignore_collect(collection_path, config):
    if config.option.quick and collection_path.name.startswith("test_"):
        return not purity.is_test_of_pure_module(collection_path) or None
    return None


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Keep the garbage collector from what collecting makes, all of which stays to the end.

    Searching it took a third of the collection's time, and then most of that of every
    `gc.collect()` in a test.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_unconfigure():
    # pytest now collects five times; after this, there is nothing left to search.
    gc.collect()
    gc.freeze()
    # Extensions written in C++ complain of what an interpreter that ends has not collected.
    atexit.register(gc.unfreeze)


def pytest_collection_modifyitems(config, items):
    unwanted = _is_no_proof if config.option.proof else _is_for_proof_only
    config.hook.pytest_deselected(items=[item for item in items if unwanted(item)])
    items[:] = [item for item in items if not unwanted(item)]


def _is_no_proof(item):
    is_property = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
    return not is_property and item.get_closest_marker("proof") is None


def _is_for_proof_only(item):
    return any(mark.kwargs.get("only") for mark in item.iter_markers("proof"))


@pytest.fixture(scope="session")
def at_length(pytestconfig):
    """Returns the first of two lengths, and the second in `make proof`: `at_length(60, 500)`."""
    return lambda short, full: full if pytestconfig.option.proof else short


@pytest.fixture(autouse=True)
def _surroundings_stay_as_they_are():
    """Set up first and so torn down last, when `monkeypatch` has undone what it did."""
    before = surroundings.seen()
    yield
    changed = {name for name, _ in before.items() ^ surroundings.seen().items()}
    assert not changed, "the test has changed what others see"


def pytest_runtest_setup():
    misbehaving.OPENED.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    report = yield
    if report.failed:
        report.sections += telling.sections(item)
    return report


@pytest.fixture(params=DRIVERS)
def connect(request):
    """Opens a client of each kind: `connect(handler, **options)`.

    None fetches ahead, but for tests that are marked with `drivers.BOTH_WAYS`.
    """
    with ExitStack() as stack:
        yield partial(open_client, request.param, stack)


def pytest_terminal_summary(terminalreporter):
    """Show the counts of records per kind of version skew, which its tests have recorded."""
    passed = terminalreporter.stats.get("passed", ())
    recorded = [pair for report in passed for pair in report.user_properties]
    table = {name.removeprefix("skew "): counts for name, counts in recorded if "skew" in name}
    if not table:
        return
    columns = ("served", "delivered", "quarantined", "lost")
    terminalreporter.section("old client, newer server: records")
    terminalreporter.line("".join([" " * 26, *(f"{name:>13}" for name in columns)]))
    for skew, counts in table.items():
        lost = counts["served"] - counts["delivered"] - counts["quarantined"]
        numbers = (*counts.values(), lost)
        terminalreporter.line("".join([f"{skew:26}", *(f"{n:13,}" for n in numbers)]))
