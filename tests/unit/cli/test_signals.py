"""What a signal does to a run of the command line."""

from __future__ import annotations

import gc
import signal
import warnings

import pytest

from junction_introspect.cli.signals import Signals

pytestmark = pytest.mark.any_specification


async def upload():
    """A coroutine of fsspec, which is never awaited if the signal comes before it is scheduled."""


@pytest.mark.parametrize("for_good", [True, False])
def test_coroutine_that_the_signal_leaves_is_not_told_in_a_process_that_ends(for_good):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with pytest.raises(KeyboardInterrupt):
            Signals(for_good=for_good).handle(signal.SIGINT, None)
        upload()
        gc.collect()
    assert [str(each.message) for each in told] == (
        [] if for_good else ["coroutine 'upload' was never awaited"]
    )
