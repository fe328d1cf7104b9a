"""Uses one client before `os.fork()` and then in every child at once; run as a process of its own.

The clients are the sync one and the async one. Each call asks for a user of its own, so that an
answer to another's request shows. Prints what went wrong, one line each.
"""

import asyncio
import os
import sys
from functools import cache
from uuid import uuid4

from junction_introspect import AsyncJunction, Junction


def ask(junction):
    """Return what is wrong with the answer, or None."""
    asked = uuid4()
    try:
        given = [user.user_id for user in junction.historical_pulls(user_id=asked)]
    except Exception as error:  # noqa: BLE001 - reported
        return repr(error)
    return None if given == [asked] else "another user's data"


def ask_async(junction):
    """As `ask`, in this process's event loop."""

    async def call():
        asked = uuid4()
        try:
            given = [user.user_id async for user in junction.historical_pulls(user_id=asked)]
        except Exception as error:  # noqa: BLE001 - reported
            return repr(error)
        return None if given == [asked] else "another user's data"

    return loop_of(os.getpid()).run_until_complete(call())


@cache
def loop_of(_process):
    # The selector of a loop that a child inherits is its parent's as well.
    return asyncio.new_event_loop()


def in_a_child(junction, asking, calls, ready, go):
    """Fork a child that says that it is ready, waits for the others, and calls."""
    if child := os.fork():
        return child
    os.write(ready, b".")
    os.read(go, 1)
    wrong = [fault for fault in (asking(junction) for _ in range(calls)) if fault]
    if wrong:
        os.write(1, "".join(f"child: {fault}\n" for fault in wrong).encode())
    os._exit(0)


def main(url, kind, children, calls):
    make, asking = {"sync": (Junction, ask), "async": (AsyncJunction, ask_async)}[kind]
    junction = make(api_key="sk_us_forking", base_url=url, retries=0)
    assert asking(junction) is None
    ready_reads, ready = os.pipe()
    goes, go = os.pipe()
    started = [in_a_child(junction, asking, calls, ready, goes) for _ in range(children)]
    for _ in started:
        os.read(ready_reads, 1)
    os.write(go, b"." * children)
    for fault in filter(None, (asking(junction) for _ in range(calls))):
        os.write(1, f"parent: {fault}\n".encode())
    for child in started:
        _, status = os.waitpid(child, 0)
        if status:
            os.write(1, f"child ended with {status}\n".encode())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
