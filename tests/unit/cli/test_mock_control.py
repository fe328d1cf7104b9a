"""`junction-introspect mock --control --speed`, as a process."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx
import pytest

from junction_introspect.cli import main
from tests.support.limits import LIMIT

pytestmark = pytest.mark.any_specification

COMMAND = (sys.executable, "-m", "junction_introspect", "mock", "--port", "0", "--users", "3")


@contextmanager
def mock(*arguments):
    with subprocess.Popen(  # noqa: S603
        [*COMMAND, *arguments], stdout=subprocess.PIPE, text=True
    ) as process:
        yield process.stdout.readline().strip()
        process.terminate()


def clock(url):
    headers = {"x-vital-api-key": "mock-api-key"}
    return httpx.get(f"{url}/_mock/clock", headers=headers, timeout=LIMIT)


@pytest.mark.parametrize("speed", ["-1", "nan", "inf", "fast"])
def test_a_speed_that_is_none_is_wrong_usage(speed, capsys):
    assert main(["mock", "--port", "0", "--users", "3", "--speed", speed]) == 2
    assert "--speed" in capsys.readouterr().err


def test_it_begins_now_and_time_passes_as_it_does():
    before = datetime.now(UTC).replace(microsecond=0)
    with mock("--control") as url:
        told = clock(url).json()
    assert told["speed"] == 1
    assert before <= datetime.fromisoformat(told["now"]) <= datetime.now(UTC)


def test_clock_begins_and_goes_as_it_is_told_to():
    with mock("--control", "--at", "2025-10-01T12:00:00", "--speed", "0") as url:
        assert clock(url).json() == {"now": "2025-10-01T12:00:00Z", "speed": 0}
