"""Uses one client before `os.fork()` and then in parent and children; run as a process of its own.

``python forking.py SCENARIO URL CLIENT …`` prints what went wrong, one line each, and nothing else.
Each call asks for a user of its own, so that an answer to another's request shows.
"""

from __future__ import annotations

import os
import sys
import threading
from functools import cache
from uuid import uuid4

import anyio
import httpx

import junction_introspect
from junction_introspect import AsyncJunction, Junction, _lazy
from junction_introspect.teams.pacing import Pace


def ask(junction):
    """Return what is wrong with the answer to a call, or None."""
    asked = uuid4()
    try:
        given = [user.user_id for user in junction.historical_pulls(user_id=asked)]
    except Exception as error:  # noqa: BLE001 - reported
        return repr(error)
    return None if given == [asked] else "another user's data"


def ask_async(backend, junction):
    """As `ask`, in an event loop of this process's own that outlives the call."""

    async def call():
        asked = uuid4()
        try:
            given = [user.user_id async for user in junction.historical_pulls(user_id=asked)]
        except Exception as error:  # noqa: BLE001 - reported
            return repr(error)
        return None if given == [asked] else "another user's data"

    # The selector of a loop that a child inherits is its parent's as well.
    return runner_of(os.getpid(), backend)(call)


@cache
def runner_of(_process, backend):
    """Return what runs an async function: in one loop of asyncio, in new ones of trio."""
    if backend == "trio":
        return lambda function: anyio.run(function, backend="trio")
    import asyncio  # noqa: PLC0415 - one of three

    loop = asyncio.new_event_loop()
    return lambda function: loop.run_until_complete(function())


def opened(url, kind):
    """Return a client that has connections already, and what asks."""
    if kind == "sync":
        junction, asking = Junction(api_key="sk_us_forking", base_url=url, max_retries=0), ask
    else:
        junction = AsyncJunction(api_key="sk_us_forking", base_url=url, max_retries=0)

        def asking(client):
            return ask_async(kind, client)

    say("parent, before", asking(junction))
    return junction, asking


def say(who, fault):
    """Report a fault, if there is one."""
    if fault:
        os.write(1, f"{who}: {fault}\n".encode())


def in_a_child(run):
    """Fork a child that runs a function; return its id."""
    if child := os.fork():
        return child
    try:
        run()
    except BaseException as error:  # noqa: BLE001 - reported
        say("child", repr(error))
    os._exit(0)


def wait_for(children):
    """Wait until the children have ended."""
    for child in children:
        _, status = os.waitpid(child, 0)
        say("child ended with", status)


def at_once(url, kind, children, rounds):
    """Have all processes call at the same moment, round after round."""
    junction, asking = opened(url, kind)
    starts = [os.pipe() for _ in range(int(children))]
    ready, is_ready = os.pipe()

    def calling(start):
        def call():
            client = junction.with_options(deadline=60.0)
            for _ in range(int(rounds)):
                os.write(is_ready, b".")
                os.read(start, 1)
                say("child", asking(client))

        return call

    started = [in_a_child(calling(start)) for start, _ in starts]
    for _ in range(int(rounds)):
        for _ in started:
            os.read(ready, 1)
        for _, go in starts:
            os.write(go, b".")
        say("parent", asking(junction))
    wait_for(started)


def closing(url, kind):
    """Have children close the client, and end; the parent's connection lives on."""
    junction, asking = opened(url, kind)

    def run():
        say("child", asking(junction))
        if kind == "sync":
            junction.close()
        else:
            runner_of(os.getpid(), kind)(junction.aclose)

    wait_for([in_a_child(run)])
    say("parent", asking(junction))


def locked(url, kind):
    """Fork while a thread holds every lock that a request or an import of a name takes."""
    junction, asking = opened(url, kind)
    pace = Pace(requests_per_second=1)
    own = [junction.drift._lock, junction._http.auth._lock, pace._lock]
    if kind == "sync":
        own.append(junction._http._transport._pool._lock)
    locks = [*(each.own for each in own), _lazy._lock]
    held, done = threading.Event(), threading.Event()

    def hold():
        for lock in locks:
            lock.__enter__()
        held.set()
        done.wait()
        for lock in locks:
            lock.__exit__(None, None, None)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()

    def run():
        say("child", asking(junction))
        str(junction.drift)
        anyio.run(pace.hooks()["on_request"], httpx.Request("GET", url))
        assert junction_introspect.AsyncTransport
        junction._http.auth._renewed(None)

    wait_for([in_a_child(run)])
    done.set()
    thread.join()


def halfway(url, _kind):
    """Fork while a page is fetched ahead by a thread, and while one is fetched by another."""
    with Junction(api_key="sk_us_forking", base_url=url, max_retries=0) as junction:
        ahead = junction.historical_pulls(prefetch=1).pages()
        next(ahead)
        taken = junction.historical_pulls().pages()
        next(taken)
        thread = threading.Thread(target=next, args=(taken,))
        thread.start()
        assert sys.stdin.readline()  # both of the second pages have been asked for

        def run():
            for listing in (ahead, taken):
                if len(next(listing).data) != 1:
                    say("child", "not the page")

        wait_for([in_a_child(run)])
        say("parent", None if len(next(ahead).data) == 1 else "not the page")
        thread.join()


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
