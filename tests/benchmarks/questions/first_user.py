"""From the start of a process to the first user's id, as a script has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.benchmarks.contenders import OURS, RAW, VENDORS
from tests.benchmarks.measuring import Answer, at_most, cost, interleaved
from tests.benchmarks.setting import API_KEY, BARE, SCRIPTS, VENDOR, starting

if TYPE_CHECKING:
    from tests.benchmarks.setting import Setting

_RUNS = 21


def ask(setting: Setting) -> Answer:
    """Start a process for each contender."""
    environ = {"JUNCTION_API_KEY": API_KEY, "JUNCTION_BASE_URL": setting.url(1)}
    series = interleaved(
        {
            name: starting(python, SCRIPTS / script, environ=environ)
            for name, python, script in (
                (OURS, BARE, "first_user_of_ours.py"),
                (RAW, BARE, "first_user_of_httpx.py"),
                (VENDORS, VENDOR, "first_user_of_vendors.py"),
            )
        },
        _RUNS,
    )
    ours, raw, vendors = series
    return Answer(
        "Process start to first user",
        series,
        [cost(ours, raw, at_most(1.5)), cost(ours, vendors, at_most(0.65))],
        "One page of 50 users over loopback, until the process has ended. Each script stands in an "
        "environment with its own dependencies alone.",
    )
