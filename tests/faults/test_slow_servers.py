"""Servers that are slow: what the timeouts cut off, and what the deadline does beyond them."""

import asyncio
import contextlib
import errno
import logging
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import attrs
import httpx
import pytest

from junction_introspect import APIStatusError, APITimeoutError, Junction
from junction_introspect._http import network
from tests.faults.behaviours import (
    DRIP,
    PAGE,
    does,
    dripping_body,
    dripping_headers,
    dripping_informational,
    good,
    head,
    silent,
)
from tests.faults.expectations import (
    ATTEMPTS,
    assert_clean,
    assert_usable,
    connections_of,
    each,
    failure_of,
    overdue,
    users,
)
from tests.faults.misbehaving import flood, silence
from tests.support.drivers import KEY

pytestmark = pytest.mark.any_specification

# Seconds. What is slow goes on for much longer than any deadline here; that it had not come to its
# end when the client gave up is what is looked at, and no clock.
MUCH_LONGER = 120.0
PATIENT = 300.0
INTERIM = b"HTTP/1.1 103 Early Hints\r\n\r\n"


# The timeouts of one operation.


@pytest.fixture
def impatient_twice(connect):
    """A client that waits for no answer at first, and for any from its third attempt on."""
    handler = logging.Handler()

    def open_client(server):
        def retried(record):
            _operation, attempt, *_ = record.args
            # A request that was given up is on its way, and would be answered in another's place.
            server.wait_for(attempt)
            if attempt == ATTEMPTS - 1:
                # The client has a copy of the timeout that it was given.
                getattr(junction, "_client", junction)._options.timeout.read = PATIENT

        handler.emit = retried
        timeout = httpx.Timeout(PATIENT, read=0.05)
        junction = connect(None, base_url=server.url, timeout=timeout, deadline=PATIENT)
        return junction

    # The records are this client's; stamina's hooks are the process's, and other tests set them.
    logger = logging.getLogger("junction_introspect")
    logger.addHandler(handler)
    yield open_client
    logger.removeHandler(handler)


SILENT = [silent(), silent(head(200, content_length=len(PAGE)) + PAGE[:9], "in mid-body")]


@each(SILENT)
def test_read_timeout_is_retried(impatient_twice, serve, fault):
    server = serve(fault, fault, good)
    junction = impatient_twice(server)

    assert users(junction) == [1]
    assert len(server.requests) == ATTEMPTS
    assert_usable(junction, server)


@each(SILENT)
def test_read_timeout_of_every_attempt_is_a_timeout_error(connect, serve, told, fault):
    junction = connect(
        None, base_url=serve(fault).url, timeout=httpx.Timeout(PATIENT, read=0.05), deadline=PATIENT
    )
    error = failure_of(junction)

    assert type(error) is APITimeoutError
    assert "ReadTimeout" in str(error)
    assert error.retriable
    assert len(told) == ATTEMPTS - 1
    assert_clean(error)
    assert len(connections_of(junction)._all) == 0


@pytest.fixture
def full_backlog():
    """The address of a listener that has no room for one more."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.settimeout(0)
            assert waiting.connect_ex(listener.getsockname()) == errno.EINPROGRESS
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_connect_timeout_is_retried_then_a_timeout_error(connect, full_backlog, told):
    timeout = httpx.Timeout(PATIENT, connect=0.05)
    error = failure_of(connect(None, base_url=full_backlog, timeout=timeout))

    assert type(error) is APITimeoutError
    assert "ConnectTimeout" in str(error)
    assert len(told) == ATTEMPTS - 1
    assert_clean(error)


@pytest.fixture
def deaf():
    """The address of a listener that takes connections and never reads from them."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def _small_buffers(monkeypatch):
    """A request is small beside what Linux would hold for a reader that is late."""
    small = [(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)]
    for backend in (network._SYNC, network._ASYNC):
        connect = partial(backend.connect_tcp, socket_options=small)
        # The last argument is the connection's own options, of which it has none.
        monkeypatch.setattr(backend, "connect_tcp", lambda *args, to=connect: to(*args[:4]))


@pytest.mark.usefixtures("_small_buffers")
def test_write_timeout_is_retried_then_a_timeout_error(connect, deaf, told):
    junction = connect(None, base_url=deaf, timeout=httpx.Timeout(PATIENT, write=0.05))
    with pytest.raises(APITimeoutError, match="WriteTimeout") as caught:
        next(junction.historical_pulls(cursor="c" * 60_000))

    assert caught.value.cursor == "c" * 60_000
    assert "ccc" not in str(caught.value)
    assert len(told) == ATTEMPTS - 1
    assert len(connections_of(junction)._all) == 0


def test_pool_timeout_is_retried_then_a_timeout_error(connect, serve, told):
    asked, released = threading.Event(), threading.Event()

    async def hold(_):
        asked.set()
        await asyncio.to_thread(released.wait)

    server = serve(does("held", hold, *good.steps))
    one = httpx.Limits(max_connections=1)
    junction = connect(None, base_url=server.url, connecting={"limits": one})
    with ThreadPoolExecutor(1) as other:
        listed = other.submit(users, junction)
        asked.wait()
        error = failure_of(junction.with_options(timeout=httpx.Timeout(PATIENT, pool=0.05)))
        released.set()

    assert listed.result() == [1]
    assert type(error) is APITimeoutError
    assert "PoolTimeout" in str(error)
    assert len(told) == ATTEMPTS - 1
    assert len(server.requests) == 1
    assert_clean(error)
    assert_usable(junction, server)


# The deadline.

SLOW = [
    silent(),
    silent(head(200, content_length=len(PAGE)) + PAGE[:9], "in mid-body"),
    silent(head(503, content_length=99), "before the body of an error"),
    dripping_headers(MUCH_LONGER),
    dripping_informational(MUCH_LONGER),
    dripping_body(MUCH_LONGER),
    dripping_body(MUCH_LONGER, 503),
    # More than the buffers of two sockets hold.
    does("flood of 1xx", flood(INTERIM * 10, 100_000), *good.steps),
]


@pytest.fixture
def gives_up(connect):
    """A page is given up when its deadline has passed, and not when the server has done."""

    def watch(open_server, **options):
        error, junction, server = overdue(connect, open_server, **options)
        assert type(error) is APITimeoutError
        assert "deadline" in str(error)
        assert not error.retriable
        assert len(server.requests) == 1
        assert server.requests[0].client_left()
        assert_clean(error)
        return junction, server

    return watch


@each(SLOW)
def test_server_slower_than_the_deadline_is_cut_off_when_it_has_passed(gives_up, serve, fault):
    assert_usable(*gives_up(lambda: serve(fault)))


def test_tls_handshake_slower_than_the_deadline_is_cut_off(gives_up, serve):
    def speaking_no_tls():
        server = serve(silent())
        server.url = server.url.replace("http", "https")
        return server

    junction, _ = gives_up(speaking_no_tls)

    assert len(connections_of(junction)._all) == 0


def test_refusal_of_a_token_slower_than_the_deadline_is_not_waited_for(connect, serve):
    server = serve(dripping_body(MUCH_LONGER, 401), good)
    junction = connect(None, api_key=None, access_token=lambda: "token", base_url=server.url)

    assert users(junction) == [1]
    assert server.requests[0].client_left()


@pytest.fixture
def proxy(serve, monkeypatch):
    """Opens a server, and names it as the proxy of a scheme: `proxy("HTTP", fault)`."""

    def open_proxy(scheme, fault):
        server = serve(fault)
        monkeypatch.setenv(f"{scheme}_PROXY", server.url)
        return server

    return open_proxy


def test_proxy_slower_than_the_deadline_is_cut_off(gives_up, proxy):
    slow = dripping_headers(MUCH_LONGER)

    gives_up(lambda: proxy("HTTP", slow), base_url="http://127.0.0.1:1")


@each(
    [
        silent(),
        silent(b"HTTP/1.1 200 Connection established\r\n\r\n", "in the handshake"),
        does(
            "dripping headers",
            b"HTTP/1.1 200 OK\r\n",
            dripping_headers(MUCH_LONGER).steps[1],
            silence,
        ),
    ]
)
def test_tunnel_slower_than_the_deadline_is_cut_off(gives_up, proxy, fault):
    junction, _ = gives_up(lambda: proxy("HTTPS", fault), base_url="https://127.0.0.1:1")

    assert len(connections_of(junction)._all) == 0


# The deadline of the sync client, which httpx has none of.


@pytest.fixture
def sync():
    """Opens a sync client."""
    with contextlib.ExitStack() as stack:
        yield lambda **options: stack.enter_context(Junction(**{"api_key": KEY, **options}))


@pytest.fixture
def passing():
    """Clocks on which the deadline passes at a step of a behaviour: `passing(client)`."""
    passed = threading.Event()

    async def step(_):
        passed.set()

    def clock_of(client):
        client._options = attrs.evolve(
            client._options, deadline=PATIENT, clock=lambda: 2 * PATIENT * passed.is_set()
        )
        return client

    clock_of.step = step
    return clock_of


def test_headers_that_drip_are_cut_off_when_the_deadline_has_passed(sync, serve, passing):
    headers, *rest = dripping_headers(MUCH_LONGER).steps
    server = serve(does("dripping headers", headers, passing.step, *rest))
    failure_of(passing(sync(base_url=server.url)))

    assert server.requests[0].client_left()


def test_headers_that_drip_are_not_cut_off_by_a_transport_of_httpx(sync, serve, passing):
    """What `Transport` is for; should httpx cut them off one day, it need not."""
    headers, *rest = dripping_headers(50 * DRIP).steps
    server = serve(does("dripping headers", headers, passing.step, *rest))
    failure_of(passing(sync(base_url=server.url, transport=httpx.HTTPTransport())))

    assert not server.requests[0].client_left()


def test_headers_that_drip_are_cut_off_by_a_transport_that_the_caller_built(gives_up, serve):
    fault = dripping_headers(MUCH_LONGER)

    assert_usable(*gives_up(lambda: serve(fault), connecting={"retries": 1}))


def test_body_is_cut_off_between_chunks_with_a_transport_of_the_callers(sync, serve):
    def connect(_, **options):
        return sync(transport=httpx.HTTPTransport(), **options)

    error, _, server = overdue(connect, lambda: serve(dripping_body(MUCH_LONGER)))

    assert type(error) is APITimeoutError
    assert server.requests[0].client_left()
    assert_clean(error)


def test_deadline_cuts_nothing_of_a_client_that_shares_the_thread(sync, serve, passing):
    """A token may be minted with a client of the caller's own, in the middle of an attempt."""
    headers, *rest = dripping_headers(50 * DRIP).steps
    mints = serve(does("dripping headers", headers, passing.step, *rest))

    def mint():
        return str(httpx.get(mints.url, timeout=PATIENT).status_code)

    junction = passing(sync(api_key=None, access_token=mint, base_url=serve(good).url))
    assert type(failure_of(junction)) is APITimeoutError
    assert not mints.requests[0].client_left()


def test_status_of_a_slow_refusal_is_told_when_it_comes_in_time(connect, serve):
    server = serve(dripping_body(50 * DRIP, 422))

    error = failure_of(connect(None, base_url=server.url))
    assert isinstance(error, APIStatusError)
    assert error.status_code == 422
