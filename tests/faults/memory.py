"""Lists from an address, and prints how far memory rose above what it was before.

``python -m tests.faults.memory sync URL 4`` does so four times, each in a process of its own, with
a peak of its own: forked, since importing takes longest.
"""

from __future__ import annotations

import os
import re
import sys
from contextlib import ExitStack
from pathlib import Path

from junction_introspect import APIError
from tests.support.drivers import open_client


def memory(field: str) -> int:
    """Return a field of this process's status, in bytes.

    The kernel's own, since the peak that getrusage tells is inherited from whoever started this.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (kibibytes,) = re.findall(rf"^{field}:\s+(\d+) kB$", status, re.MULTILINE)
    return int(kibibytes) * 1024


def measure(driver: str, url: str) -> None:
    """List twice: a first time to load everything, and a second time to measure."""
    with ExitStack() as stack:
        tokens = {"api_key": None, "access_token": lambda: "token"}
        options = {"base_url": url, "deadline": 600.0, "max_retries": 0, **tokens}
        junction = open_client(driver, stack, **options)
        list(junction.historical_pulls())
        before = memory("VmRSS")
        outcome = "a page"
        try:
            list(junction.historical_pulls())
        except APIError as error:
            outcome = type(error).__name__
        print(outcome, memory("VmHWM") - before, flush=True)  # noqa: T201 - what it is for


def main(driver: str, url: str, times: str) -> None:
    """Measure so many times, each in a process of its own."""
    for _ in range(int(times)):
        if not (process := os.fork()):
            measure(driver, url)
            os._exit(0)
        os.waitpid(process, 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
