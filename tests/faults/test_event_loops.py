"""One async client in several event loops: one after another, and at the same time."""

import gc
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import anyio
import pytest

from junction_introspect import AsyncJunction
from tests.faults.behaviours import does, good, says, status
from tests.faults.misbehaving import MisbehavingServer
from tests.support.drivers import KEY
from tests.support.payloads import encoded, page, user

BACKENDS = pytest.mark.parametrize("backend", ["asyncio", "trio"])
LOOPS = 4


@pytest.fixture(autouse=True)
def _connections_of_loops_that_have_ended():
    """Python says so where a socket is left to the garbage collector, as these are."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()


async def listed(junction, **query):
    return [each.user_id.int & 0xFFFF async for each in junction.historical_pulls(**query)]


def in_a_loop(backend, junction, **query):
    async def call():
        return await listed(junction, **query)

    return anyio.run(call, backend=backend)


@BACKENDS
@pytest.mark.usefixtures("_trusted")
@pytest.mark.parametrize("encrypted", [False, True])
def test_client_works_in_one_event_loop_after_another(serve, certified, backend, encrypted):
    server = serve(good, tls=certified("127.0.0.1") if encrypted else None)
    junction = AsyncJunction(api_key=KEY, base_url=server.url)

    assert [in_a_loop(backend, junction) for _ in range(LOOPS)] == [[1]] * LOOPS
    pool = junction._http._transport._pool
    assert len(pool._per_loop.values()) == 1  # the last one's
    anyio.run(junction.aclose, backend=backend)


def test_client_works_on_asyncio_and_on_trio(serve):
    junction = AsyncJunction(api_key=KEY, base_url=serve(good).url)

    for backend in ("asyncio", "trio", "asyncio"):
        assert in_a_loop(backend, junction) == [1]
    anyio.run(junction.aclose)


@BACKENDS
def test_client_works_in_several_event_loops_at_once(backend):
    everybody = threading.Barrier(LOOPS)

    def own(request):
        return says("own", encoded(page({"user_id": request.query["user_id"], "provider": {}})))

    def call(number):
        asked = user(number)["user_id"]
        everybody.wait()
        return [in_a_loop(backend, junction, user_id=asked) for _ in range(10)] == [[number]] * 10

    with MisbehavingServer(own) as server, ThreadPoolExecutor(LOOPS) as threads:
        junction = AsyncJunction(api_key=KEY, base_url=server.url)
        assert list(threads.map(call, range(1, LOOPS + 1))) == [True] * LOOPS
        anyio.run(junction.aclose, backend=backend)


@BACKENDS
def test_token_is_minted_in_one_event_loop_after_another(serve, backend):
    server = serve(good, status(401), good)
    minted = []

    async def mint():
        await anyio.lowlevel.checkpoint()
        minted.append(f"token {len(minted)}".replace(" ", "-"))
        return minted[-1]

    junction = AsyncJunction(access_token=mint, base_url=server.url)

    assert [in_a_loop(backend, junction) for _ in range(2)] == [[1]] * 2
    assert len(minted) == 2
    anyio.run(junction.aclose, backend=backend)


@BACKENDS
def test_page_that_was_fetched_ahead_in_another_event_loop_is_fetched_again(backend):
    asked, ahead, leave = [], threading.Event(), threading.Event()

    async def hold(exchange):
        ahead.set()
        await exchange.reader.read()

    def script(request):
        if "next_cursor" not in request.query:
            return says("first", encoded(page(user(1), next_cursor="2")))
        asked.append(request)
        return does("held", hold) if len(asked) == 1 else says("second", encoded(page(user(2))))

    async def begin():
        async with junction:
            first = await anext(listing)
            await anyio.to_thread.run_sync(leave.wait)
            return first

    async def go_on():
        return await anext(listing)

    with MisbehavingServer(script) as server, ThreadPoolExecutor(1) as other:
        junction = AsyncJunction(api_key=KEY, base_url=server.url)
        listing = junction.historical_pulls(prefetch=1)
        first = other.submit(anyio.run, begin, backend=backend)
        ahead.wait()
        second = anyio.run(go_on, backend=backend)
        leave.set()

        assert [each.user_id.int & 0xFFFF for each in (first.result(), second)] == [1, 2]
