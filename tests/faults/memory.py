"""Lists from an address once, and prints how far memory rose above what it was before.

In a process of its own, with a peak of its own: ``python -m tests.faults.memory sync URL 20``.
"""

from __future__ import annotations

import re
import sys
from contextlib import ExitStack
from pathlib import Path

from junction_introspect import APIError
from tests.drivers import open_client


def memory(field: str) -> int:
    """Return a field of this process's status, in bytes.

    The kernel's own, since the peak that getrusage tells is inherited from whoever started this.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (kibibytes,) = re.findall(rf"^{field}:\s+(\d+) kB$", status, re.MULTILINE)
    return int(kibibytes) * 1024


def main(driver: str, url: str, deadline: str) -> None:
    """List twice: a first time to load everything, and a second time to measure."""
    with ExitStack() as stack:
        tokens = {"api_key": None, "access_token": lambda: "token"}
        options = {"base_url": url, "deadline": float(deadline), "retries": 0, **tokens}
        junction = open_client(driver, stack, **options)
        list(junction.historical_pulls())
        before = memory("VmRSS")
        outcome = "a page"
        try:
            list(junction.historical_pulls())
        except APIError as error:
            outcome = type(error).__name__
        print(outcome, memory("VmHWM") - before)  # noqa: T201 - what it is for


if __name__ == "__main__":
    main(*sys.argv[1:])
