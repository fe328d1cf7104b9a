"""An iteration that is abandoned or cancelled leaves nothing behind, on a real socket."""

import gc
import socket
import threading

import anyio
import pytest

from junction_introspect import APITimeoutError, AsyncJunction, Junction, ResponseTooLargeError
from junction_introspect.mock import MockServer, Population
from tests.support.drivers import KEY

pytestmark = pytest.mark.any_specification

BACKENDS = pytest.mark.parametrize("backend", ["asyncio", "trio"])


@pytest.fixture(scope="module")
def server():
    with MockServer(Population(40, seed=3), api_key=KEY) as running:
        yield running


@pytest.fixture
def silent():
    """A server that takes requests and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        accepted = []
        asked = threading.Event()

        def accept():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                accepted.append(connection)
                connection.recv(4096)
                asked.set()

        thread = threading.Thread(target=accept)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
        for connection in accepted:
            connection.close()


def _connections(client):
    connections = client._http._transport._pool.connections
    return connections.idle, connections.taken


def test_abandoned_iteration_leaves_its_connection_idle(server):
    with Junction(api_key=KEY, base_url=server.url) as junction:
        for _ in junction.historical_pulls(user_limit=5):
            break
        gc.collect()

        assert _connections(junction) == (1, 0)
        assert len(list(junction.historical_pulls(user_limit=5))) == 40
        assert _connections(junction) == (1, 0)


@BACKENDS
def test_abandoned_async_iteration_leaves_its_connection_idle(server, backend):
    async def abandon():
        async with AsyncJunction(api_key=KEY, base_url=server.url) as junction:
            async for _ in junction.historical_pulls(user_limit=5):
                break
            gc.collect()
            assert _connections(junction) == (1, 0)
            assert len([user async for user in junction.historical_pulls(user_limit=5)]) == 40
            assert _connections(junction) == (1, 0)

    anyio.run(abandon, backend=backend)


@BACKENDS
def test_cancelled_fetch_leaves_no_connection(silent, backend):
    url, asked = silent

    async def cancel():
        async with AsyncJunction(api_key=KEY, base_url=url) as junction:
            listing = junction.historical_pulls()
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(listing.__anext__)
                await anyio.to_thread.run_sync(asked.wait)
                tasks.cancel_scope.cancel()
            gc.collect()
            assert _connections(junction) == (0, 0)
            assert listing.next_cursor is None
            assert not listing.done

    anyio.run(cancel, backend=backend)


@BACKENDS
def test_deadline_cuts_off_a_server_that_never_answers(silent, backend):
    async def wait():
        async with AsyncJunction(api_key=KEY, base_url=silent[0], deadline=0.05) as junction:
            with pytest.raises(APITimeoutError, match="deadline"):
                await anext(junction.historical_pulls())
            gc.collect()
            assert _connections(junction) == (0, 0)

    anyio.run(wait, backend=backend)


def test_refused_body_leaves_no_connection(server):
    with Junction(api_key=KEY, base_url=server.url, max_response_bytes=20_000) as junction:
        with pytest.raises(ResponseTooLargeError):
            next(junction.historical_pulls())
        gc.collect()

        assert _connections(junction) == (0, 0)


@BACKENDS
def test_refused_body_leaves_neither_connection_nor_generator(server, backend):
    async def refuse():
        client = AsyncJunction(api_key=KEY, base_url=server.url, max_response_bytes=20_000)
        async with client as junction:
            with pytest.raises(ResponseTooLargeError):
                await anext(junction.historical_pulls())
            gc.collect()
            assert _connections(junction) == (0, 0)

    anyio.run(refuse, backend=backend)
