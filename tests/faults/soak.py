"""Lists everybody from a server that answers three times in ten with a fault, again and again.

``python -m tests.faults.soak --seconds 120 [--seed S]``: rounds of a walk by each client (sync,
asyncio, trio) over 2,000 pages of 50 users. After each error that a listing raises, it is asked for
the next user again, or resumed elsewhere from the error's cursor. Ends with an exception unless
every user came exactly once, nothing is left over, and memory is flat.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import gc
import gzip
import json
import os
import random
import re
import secrets
import signal
import threading
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import attrs
from stamina.instrumentation import set_on_retry_hooks

from junction_introspect import APIError, AsyncJunction, Junction, Retries
from junction_introspect._concurrency.loops import running_loop
from tests.faults import behaviours
from tests.faults.behaviours import MEBIBYTE, does, says, status
from tests.faults.misbehaving import MisbehavingServer, close, reset
from tests.support.drivers import DRIVERS, KEY
from tests.support.limits import LIMIT
from tests.support.payloads import statistics, user

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.misbehaving import Behaviour, Request

FAULTY = 0.3
# Waits and limits are scaled to what a page takes on loopback, a few milliseconds.
OPTIONS: dict[str, Any] = {
    "timeout": 0.1,
    "deadline": 0.25,
    "max_retries": Retries(attempts=3, wait_initial=0.001, wait_max=0.005, jitter=0.001),
    "max_response_bytes": MEBIBYTE,
}
# What a process may grow by between the first tenth of a walk and its end.
GROWTH = 24 * MEBIBYTE

ANSWERS: dict[str, Callable[[bytes], Behaviour]] = {
    "plain": lambda body: says("plain", body),
    "gzip": lambda body: says("gzip", gzip.compress(body, 1), content_encoding="gzip"),
    "chunked": lambda body: does(
        "chunked",
        behaviours.head(200, transfer_encoding="chunked"),
        *(behaviours.chunk(body[start : start + 4096]) for start in range(0, len(body), 4096)),
        behaviours.chunk(b""),
    ),
    "closed": lambda body: says("closed", body, 200, close),
}
# Of the page that was asked for; should any of it be handed over, its users come twice.
FAULTS_OF_A_PAGE: dict[str, Callable[[bytes], Behaviour]] = {
    "half a page, closed": lambda body: does("", _announced(body) + body[: len(body) // 2], close),
    "half a page, reset": lambda body: does("", _announced(body) + body[: len(body) // 2], reset),
    "all but a byte": lambda body: does("", _announced(body) + body[:-1], close),
    "page and garbage": lambda body: says("", body + b"}"),
    "invalid record": lambda body: says("", body.replace(b'"data": [', b'"data": [{}, ', 1)),
    "no cursor": lambda body: says("", re.sub(rb', "next": .*$', b"}", body)),
    "empty cursor": lambda body: says(
        "", re.sub(rb'"next_cursor": .*$', b'"next_cursor": ""}', body)
    ),
    "503 with a page": lambda body: says("", body, 503),
}
FAULTS: list[Behaviour] = [
    *behaviours.NO_RESPONSE,
    *behaviours.NO_BODY,
    *behaviours.HALF_A_BODY,
    *behaviours.NO_HTTP,
    *behaviours.NO_JSON,
    *(fault for faults in behaviours.WRONG_SHAPES.values() for fault in faults),
    *behaviours.TOO_DEEP,
    *behaviours.FOREIGN_ENCODINGS,
    *(behaviours.bomb(code=code) for code in (200, 401, 503)),
    *(behaviours.endless(code) for code in (200, 401, 503)),
    *(status(code) for code in (400, 401, 403, 404, 405, 408, 422, 429, 500, 501, 502, 503, 504)),
    *(status(429, retry_after=asked) for asked in ("0", "0.001", "3600")),
    status(503, retry_after="Sun, 06 Nov 1994 08:49:37 GMT"),
    status(503, retry_after_ms="1"),
    behaviours.redirect(302, "http://127.0.0.1:1/"),
    behaviours.redirect(308, "https://xn--/"),
    behaviours.silent(),
    behaviours.silent(behaviours.head(200, content_length=9), "before the body"),
    behaviours.dripping_headers(2.0),
    behaviours.dripping_informational(2.0),
    behaviours.dripping_body(2.0),
    behaviours.dripping_body(2.0, 401),
]


def _announced(body: bytes) -> bytes:
    return behaviours.head(200, content_length=len(body))


class Population:
    """The pages of a server, rendered beforehand.

    A page's cursor is its number; every letter after it is an empty page that came in between.
    """

    def __init__(self, pages: int, users: int) -> None:
        self.size = pages * users
        self.users = users
        self.bodies = []
        for number in range(pages):
            listed = [user(number * users + each, sleep=statistics()) for each in range(users)]
            cursor = str(number + 1) if number + 1 < pages else None
            document = {"data": listed, "next": cursor, "next_cursor": cursor}
            self.bodies.append(json.dumps(document).encode())


class Script:
    """Answers with a page, or three times in ten with a fault; counts either."""

    def __init__(self, population: Population, seed: str) -> None:
        self._bodies = population.bodies
        self._chance = random.Random(seed)
        self.requests = 0
        self.faults: Counter[str] = Counter()

    def __call__(self, request: Request) -> Behaviour:
        self.requests += 1
        cursor = request.query.get("next_cursor", "0")
        body = self._bodies[int(cursor.rstrip("e"))]
        if self._chance.random() >= FAULTY:
            return self._chance.choice(list(ANSWERS.values()))(body)
        name, fault = self._fault(cursor, body)
        self.faults[name] += 1
        return fault

    def _fault(self, cursor: str, body: bytes) -> tuple[str, Behaviour]:
        chosen = self._chance.choice(
            [*FAULTS, *FAULTS_OF_A_PAGE, "empty page", *(["same cursor"] if cursor != "0" else [])]
        )
        if chosen == "empty page":
            more = b'{"data": [], "next_cursor": "%b"}' % f"{cursor}e".encode()
            return chosen, says(chosen, more)
        if chosen == "same cursor":
            again = rb'"next_cursor": "%b"}' % cursor.encode()
            return chosen, says(chosen, re.sub(rb'"next_cursor": .*$', again, body))
        if isinstance(chosen, str):
            return chosen, FAULTS_OF_A_PAGE[chosen](body)
        return chosen.name, chosen


@attrs.define
class Outcome:
    """What came of one walk.

    Attributes:
        driver: Who walked.
        seed: What the faults were drawn from.
        seen: How often each user came.
        users: How many a page has.
        errors: How often the listing raised each error.
        cancelled: How often an async listing was cancelled, and asked again.
        forks: How many children of the process have listed as well, by a sync client.
        retries: How often a page was asked for again without the caller's seeing it.
        memory: Resident bytes, sampled through the walk.
        left: What was there after the walk that was not before.
    """

    driver: str
    seed: str
    seen: bytearray
    users: int
    errors: Counter[str] = attrs.field(factory=Counter)
    retries: int = 0
    cancelled: int = 0
    forks: int = 0
    memory: list[int] = attrs.field(factory=list)
    left: dict[str, int] = attrs.field(factory=dict)

    def count(self, number: int) -> None:
        """Take note of a user."""
        self.seen[number] += 1
        if number % max(1, len(self.seen) // 10) == 0:
            self.memory.append(_resident())


def _resident() -> int:
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _open() -> dict[str, int]:
    gc.collect()
    return {
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "threads": sum(not each.name.startswith("Trio thread") for each in threading.enumerate()),
    }


def _in_use(connections: Any) -> dict[str, int]:
    return {"connections": connections.taken, "requests": connections.waiting}


# Of a walk, how many users are seen between one fork and the next.
_FORK_EVERY = 0.15
# How many of the users that are asked for are cancelled; most of them are there already.
_CANCELLED = 0.3


def _fork(junction: Junction, outcome: Outcome, cursor: str) -> None:
    """Have a child list a page by the same client, while the server's thread goes on here."""
    with warnings.catch_warnings():
        # From 3.12 on, of a fork where there are threads.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if not child:
        signal.alarm(LIMIT)
        os._exit(0 if _is_answered(junction, cursor, outcome.users) else 1)
    outcome.forks += 1
    _, status = os.waitpid(child, 0)
    assert status == 0, f"a child ended with {status}"


def _is_answered(junction: Junction, cursor: str, users: int) -> bool:
    while True:
        try:
            user = next(junction.historical_pulls(cursor=cursor))
        except APIError:
            continue
        except StopIteration:
            return False
        return (user.user_id.int & 0xFFFFFFFF) == int(cursor.rstrip("e")) * users


def _sync(url: str, outcome: Outcome) -> None:
    every = max(1, int(len(outcome.seen) * _FORK_EVERY))
    with Junction(api_key=KEY, base_url=url, **OPTIONS) as junction:
        listing = junction.historical_pulls()
        while not listing.done:
            try:
                for each in listing:
                    number = each.user_id.int & 0xFFFFFFFF
                    outcome.count(number)
                    if number % every == every - 1 and listing.next_cursor:
                        _fork(junction, outcome, listing.next_cursor)
            except APIError as error:
                outcome.errors[type(error).__name__] += 1
                if outcome.errors.total() % 2:
                    listing = junction.historical_pulls(cursor=error.cursor)
        outcome.left |= _in_use(junction._http._transport._pool.connections)


async def _async(url: str, outcome: Outcome) -> None:
    async def mint() -> str:
        await anyio.lowlevel.checkpoint()
        return "token"

    tasks = _tasks(outcome.driver)
    chance = random.Random(outcome.seed)
    async with AsyncJunction(access_token=mint, base_url=url, **OPTIONS) as junction:
        listing = junction.historical_pulls()
        while not listing.done:
            try:
                while True:
                    if chance.random() >= _CANCELLED:
                        each = await anext(listing)
                    else:
                        each = await _interrupted(listing, chance.randrange(40))
                    if each is None:
                        outcome.cancelled += 1
                    else:
                        outcome.count(each.user_id.int & 0xFFFFFFFF)
            except StopAsyncIteration:
                break
            except APIError as error:
                outcome.errors[type(error).__name__] += 1
                if outcome.errors.total() % 2:
                    listing = junction.historical_pulls(cursor=error.cursor)
        outcome.left |= _in_use(junction._http._transport._pool.connections)
    outcome.left["tasks"] = _tasks(outcome.driver) - tasks


async def _interrupted(listing: Any, steps: int) -> Any:
    """Ask for a user, and cancel that after so many turns of the event loop; None if there is none.

    Natively on asyncio, by a scope on trio.
    """
    if isinstance(running_loop(), asyncio.AbstractEventLoop):
        task = asyncio.create_task(anext(listing))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        (ended,), _ = await asyncio.wait([task])
        return None if ended.cancelled() else ended.result()
    found: list[Any] = []
    raised: list[BaseException] = []

    async def ask() -> None:
        try:
            found.append(await anext(listing))
        except (APIError, StopAsyncIteration) as error:
            raised.append(error)

    async with anyio.create_task_group() as group:
        group.start_soon(ask)
        for _ in range(steps):
            await anyio.lowlevel.checkpoint()
        group.cancel_scope.cancel()
    if raised:
        raise raised.pop()
    return found.pop() if found else None


def _tasks(driver: str) -> int:
    if driver == "trio":
        import trio  # noqa: PLC0415 - only where it runs

        return trio.lowlevel.current_statistics().tasks_living
    return len(anyio.get_running_tasks())


def walk(driver: str, population: Population, seed: str) -> tuple[Outcome, Script]:
    """List everybody once.

    Raises:
        AssertionError: Somebody is missing or came twice, something is left over, or memory grew.
    """
    outcome = Outcome(driver, seed, bytearray(population.size), population.users)
    script = Script(population, seed)

    def count_retry(_: object) -> None:
        outcome.retries += 1

    with MisbehavingServer(script, recorded=0) as server:
        before = _open()
        set_on_retry_hooks([count_retry])
        try:
            if driver == "sync":
                _sync(server.url, outcome)
            else:
                anyio.run(_async, server.url, outcome, backend=driver)
        finally:
            set_on_retry_hooks(None)
        server.settle()
        after = _open()
    outcome.left |= {name: after[name] - before[name] for name in before}
    assert set(outcome.seen) == {1}, Counter(outcome.seen)
    assert not any(outcome.left.values()), outcome.left
    assert max(outcome.memory) - outcome.memory[1] < GROWTH, outcome.memory
    return outcome, script


def report(outcome: Outcome, script: Script, seconds: float) -> str:
    """Return the figures of a walk, in two lines."""
    first, last = outcome.memory[1] / MEBIBYTE, outcome.memory[-1] / MEBIBYTE
    errors = ", ".join(f"{name} {times}" for name, times in outcome.errors.most_common())
    return (
        f"{outcome.driver:8}{len(outcome.seen):,} users once each, {script.requests:,} requests,"
        f" {script.faults.total():,} faults of {len(script.faults)} kinds,"
        f" {outcome.retries:,} retries, {outcome.cancelled:,} cancelled, {outcome.forks} forks,"
        f" {outcome.errors.total():,} errors, {seconds:.1f} s,"
        f" {first:.0f} → {last:.0f} MiB (peak {max(outcome.memory) / MEBIBYTE:.0f}),"
        f" left over: {outcome.left}\n{'':8}{errors}"
    )


def main() -> None:
    """Walk until the time is up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--seed", default=secrets.token_hex(4))
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--users", type=int, default=50)
    options = parser.parse_args()
    say = functools.partial(print, flush=True)
    say(f"seed {options.seed}: {options.pages:,} pages of {options.users} users")
    population = Population(options.pages, options.users)
    started, longest, rounds = time.monotonic(), 0.0, 0
    while not rounds or time.monotonic() - started + longest <= options.seconds:
        begun = time.monotonic()
        for driver in DRIVERS:
            since = time.monotonic()
            outcome, script = walk(driver, population, f"{options.seed}-{rounds}-{driver}")
            say(report(outcome, script, time.monotonic() - since))
        longest, rounds = max(longest, time.monotonic() - begun), rounds + 1
    say(f"{rounds} rounds in {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
