"""A SOCKS proxy in between (RFC 1928), as ``httpx[socks]`` has it."""

import asyncio
import contextlib
import threading
from types import SimpleNamespace

import pytest

from junction_introspect import APIConnectionError
from tests.faults.behaviours import good
from tests.faults.expectations import assert_usable, connections_of, failure_of, users
from tests.faults.misbehaving import in_turn
from tests.faults.proxying import relay

pytest.importorskip("socksio", reason="socksio is missing")

VERSION, NO_AUTHENTICATION, NAME, IPV4 = 5, 0, 3, 1
SUCCEEDED, REFUSED = 0, 5
REPLY = bytes([IPV4, *bytes(4), *bytes(2)])


class SocksProxy:
    """Connects to where it is told, while a ``with`` block lasts.

    Attributes:
        reply: What it answers: that it has connected, or that it refuses.
        targets: Where it was told to connect to.
    """

    def __init__(self):
        self.reply = SUCCEEDED
        self.targets = []
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    def __enter__(self):
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    async def _serve(self):
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._converse, "127.0.0.1")
        self.url = f"socks5://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._ready.set()
        await self._stop.wait()
        server.close()

    async def _converse(self, reader, writer):
        with contextlib.suppress(OSError, asyncio.IncompleteReadError), contextlib.closing(writer):
            _, methods = await reader.readexactly(2)
            await reader.readexactly(methods)
            writer.write(bytes([VERSION, NO_AUTHENTICATION]))
            *_, kind = await reader.readexactly(4)
            length = 4 if kind == IPV4 else (await reader.readexactly(1))[0]
            host = await reader.readexactly(length)
            port = int.from_bytes(await reader.readexactly(2), "big")
            self.targets.append(port)
            greeting = bytes([VERSION, self.reply, 0]) + REPLY
            if self.reply == REFUSED:
                writer.write(greeting)
                await writer.drain()
                return
            name = ".".join(map(str, host)) if kind == IPV4 else host.decode()

            async def send(data):
                writer.write(data)
                await writer.drain()

            await relay(
                SimpleNamespace(reader=reader, writer=writer, send=send), name, port, greeting
            )


@pytest.fixture
def proxy(monkeypatch):
    with SocksProxy() as running:
        monkeypatch.setenv("ALL_PROXY", running.url)
        yield running


@pytest.fixture(params=["http", "https"])
def target(request, serve, certified):
    return serve(good, tls=certified("127.0.0.1") if request.param == "https" else None)


@pytest.mark.usefixtures("_trusted")
def test_pages_come_through_one_connection_of_the_proxy(connect, proxy, target):
    junction = connect(None, base_url=target.url)

    assert [users(junction) for _ in range(3)] == [[1]] * 3
    assert proxy.targets == [target.port]


@pytest.mark.usefixtures("_trusted")
def test_refusal_is_a_connection_error_and_leaves_no_connection(connect, proxy, target):
    proxy.reply = REFUSED
    junction = connect(None, base_url=target.url)

    assert type(failure_of(junction)) is APIConnectionError
    assert len(connections_of(junction)._all) == 0
    assert target.connections == 0
    proxy.reply = SUCCEEDED
    target.script = in_turn(good)
    assert_usable(junction, target)
