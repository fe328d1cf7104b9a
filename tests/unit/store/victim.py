"""Syncs and exports in processes that may be killed: forked, since importing takes longest.

Reads a JSON object a line: what to call, with what, and after how many seconds to kill it, or null.
Answers each with the exit status, negative for a signal.
"""

import json
import os
import select
import signal
import sys
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from importlib import import_module
from itertools import count
from time import monotonic

from junction_introspect import Junction
from junction_introspect.arrow import pa
from junction_introspect.export import export, listed
from junction_introspect.operations.listings import LISTINGS
from junction_introspect.store import Store, sync

PAGE_SIZE = 4
# An export that dies has taken so many, and written a part after every second.
PAGES = 5


def clock():
    return datetime(2026, 1, 1, tzinfo=UTC)


def run_sync(junction, to, *, what=("pulls", "resources"), checkpoints=False, dies=False):
    def die(_):
        os.kill(os.getpid(), signal.SIGKILL)

    with Store.open(to) as store:
        if checkpoints:
            # After every page or so, rather than after 128 MB.
            store._connection.execute("SET checkpoint_threshold = '8KB'")
        sync(
            junction,
            store,
            [LISTINGS[name] for name in what],
            user_limit=PAGE_SIZE,
            now=clock,
            # Every page by itself, or as many as come within a second.
            clock=count().__next__ if dies or checkpoints else monotonic,
            on_commit=die if dies else None,
        )


def run_export(junction, to, *, dies=False):
    taken = []

    def die(piece):
        taken.append(piece)
        if dies and len(taken) > PAGES:
            os.kill(os.getpid(), signal.SIGKILL)

    source = listed(junction, user_limit=PAGE_SIZE, now=clock)
    export(source, to, rows_per_part=150, on_piece=die)


CALLS = {"sync": run_sync, "export": run_export}


def child(junction, order):
    try:
        CALLS[order.pop("call")](junction, **order)
    except BaseException:  # noqa: BLE001 - whatever it is, the process ends here
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def run(junction, order):
    """Do it in a process, and return that one's exit status."""
    kill_after = order.pop("kill_after")
    reading, writing = os.pipe()
    process = os.fork()
    if not process:
        child(junction, order)
    os.close(writing)
    (ended, _, _) = select.select([reading], [], [], kill_after)
    if not ended:
        os.kill(process, signal.SIGKILL)  # is there at least as a zombie: it was not waited for
    os.close(reading)
    _, status = os.waitpid(process, 0)
    return os.waitstatus_to_exitcode(status)


def main():
    # Has neither connections nor threads before it is used.
    junction = Junction()
    pa.array([])  # imports pandas, if it is there
    with suppress(ImportError):
        import_module("s3fs")
    for line in sys.stdin:
        print(run(junction, json.loads(line)), flush=True)  # noqa: T201 - to the test


if __name__ == "__main__":
    main()
