"""Fetching a page ahead, in both clients; what sockets have to do with it is among the faults."""

import threading
from contextlib import ExitStack
from contextvars import ContextVar
from uuid import UUID

import anyio
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from junction_introspect import (
    APIError,
    APITimeoutError,
    AsyncJunction,
    Junction,
    ResponseDecodeError,
    UnrecognizedValueError,
)
from junction_introspect._paging import background as prefetching
from junction_introspect._paging.walk import Place
from tests.support.drivers import AHEAD, DRIVERS, KEY, open_client
from tests.support.limits import LIMIT
from tests.support.payloads import encoded, page, statistics, user

BACKENDS = pytest.mark.parametrize("backend", ["asyncio", "trio"])
ahead = pytest.mark.parametrize("connect", AHEAD, indirect=True)

FAULTS = {
    "reset": httpx.ReadError("reset"),
    "refused": httpx.Response(429, content=b""),
    "HTML": httpx.Response(200, content=b"<html>"),
    "repeated": httpx.Response(200, content=encoded(page(user(7), next_cursor="0"))),
    "silent": httpx.Response(200, content=encoded({"data": [user(7)]})),
    "spoilt": httpx.Response(200, content=encoded(page(user(7), {}, next_cursor="x"))),
}


class Server:
    """Answers with pages of so many users; each fault stands once in the place of its page."""

    def __init__(self, sizes, faults=()):
        self.sizes = sizes
        self.faults = dict(faults)
        self.asked = []
        self.observe = lambda: None

    def __call__(self, request):
        number = int(request.url.params.get("next_cursor", 0))
        self.asked.append(number)
        self.observe()
        if fault := self.faults.pop(number, None):
            answer = FAULTS[fault]
            if isinstance(answer, Exception):
                raise answer
            return httpx.Response(answer.status_code, content=answer.content)
        following = str(number + 1) if number + 1 < len(self.sizes) else None
        users = [user(100 * number + each) for each in range(self.sizes[number])]
        return httpx.Response(200, content=encoded(page(*users, next_cursor=following)))


def settled(listing):
    """Wait until what was begun has come to its end."""
    running = getattr(listing, "_view", listing)._progress._source._running
    if running is not None:
        portal = getattr(listing, "_portal", None)
        portal.call(running.wait) if portal else running.wait()
    return running


# On and off.


@pytest.mark.parametrize(
    ("arguments", "asked"), [({}, [0]), ({"prefetch": 0}, [0]), ({"prefetch": 1}, [0, 1])]
)
def test_sync_client_fetches_ahead_where_it_is_told_to(arguments, asked):
    server = Server([1, 1, 1])
    with Junction(api_key=KEY, transport=httpx.MockTransport(server)) as junction:
        listing = junction.historical_pulls(**arguments).pages()
        next(listing)
        settled(listing)

        assert server.asked == asked


@BACKENDS
@pytest.mark.parametrize(
    ("arguments", "asked"), [({}, [0, 1]), ({"prefetch": 0}, [0]), ({"prefetch": 1}, [0, 1])]
)
def test_async_client_fetches_ahead_in_its_block_unless_it_is_told_not_to(
    backend, arguments, asked
):
    server = Server([1, 1, 1])

    async def within():
        async with AsyncJunction(api_key=KEY, transport=httpx.MockTransport(server)) as junction:
            pages = junction.historical_pulls(**arguments).pages()
            await anext(pages)
            await anyio.wait_all_tasks_blocked()
            assert server.asked == asked

    anyio.run(within, backend=backend)


@BACKENDS
def test_copy_with_other_options_fetches_ahead_as_well(backend):
    server = Server([1, 1, 1])

    async def within():
        async with AsyncJunction(api_key=KEY, transport=httpx.MockTransport(server)) as junction:
            pages = junction.with_options(deadline=5.0).historical_pulls().pages()
            await anext(pages)
            await anyio.wait_all_tasks_blocked()
            assert server.asked == [0, 1]

    anyio.run(within, backend=backend)


@BACKENDS
def test_async_client_fetches_nothing_ahead_outside_its_block(backend):
    server = Server([1, 1, 1])

    async def outside():
        junction = AsyncJunction(api_key=KEY, transport=httpx.MockTransport(server))
        pages = junction.historical_pulls(prefetch=1).pages()
        await anext(pages)
        await anyio.wait_all_tasks_blocked()
        assert server.asked == [0]
        assert [len(each.data) async for each in pages] == [1, 1]
        await junction.aclose()

    anyio.run(outside, backend=backend)


@BACKENDS
def test_client_that_was_entered_cannot_be_entered_again(backend):
    async def twice():
        async with AsyncJunction(api_key=KEY, transport=httpx.MockTransport(Server([1]))) as first:
            for again in (first, first.with_options(deadline=5.0)):
                with pytest.raises(RuntimeError, match="already in use"):
                    await again.__aenter__()
            assert len([each async for each in first.historical_pulls()]) == 1

    anyio.run(twice, backend=backend)


@BACKENDS
def test_task_that_did_not_enter_the_client_may_use_it(backend):
    server = Server([1, 1, 1])
    found = []

    async def walk(junction):
        found.extend([each async for each in junction.historical_pulls()])

    async def use():
        async with (
            anyio.create_task_group() as tasks,
            AsyncJunction(api_key=KEY, transport=httpx.MockTransport(server)) as junction,
        ):
            tasks.start_soon(walk, junction)
            await anyio.wait_all_tasks_blocked()

    anyio.run(use, backend=backend)
    assert len(found) == 3


# What comes of it.


def outcomes(junction, view, patience=60):
    """Walk to the end, whatever is in the way, and tell of every step."""
    listing = junction.historical_pulls()
    items = listing if view == "users" else getattr(listing, view)()
    told = []
    while not listing.done and len(told) < patience:
        try:
            item = next(items, None)
        except APIError as error:
            told.append((type(error), error.cursor, listing.next_cursor))
        else:
            told.append((item, listing.next_cursor, listing.done))
    return told


@pytest.mark.parametrize("driver", DRIVERS)
def test_steps_are_the_same_with_a_page_ahead_and_without(driver):
    """Items, errors, and the cursor after each; and no page is asked for more often."""
    with ExitStack() as stack:
        asked_of = [None]

        def handler(request):
            return asked_of[0](request)

        clients = [
            open_client(each, stack, handler, max_retries=0) for each in (driver, f"{driver}-ahead")
        ]

        @given(
            sizes=st.lists(st.integers(min_value=0, max_value=3), min_size=1, max_size=6),
            faults=st.dictionaries(
                st.integers(min_value=0, max_value=5), st.sampled_from(sorted(FAULTS)), max_size=3
            ),
            view=st.sampled_from(["users", "pages", "rows"]),
        )
        def compare(sizes, faults, view):
            steps, asked = [], []
            for client in clients:
                asked_of[0] = Server(sizes, faults)
                steps.append(outcomes(client, view))
                asked.append(asked_of[0].asked)
            assert steps[0] == steps[1]
            assert asked[0] == asked[1]

        compare()


@ahead
def test_invalid_record_is_handed_over_when_its_page_is_and_to_whoever_asks(connect):
    documents = {None: page(user(1), next_cursor="A"), "A": page({}, user(2))}
    told = []

    def answer(request):
        document = documents[request.url.params.get("next_cursor")]
        return httpx.Response(200, content=encoded(document))

    junction = connect(answer)
    pages = junction.historical_pulls(
        on_invalid=lambda _: told.append(threading.get_ident())
    ).pages()
    next(pages)
    settled(pages)
    assert told == []

    next(pages)
    portal = getattr(junction, "_portal", None)
    assert told == [portal._event_loop_thread_id if portal else threading.get_ident()]


@ahead
@pytest.mark.parametrize(
    ("second", "options", "kind"),
    [
        (
            [user(2, sleep=statistics(status="paused"))],
            {"strict_enums": True},
            UnrecognizedValueError,
        ),
        ([{}], {}, ResponseDecodeError),
    ],
)
def test_page_that_is_refused_is_refused_when_it_is_asked_for(connect, second, options, kind):
    documents = {None: page(user(1), next_cursor="A"), "A": page(*second)}

    def answer(request):
        document = documents[request.url.params.get("next_cursor")]
        return httpx.Response(200, content=encoded(document))

    pages = connect(answer, **options).historical_pulls().pages()
    next(pages)
    settled(pages)
    for _ in range(2):
        with pytest.raises(kind) as caught:
            next(pages)
        assert caught.value.cursor == pages.next_cursor == "A"
        assert caught.value.__context__ is None


@ahead
def test_outcome_is_taken_once(connect):
    pages = connect(Server([1, 1], {1: "reset"}), max_retries=0).historical_pulls().pages()
    next(pages)
    running = settled(pages)
    with pytest.raises(APIError):
        next(pages)

    assert running.take() is None


trace = ContextVar("trace", default=None)


def test_thread_has_the_context_of_the_caller():
    server = Server([1, 1])
    seen = []
    server.observe = lambda: seen.append((trace.get(), threading.current_thread().name))
    with Junction(api_key=KEY, transport=httpx.MockTransport(server)) as junction:
        token = trace.set("span")
        assert len(list(junction.historical_pulls(prefetch=1))) == 2
        trace.reset(token)

    assert seen == [("span", threading.current_thread().name), ("span", prefetching._NAME)]


@BACKENDS
def test_task_has_the_context_of_the_caller(backend):
    server = Server([1, 1])
    seen = []
    server.observe = lambda: seen.append((trace.get(), anyio.get_current_task().name))

    async def walk():
        async with AsyncJunction(api_key=KEY, transport=httpx.MockTransport(server)) as junction:
            trace.set("span")
            assert len([each async for each in junction.historical_pulls()]) == 2

    anyio.run(walk, backend=backend)
    assert [each for each, _ in seen] == ["span"] * 2
    assert seen[1][1] == prefetching._NAME


def test_page_is_fetched_when_it_is_asked_for_where_no_thread_is_to_be_had(monkeypatch):
    class Refused(threading.Thread):
        def start(self):
            raise RuntimeError("can't start new thread")

    monkeypatch.setattr(prefetching, "Thread", Refused)
    server = Server([1, 1, 1])
    with Junction(api_key=KEY, transport=httpx.MockTransport(server)) as junction:
        listing = junction.historical_pulls(prefetch=1)
        next(listing)
        assert server.asked == [0]
        assert junction._threads._running == set()
        assert len(list(listing)) == 2


@BACKENDS
def test_task_may_be_let_go_when_its_event_loop_has_ended(backend):
    async def begin():
        return prefetching._Task(None)

    anyio.run(begin, backend=backend).drop()


@BACKENDS
def test_page_that_arrives_while_the_client_is_closed_begins_no_other(backend):
    server = Server([1, 1, 1])

    async def close():
        async with AsyncJunction(api_key=KEY, transport=httpx.MockTransport(server)) as junction:
            pages = junction.historical_pulls().pages()
            await junction._tasks.stop()
            await anext(pages)
            await anyio.wait_all_tasks_blocked()
            assert server.asked == [0]

    anyio.run(close, backend=backend)


class Lingering(httpx.AsyncBaseTransport):
    """Never answers a second time, and takes a moment to leave when it is cancelled."""

    def __init__(self):
        self.server = Server([1, 1])
        self.closed = False
        self.closed_beneath = None

    async def handle_async_request(self, request):
        if not self.server.asked:
            return self.server(request)
        try:
            await anyio.sleep_forever()
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.wait_all_tasks_blocked()
                self.closed_beneath = self.closed

    async def aclose(self):
        self.closed = True


@BACKENDS
def test_connections_are_closed_after_the_page_ahead_has_left_them_even_when_cancelled(backend):
    transport = Lingering()

    async def cancel():
        with anyio.CancelScope() as scope:
            async with AsyncJunction(api_key=KEY, transport=transport) as junction:
                pages = junction.historical_pulls().pages()
                await anext(pages)
                await anyio.wait_all_tasks_blocked()
                scope.cancel()

    anyio.run(cancel, backend=backend)
    assert transport.closed
    assert transport.closed_beneath is False


def test_two_tasks_may_not_iterate_one_listing():
    """Each would be handed the page that both had asked for."""
    asked, answered = [], []

    async def main():
        release = anyio.Event()

        async def answer(request):
            asked.append(request)
            await release.wait()
            return httpx.Response(200, content=encoded(page(user(1))))

        async def take(listing):
            answered.append([each.user_id async for each in listing])
            release.set()

        transport = httpx.MockTransport(answer)
        async with AsyncJunction(api_key=KEY, transport=transport) as junction:
            listing = junction.historical_pulls()
            async with anyio.create_task_group() as group:
                group.start_soon(take, listing)
                while not asked:
                    await anyio.lowlevel.checkpoint()
                with pytest.raises(RuntimeError, match="another thread or task"):
                    await anext(listing)
                release.set()

    for backend in ("asyncio", "trio"):
        asked.clear()
        anyio.run(main, backend=backend)

    assert answered == [[UUID(user(1)["user_id"])]] * 2


class Overdue:
    """Runs out of time once, as where the caller kept the processor to himself; then answers."""

    def __init__(self):
        self.gets = []

    def get(self, fetch):
        self.gets.append(fetch)
        if len(self.gets) == 1:
            raise APITimeoutError("late", retriable=False)
        return "page"

    async def async_get(self, fetch):
        return self.get(fetch)


class Prepared:
    def abandon(self):
        pass


def test_time_that_ran_out_before_the_page_was_asked_for_is_given_again():
    late, threads = Overdue(), prefetching.Threads()
    pages = prefetching.Pages(lambda _: Prepared(), late.get, threads)
    pages.begin(Place("c", 1))
    pages._running.wait()

    assert pages.page(Place("c", 1)) == "page"
    assert len(late.gets) == 2


@BACKENDS
def test_time_that_ran_out_before_the_page_was_awaited_is_given_again(backend):
    async def main():
        late, tasks = Overdue(), prefetching.Tasks()
        await tasks.open()
        pages = prefetching.AsyncPages(lambda _: Prepared(), late.async_get, tasks)
        pages.begin(Place("c", 1))
        await pages._running.wait()
        assert await pages.page(Place("c", 1)) == "page"
        await tasks.stop()
        await tasks.close()
        return len(late.gets)

    assert anyio.run(main, backend=backend) == 2


@BACKENDS
def test_task_that_was_never_begun_is_not_waited_for(backend):
    """Such are those that asyncio cancels at its end: they would never say that they have ended."""

    async def main():
        tasks = prefetching.Tasks()
        tasks._running.add(prefetching._Task(Prepared()))
        with anyio.fail_after(LIMIT):
            await tasks.stop()

    anyio.run(main, backend=backend)
