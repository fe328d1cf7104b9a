"""Drives `victim.py`: processes that end by themselves, and processes that are killed."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from time import perf_counter

VICTIM = Path(__file__).with_name("victim.py")


class Victims:
    """Starts one process after another."""

    def __init__(self, server):
        # Without coverage, which would triple what a process takes.
        environ = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE_")}
        environ |= {"JUNCTION_API_KEY": server.api_key, "JUNCTION_BASE_URL": server.url}
        self._forker = subprocess.Popen(  # noqa: S603 - this project
            [sys.executable, VICTIM],
            env={**environ, "NO_PROXY": "*"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._forker.stdin.close()
        self._forker.stdout.close()
        self._forker.wait()

    def run(self, call, to, kill_after=None, **more):
        """Run a call, and return its exit status; after so many seconds it is killed."""
        order = {"call": call, "to": str(to), "kill_after": kill_after, **more}
        self._forker.stdin.write(json.dumps(order).encode() + b"\n")
        return int(self._forker.stdout.readline())


def moments(call, count):
    """Return when to kill a call that takes as long as this one: before it begins to after its end.

    Args:
        call: Makes it; once to warm up, and once to see how long it takes.
        count: How many moments, at random.
    """
    call()
    begun = perf_counter()
    call()
    lasted = perf_counter() - begun
    rng = random.Random(25)
    return [rng.uniform(0, 1.05) * lasted for _ in range(count)]
