"""A page ahead, over a real server: when it is asked for, and what becomes of it."""

import asyncio
import gc
import queue
import threading
from functools import partial

import anyio
import pytest

from junction_introspect import AsyncJunction, Junction
from junction_introspect._paging import background as prefetching
from tests.faults import behaviours
from tests.faults.behaviours import does, endless, says, silent, status
from tests.faults.expectations import ATTEMPTS, CURSOR, assert_clean, connections_of, each
from tests.support.drivers import AHEAD, BOTH_WAYS, KEY
from tests.support.limits import LIMIT
from tests.support.payloads import encoded, page, user

pytestmark = pytest.mark.any_specification

ahead = pytest.mark.parametrize("connect", AHEAD, indirect=True)
ahead_async = pytest.mark.parametrize("connect", AHEAD[1:], indirect=True)
BACKENDS = pytest.mark.parametrize("backend", ["asyncio", "trio"])
WALKS = 64


def a_page(number, last=9):
    following = str(number + 1) if number < last else None
    return says(f"page {number}", encoded(page(user(number), next_cursor=following)))


def number_of(request):
    return int(request.query.get("next_cursor", 1))


@pytest.fixture
def pages(serve):
    """A server of nine pages, which tells in `arrived` which it was asked for.

    Behaviours in `instead` take the place of a page, by its number.
    """
    server = serve(behaviours.good)
    server.arrived = queue.Queue()
    server.instead = {}

    def script(request):
        number = number_of(request)
        server.arrived.put(number)
        return server.instead.get(number) or a_page(number)

    server.script = script
    return server


@pytest.fixture
def held(pages):
    """Has the server hold the second page back until this is set."""
    released = threading.Event()

    async def hold(_):
        await asyncio.to_thread(released.wait)

    pages.instead[2] = does("held", hold, *a_page(2).steps)
    yield released
    released.set()


def arrivals(server, count):
    return [server.arrived.get(timeout=LIMIT) for _ in range(count)]


def under_way(listing):
    return getattr(listing, "_view", listing)._progress._source._running


def threads_ahead():
    return [each for each in threading.enumerate() if each.name == prefetching._NAME]


def join():
    for thread in threads_ahead():
        thread.join(LIMIT)
        assert not thread.is_alive()


@ahead
def test_next_page_is_asked_for_while_this_one_is_worked_on_and_none_after_it(connect, pages):
    listing = connect(None, base_url=pages.url).historical_pulls().pages()

    for number in range(1, 9):
        next(listing)
        assert arrivals(pages, 1 if number > 1 else 2)[-1] == number + 1
        assert not pages.requests[-1].client_left()
        assert pages.arrived.empty()
    next(listing)
    assert list(listing) == []
    assert pages.arrived.empty()


@ahead
def test_users_and_rows_are_worked_on_while_the_next_page_comes(connect, pages):
    listing = connect(None, base_url=pages.url).historical_pulls()

    next(listing.rows())
    assert arrivals(pages, 2) == [1, 2]
    assert listing.next_cursor is None
    assert [len(each.data) for each in listing.pages()] == [1] * 9
    assert sorted(arrivals(pages, 7)) == list(range(3, 10))
    assert pages.arrived.empty()


@ahead_async
def test_listing_that_is_let_go_in_another_thread_cancels_the_page_ahead(connect, pages):
    pages.instead[2] = silent()
    listing = connect(None, base_url=pages.url).historical_pulls().pages()
    next(listing)
    arrivals(pages, 2)
    del listing
    gc.collect()

    assert pages.requests[1].client_left()


@BACKENDS
def test_listing_that_is_let_go_cancels_the_page_ahead(pages, backend):
    pages.instead[2] = silent()

    async def abandon():
        async with AsyncJunction(api_key=KEY, base_url=pages.url) as junction:
            async for _ in junction.historical_pulls().pages():
                await anyio.to_thread.run_sync(arrivals, pages, 2)
                break
            gc.collect()
            assert await anyio.to_thread.run_sync(pages.requests[1].client_left)
            with anyio.fail_after(LIMIT):
                while junction._tasks._running:
                    await anyio.lowlevel.checkpoint()
            assert len(connections_of(junction)._all) == 0
        assert pages.arrived.empty()

    anyio.run(abandon, backend=backend)


def test_listing_that_is_let_go_drops_the_answer_and_asks_for_no_other(pages, held):
    pages.instead[2] = does("held", *pages.instead[2].steps[:1], *status(503).steps)
    with Junction(api_key=KEY, base_url=pages.url) as junction:
        listing = junction.historical_pulls(prefetch=1).pages()
        next(listing)
        arrivals(pages, 2)
        del listing
        gc.collect()
        held.set()
        join()

        assert pages.arrived.empty()
        assert connections_of(junction).waiting == 0


@BACKENDS
@pytest.mark.parametrize("explicitly", [True, False])
def test_client_that_is_closed_cancels_the_page_ahead(pages, backend, explicitly):
    pages.instead[2] = silent()

    async def close():
        async with AsyncJunction(api_key=KEY, base_url=pages.url) as junction:
            listing = junction.historical_pulls().pages()
            await anext(listing)
            await anyio.to_thread.run_sync(arrivals, pages, 2)
            if explicitly:
                await junction.aclose()
                assert junction._tasks._running == set()
        assert await anyio.to_thread.run_sync(pages.requests[1].client_left)
        with pytest.raises(RuntimeError, match="closed"):
            await anext(listing)
        assert listing.next_cursor == "2"

    anyio.run(close, backend=backend)


def test_sync_client_that_is_closed_waits_for_no_page_ahead(pages, held):
    with Junction(api_key=KEY, base_url=pages.url) as junction:
        listing = junction.historical_pulls(prefetch=1).pages()
        next(listing)
        arrivals(pages, 2)
        # A daemon: it keeps no interpreter from exiting.
        assert [each.daemon for each in threads_ahead()] == [True]
    held.set()
    join()

    with pytest.raises(RuntimeError, match="closed"):
        next(listing)
    assert listing.next_cursor == "2"
    assert pages.arrived.empty()


@pytest.mark.usefixtures("_trusted")
@pytest.mark.parametrize("secure", [False, True])
def test_sync_client_that_is_closed_ends_the_thread_ahead(serve, certified, secure):
    arrived = threading.Event()

    async def tell(_):
        arrived.set()

    first = says("first", encoded(page(user(1), next_cursor=CURSOR)))
    tls = certified("127.0.0.1") if secure else None
    server = serve(first, does("silent", tell, *silent().steps), tls=tls)
    with Junction(api_key=KEY, base_url=server.url, timeout=None) as junction:
        listing = junction.historical_pulls(prefetch=1).pages()
        next(listing)
        assert arrived.wait(LIMIT)
    join()

    assert server.requests[1].client_left()


@BACKENDS
def test_exception_in_the_block_comes_out_as_it_is(pages, backend):
    pages.instead[2] = silent()

    async def fail():
        async with AsyncJunction(api_key=KEY, base_url=pages.url) as junction:
            listing = junction.historical_pulls()
            await anext(listing.pages())
            await anyio.to_thread.run_sync(arrivals, pages, 2)
            raise LookupError

    with pytest.raises(LookupError):
        anyio.run(fail, backend=backend)


@BACKENDS
def test_cancellation_of_the_block_comes_through(pages, backend):
    pages.instead[2] = silent()

    async def cancel():
        with anyio.CancelScope() as scope:
            async with AsyncJunction(api_key=KEY, base_url=pages.url) as junction:
                listing = junction.historical_pulls().pages()
                await anext(listing)
                await anyio.to_thread.run_sync(arrivals, pages, 2)
                scope.cancel()
                await anext(listing)
        assert scope.cancelled_caught
        assert len(connections_of(junction)._all) == 0
        assert await anyio.to_thread.run_sync(pages.requests[1].client_left)

    anyio.run(cancel, backend=backend)


@BACKENDS
def test_consumer_who_is_cancelled_finds_the_page_where_it_was(pages, held, backend):
    async def wait():
        async with AsyncJunction(api_key=KEY, base_url=pages.url) as junction:
            listing = junction.historical_pulls().pages()
            await anext(listing)
            await anyio.to_thread.run_sync(arrivals, pages, 2)
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(listing.__anext__)
                await anyio.wait_all_tasks_blocked()
                tasks.cancel_scope.cancel()
            assert listing.next_cursor == "2"
            held.set()
            second = await anext(listing)
        assert second.next_cursor == "3"
        assert [number_of(each) for each in pages.requests][:2] == [1, 2]
        assert [number_of(each) for each in pages.requests].count(2) == 1

    anyio.run(wait, backend=backend)


def test_interrupt_while_the_page_ahead_is_waited_for_leaves_it_where_it_was(pages, monkeypatch):
    with Junction(api_key=KEY, base_url=pages.url) as junction:
        listing = junction.historical_pulls(prefetch=1).pages()
        next(listing)
        with monkeypatch.context() as interrupted:

            def interrupt():
                raise KeyboardInterrupt

            interrupted.setattr(under_way(listing), "wait", interrupt)
            with pytest.raises(KeyboardInterrupt):
                next(listing)
        assert listing.next_cursor == "2"
        assert [each.next_cursor for each in listing] == [*"3456789", None]
        join()

    assert [number_of(request) for request in pages.requests] == list(range(1, 10))


@BOTH_WAYS
@each(
    [
        behaviours.NO_RESPONSE[0],
        behaviours.NO_BODY[1],
        behaviours.HALF_A_BODY[0],
        behaviours.NO_JSON[1],
        behaviours.WRONG_SHAPES["$"][0],
        behaviours.TOO_DEEP[0],
        status(403),
        status(503),
        endless(),
    ]
)
def test_error_surfaces_where_the_page_would_have_been_and_the_page_is_asked_for_again(
    connect, serve, fault
):
    first = says("first", encoded(page(user(1), next_cursor=CURSOR)))
    server = serve(first, fault)
    with_limit = connect(None, base_url=server.url, max_response_bytes=1_000_000)
    listing = with_limit.historical_pulls().pages()
    assert next(listing).next_cursor == CURSOR
    with pytest.raises(Exception, match=r".") as caught:
        next(listing)

    assert_clean(caught.value)
    assert listing.next_cursor == CURSOR
    once = fault.name in {"null", "nested lists", "403", "200 without end"}
    assert len(server.requests) == 1 + (1 if once else ATTEMPTS)
    asked = len(server.requests)
    server.script = lambda _: behaviours.good
    assert [len(each.data) for each in listing] == [1]
    assert len(server.requests) == asked + 1


@BACKENDS
def test_64_walks_at_a_time_keep_a_connection_each(pages, backend):
    async def walk(junction, counts):
        counts.append(len([each async for each in junction.historical_pulls()]))

    async def crowd():
        counts = []
        async with (
            AsyncJunction(api_key=KEY, base_url=pages.url) as junction,
            anyio.create_task_group() as tasks,
        ):
            for _ in range(WALKS):
                tasks.start_soon(partial(walk, junction, counts))
        assert counts == [9] * WALKS

    anyio.run(crowd, backend=backend)
    assert pages.connections <= WALKS
    assert len(pages.requests) == 9 * WALKS
