"""A server that misbehaves on a real socket: one behaviour a request, as a script has it.

Raw asyncio streams on loopback, in a thread of their own. A behaviour is what goes over the wire,
step by step: bytes, or something done to the connection. Every request that reached the socket is
on record, so that attempts can be counted where they cannot be made up.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qsl, urlsplit

from tests.support.limits import LIMIT

if TYPE_CHECKING:
    import ssl

# RFC 8446, 5.1: what a TLS client says first begins so. It counts as a request here.
_TLS_HANDSHAKE = b"\x16"


# The servers that the test at hand has opened.
OPENED: list[MisbehavingServer] = []


class ClientLeftError(Exception):
    """The client hung up before a behaviour had come to its end."""


@dataclass
class Request:
    """A request that reached the socket.

    Attributes:
        method: As sent; ``"TLS"`` for a handshake that a server without TLS was offered.
        target: As sent, query included.
        headers: By name in lower case.
        connection: The number of the connection that it came on, from 1.
        behaviour: The name of what it was answered with.
        finished: Whether the answer was said to its end, or else the client had hung up.
        ended: Set when either has come to pass.
        arrived: When it did, by this process's clock, in seconds.
    """

    method: str
    target: str
    headers: dict[str, str]
    connection: int
    behaviour: str = ""
    finished: bool = False
    ended: threading.Event = field(default_factory=threading.Event)
    arrived: float = field(default_factory=time.monotonic)

    @property
    def outcome(self) -> str:
        """How the answer stands."""
        if not self.ended.is_set():
            return "being answered"
        return "answered" if self.finished else "the client left"

    @property
    def path(self) -> str:
        """The target without its query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The query's parameters."""
        return dict(parse_qsl(urlsplit(self.target).query))

    def client_left(self) -> bool:
        """Wait for the end of the answer, and tell whether the client hung up before."""
        assert self.ended.wait(LIMIT), "the server is still answering"
        return not self.finished


@dataclass
class Exchange:
    """A request being answered, for the steps of a behaviour."""

    request: Request
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        """Send bytes, or find that nobody is there any more."""
        if self.gone:
            raise ClientLeftError
        self.writer.write(data)
        await self.writer.drain()

    @property
    def gone(self) -> bool:
        """Whether the client has hung up."""
        return self.reader.at_eof() or self.reader.exception() is not None


Step = Callable[[Exchange], Awaitable[None]]


@dataclass(frozen=True)
class Behaviour:
    """How a request is answered.

    Attributes:
        name: What it is called in the id of a test and in a tally.
        steps: Bytes to send, and things to do, in turn.
    """

    name: str
    steps: tuple[bytes | Step, ...]


Script = Callable[[Request], Behaviour]


def in_turn(*behaviours: Behaviour) -> Script:
    """Return a script that has a behaviour for each request, and the last for all further ones."""
    turns = itertools.chain(behaviours, itertools.repeat(behaviours[-1]))
    return lambda _: next(turns)


async def close(exchange: Exchange) -> None:
    """Close the connection as one does: FIN, after everything that was sent."""
    exchange.writer.close()
    with contextlib.suppress(OSError):
        await exchange.writer.wait_closed()


async def reset(exchange: Exchange) -> None:
    """Close the connection as a crash does: RST."""
    raw: socket.socket = exchange.writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    exchange.writer.transport.abort()


async def silence(exchange: Exchange) -> None:
    """Say nothing more, for as long as the client stays."""
    await exchange.reader.read()
    raise ClientLeftError


def drip(data: bytes, every: float) -> Step:
    """Send a byte at a time, with so many seconds between one and the next."""

    async def send_slowly(exchange: Exchange) -> None:
        for byte in data:
            await exchange.send(bytes([byte]))
            await asyncio.sleep(every)

    return send_slowly


def flood(chunk: bytes, times: int | None = None) -> Step:
    """Send a chunk again and again; without end, unless it is told how often."""

    async def send_on(exchange: Exchange) -> None:
        for _ in itertools.count() if times is None else range(times):
            await exchange.send(chunk)
            await asyncio.sleep(0)

    return send_on


class MisbehavingServer:
    """Answers on loopback while a ``with`` block lasts.

    Args:
        script: Which behaviour a request is answered with.
        tls: The context to offer TLS with, if it is to.
        recorded: How many requests to remember at most.

    Attributes:
        script: As given; it may be replaced at any time.
        requests: Every request so far, or the last of them.
        connections: How many connections were accepted, TLS handshakes that failed included.
        url: The base URL.
    """

    def __init__(
        self,
        script: Script,
        *,
        tls: ssl.SSLContext | None = None,
        recorded: int | None = None,
    ) -> None:
        self.script = script
        self.requests: deque[Request] = deque(maxlen=recorded)
        self.connections = 0
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._run, name="misbehaving", daemon=True)
        self._started = threading.Event()
        # Notified of every request, and of every connection's end.
        self._changed = threading.Condition()
        self._tasks: set[asyncio.Task[None]] = set()
        self._opened = time.monotonic()
        OPENED.append(self)

    def log(self) -> str:
        """Return what has happened, one line per request, with seconds since it was opened."""
        lines = [f"{self.url}: {self.connections} connections"]
        lines += [
            f"{each.arrived - self._opened:8.3f} s  connection {each.connection}:"
            f" {each.method} {each.target[:200]} -> {each.behaviour}: {each.outcome}"
            for each in list(self.requests)
        ]
        return "\n".join(lines)

    def __enter__(self) -> Self:
        self._thread.start()
        self._started.wait()
        return self

    def wait_for(self, requests: int) -> None:
        """Wait until so many requests have reached the socket."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.requests) >= requests, LIMIT), self.log()

    def settle(self) -> None:
        """Wait until every connection has been closed, by the client or after it."""
        with self._changed:
            assert self._changed.wait_for(lambda: not self._tasks, LIMIT), self.log()

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        # A handshake that fails is what a test is about, and no news for a log.
        self._loop.set_exception_handler(lambda *_: None)
        self._stopping = asyncio.Event()
        accepting = asyncio.create_task(self._accept())
        self._started.set()
        await self._stopping.wait()
        for task in (accepting, *self._tasks):
            task.cancel()
        await asyncio.gather(accepting, *self._tasks, return_exceptions=True)
        self._listener.close()

    async def _accept(self) -> None:
        self._listener.settimeout(0)
        while True:
            connection, _ = await self._loop.sock_accept(self._listener)
            # Or the pieces of an answer would wait for one another, some 40 ms each.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            task = asyncio.create_task(self._converse(connection, self.connections))
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        with self._changed:
            self._tasks.discard(task)
            self._changed.notify_all()

    async def _converse(self, connection: socket.socket, number: int) -> None:
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        try:
            transport, _ = await self._loop.connect_accepted_socket(
                lambda: protocol, connection, ssl=self._tls
            )
        except OSError:
            connection.close()
            return
        writer = asyncio.StreamWriter(transport, protocol, reader, self._loop)
        try:
            while not transport.is_closing():
                await self._answer(Exchange(await _request(reader, number), reader, writer))
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            transport.abort()

    async def _answer(self, exchange: Exchange) -> None:
        request = exchange.request
        behaviour = self.script(request)
        request.behaviour = behaviour.name
        with self._changed:
            self.requests.append(request)
            self._changed.notify_all()
        try:
            for step in behaviour.steps:
                await (exchange.send(step) if isinstance(step, bytes) else step(exchange))
            request.finished = True
        except (ClientLeftError, OSError):
            exchange.writer.transport.abort()
        finally:
            request.ended.set()


async def _request(reader: asyncio.StreamReader, connection: int) -> Request:
    first = await reader.readexactly(1)
    if first == _TLS_HANDSHAKE:
        return Request("TLS", "", {}, connection)
    head = (first + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *fields = head.split("\r\n")
    method, target, _ = line.split(" ")
    headers = {}
    for each in filter(None, fields):
        name, _, value = each.partition(":")
        headers[name.lower()] = value.strip()
    return Request(method, target, headers, connection)
