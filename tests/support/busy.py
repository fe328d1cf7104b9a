"""Runs a command beside two busy processes per core: ``python -m tests.support.busy …``.

They end with the command, when this process is interrupted, and even when it is killed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# Whoever lost its parent is another's child.
_LOOP = """
import os
parent = {parent}
while os.getppid() == parent:
    sum(range(100_000))
"""


def run(command: Sequence[str], processes: int) -> int:
    """Run a command beside busy processes, and return its exit status."""
    loop = [sys.executable, "-c", _LOOP.format(parent=os.getpid())]
    with ExitStack() as stack:
        for _ in range(processes):
            # Ctrl-C reaches them as well, and is nothing to talk about.
            process = stack.enter_context(
                subprocess.Popen(loop, stderr=subprocess.DEVNULL)  # noqa: S603 - of our own making
            )
            stack.callback(process.kill)
        return subprocess.run(command, check=False).returncode  # noqa: S603 - the caller's


def main() -> int:
    """Run the command of the command line."""
    processes = 2 * (os.cpu_count() or 1)
    since = time.monotonic()
    try:
        status = run(sys.argv[1:], processes)
    except KeyboardInterrupt:
        status = 130
    print(f"{time.monotonic() - since:.0f} s beside {processes} busy processes")  # noqa: T201 - as a command does
    return status


if __name__ == "__main__":
    sys.exit(main())
