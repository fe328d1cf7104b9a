"""Listings that are cancelled, natively and by scopes, at any moment: no connection stays taken."""

import asyncio
import random

import anyio
import pytest
from starlette.responses import StreamingResponse

from junction_introspect import AsyncJunction, AsyncTransport
from tests.faults.behaviours import says
from tests.faults.expectations import connections_of
from tests.faults.misbehaving import MisbehavingServer
from tests.faults.proxying import forward, tunnel
from tests.support.drivers import KEY
from tests.support.limits import LIMIT
from tests.support.payloads import encoded, page, user

TASKS = 16


def endless(request):
    """Answer with one page of ever so many."""
    number = int(request.query.get("next_cursor", "0"))
    return says("page", encoded(page(user(number), next_cursor=str(number + 1))))


@pytest.fixture(params=["http", "https", "http proxy", "tunnel"])
def route(request, certified, authority_file):
    """The options of a client whose requests take that way."""
    encrypted = request.param in {"https", "tunnel"}
    with (
        MisbehavingServer(endless, tls=certified("127.0.0.1") if encrypted else None) as server,
        MisbehavingServer(lambda _: tunnel if encrypted else forward) as proxy,
    ):
        through = proxy.url if request.param in {"http proxy", "tunnel"} else None
        yield lambda: {
            "api_key": KEY,
            "base_url": server.url,
            "transport": AsyncTransport(verify=authority_file, proxy=through),
        }


async def walk(junction, prefetch):
    async for _ in junction.historical_pulls(prefetch=prefetch):
        pass


async def by_cancel(junction, prefetch, steps):
    task = asyncio.create_task(walk(junction, prefetch))
    for _ in range(steps):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def by_wait_for(junction, prefetch, steps):
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(walk(junction, prefetch), steps / 4000)


async def by_timeout(junction, prefetch, steps):
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(steps / 4000):
            await walk(junction, prefetch)


async def by_disconnecting(junction, prefetch, steps):
    """As a server framework does when the caller of a handler that lists has hung up."""

    async def names():
        async for each in junction.historical_pulls(prefetch=prefetch):
            yield str(each.user_id)

    async def receive():
        for _ in range(steps):
            await asyncio.sleep(0)
        return {"type": "http.disconnect"}

    async def send(_):
        await asyncio.sleep(0)

    scope = {"type": "http", "asgi": {"spec_version": "2.3"}}
    await StreamingResponse(names())(scope, receive, send)


async def by_scope(junction, prefetch, steps):
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(walk, junction, prefetch)
        for _ in range(steps):
            await anyio.lowlevel.checkpoint()
        tasks.cancel_scope.cancel()


async def assert_nothing_is_taken(junction):
    """Assert it once what was fetched ahead for listings that are gone has been cancelled."""
    connections = connections_of(junction)
    with anyio.fail_after(LIMIT):
        while connections.taken or connections.waiting or junction._tasks._running:
            await anyio.lowlevel.checkpoint()
    users = junction.historical_pulls(prefetch=0)
    assert [(await anext(users)).user_id.int & 0xFFFF for _ in range(3)] == [0, 1, 2]
    assert (connections.taken, connections.waiting) == (0, 0)


async def cancel_many(options, way, prefetch, times):
    chance = random.Random(5)
    async with AsyncJunction(**options) as junction:

        async def cancel_some():
            for _ in range(times // TASKS):
                await way(junction, prefetch, chance.randrange(60))

        async with anyio.create_task_group() as tasks:
            for _ in range(TASKS):
                tasks.start_soon(cancel_some)
        await assert_nothing_is_taken(junction)


@pytest.mark.proof
@pytest.mark.parametrize("prefetch", [0, 1])
@pytest.mark.parametrize(
    ("way", "backend"),
    [
        (by_cancel, "asyncio"),
        (by_wait_for, "asyncio"),
        (by_timeout, "asyncio"),
        (by_disconnecting, "asyncio"),
        (by_scope, "asyncio"),
        (by_scope, "trio"),
    ],
)
def test_cancelled_listings_leave_no_connection_taken(route, way, backend, prefetch, at_length):
    # Of each way more than 5,000, over four routes with and without a page ahead.
    times = at_length(TASKS, 40 * TASKS)

    anyio.run(cancel_many, route(), way, prefetch, times, backend=backend)


class Stepping:
    """Awaits a coroutine, and calls a function at one of its suspensions.

    Args:
        coroutine: What to await.
        number: At which suspension, from 1.
        act: What to call.

    Attributes:
        suspensions: How many there have been.
    """

    def __init__(self, coroutine, number, act):
        self._steps = coroutine.__await__()
        self._number, self._act = number, act
        self.suspensions = 0

    def __await__(self):
        resume, value = self._steps.send, None
        while True:
            try:
                yielded = resume(value)
            except StopIteration as end:
                return end.value
            self.suspensions += 1
            if self.suspensions == self._number:
                self._act()
            try:
                resume, value = self._steps.send, (yield yielded)
            except BaseException as error:  # noqa: BLE001 - handed on
                resume, value = self._steps.throw, error


async def three_pages(junction):
    users = junction.historical_pulls(prefetch=0)
    for _ in range(3):
        await anext(users)


async def cancelled_natively(junction, number):
    async def run():
        stepping = Stepping(three_pages(junction), number, asyncio.current_task().cancel)
        try:
            await stepping
        finally:
            over.append(stepping.suspensions < number)

    over = []
    await asyncio.wait([asyncio.create_task(run())])
    return over == [True]


async def cancelled_by_a_scope(junction, number):
    with anyio.CancelScope() as scope:
        stepping = Stepping(three_pages(junction), number, scope.cancel)
        await stepping
    return stepping.suspensions < number


@pytest.mark.parametrize(
    ("cancelled", "backend"),
    [
        (cancelled_natively, "asyncio"),
        (cancelled_by_a_scope, "asyncio"),
        (cancelled_by_a_scope, "trio"),
    ],
)
def test_walk_that_is_cancelled_at_any_one_await_leaves_no_connection_taken(
    route, cancelled, backend
):
    async def at_each():
        number, over = 0, False
        while not over:
            number += 1
            # A new one, so that connecting is cancelled as well.
            async with AsyncJunction(**route()) as junction:
                over = await cancelled(junction, number)
                await assert_nothing_is_taken(junction)
        return number

    assert anyio.run(at_each, backend=backend) > 5
