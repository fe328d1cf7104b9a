"""Command lines in processes of their own, forked since importing takes longest, and signalled.

Reads a JSON object a line: arguments, the signal, and after how many seconds to send it. Answers
with the exit status (negative where a signal has killed it) and what it wrote to standard error.
"""

import json
import os
import select
import signal
import subprocess
import sys
from contextlib import suppress
from importlib import import_module
from time import perf_counter

from junction_introspect.arrow import pa
from junction_introspect.cli import main, running
from junction_introspect.cli.app import COMMANDS, loaded

SIGNALS = {signal.SIGINT, signal.SIGTERM}


def run(order):
    """Run a command line in a process, and return how it ended and what it said."""
    reading, writing = os.pipe()
    # One that arrives before the command line handles it would kill the process.
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    process = os.fork()
    if not process:
        group = running.group
        running.group = lambda: let_in() or group()
        os.close(reading)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(writing, 2)
        os.close(writing)
        sys.argv[1:] = order["arguments"]
        sys.exit(main())
    let_in()
    os.close(writing)
    said = b""
    until = perf_counter() + order["after"]
    while True:
        wait = None if until is None else max(0.0, until - perf_counter())
        (ready, _, _) = select.select([reading], [], [], wait)
        if not ready:
            os.kill(process, order["signal"])
            until = None
        elif chunk := os.read(reading, 65536):
            said += chunk
        else:
            break
    os.close(reading)
    _, status = os.waitpid(process, 0)
    return os.waitstatus_to_exitcode(status), said.decode()


def let_in():
    """Let signals in, also one that has come before."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


class Signalled:
    """Starts one process after another."""

    def __init__(self, **environ):
        # Without coverage, which would triple what a process takes.
        outside = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE_")}
        self._forker = subprocess.Popen(  # noqa: S603 - this project
            [sys.executable, __file__],
            env={**outside, "NO_PROXY": "*", **environ},
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

    def run(self, *arguments, number=signal.SIGINT, after=1e6):
        """Run a command line; return its exit status and its lines on standard error."""
        order = {"arguments": [*map(str, arguments)], "signal": number, "after": after}
        self._forker.stdin.write(json.dumps(order).encode() + b"\n")
        status, said = json.loads(self._forker.stdout.readline())
        return status, said.splitlines()


def load():
    """Import what any command needs, once for all processes."""
    for name in COMMANDS:
        loaded(name)
    for module in ("export", "report", "store"):
        import_module(f"junction_introspect.{module}")
    pa.array([])  # imports pandas, if it is there
    with suppress(ImportError):
        import_module("s3fs")


def serve():
    """Run what standard input asks for."""
    load()
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line))), flush=True)  # noqa: T201 - to the test


if __name__ == "__main__":
    serve()
