"""The connection pools below `Transport` and `AsyncTransport`. `Connections` decides for both.

Giving back a connection updates the pool's state before the first ``await``, so that a cancellation
cannot leave the state half-changed. Connections that are not kept are closed after that.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial
from typing import Any, Self

import anyio
import httpcore

from junction_introspect._concurrency import forks
from junction_introspect._concurrency.loops import PerLoop, finish
from junction_introspect._http.network import AsyncNetwork, Network
from junction_introspect._http.pooling import Connection, Connections, Waiter


def _timeout(request: Any) -> float | None:
    timeout: float | None = request.extensions.get("timeout", {}).get("pool")
    return timeout


class Pool:
    """The connections of a sync client. Each process has its own.

    Args:
        renew: Returns a `Connections` without any connection yet.

    Attributes:
        connections: This process's `Connections`.
    """

    def __init__(self, renew: Callable[[], Connections[Network]]) -> None:
        self._renew = renew
        self._lock = forks.Lock()
        self.connections = renew()
        forks.watch(self)

    def after_fork(self) -> None:
        """Start without connections: the old ones belong to the parent."""
        forks.leave(self.connections)
        self.connections = self._renew()

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        """Send a request on a connection that serves only it until its response is closed."""
        connection = self._take(request)
        try:
            response: httpcore.Response = connection.http.handle_request(request)
        except BaseException:
            self._give_back(connection, failed=True)
            raise
        response.stream = _Body(response.stream, partial(self._give_back, connection))
        return response

    def _take(self, request: httpcore.Request) -> Connection[Network]:
        origin = request.url.origin
        event = threading.Event()
        with self._lock.own:
            taken = self.connections.take(origin) or self.connections.wait(origin, event)
        if isinstance(taken, Waiter):
            taken = self._wait(taken, request)
        self._close_given_up()
        return taken

    def _wait(self, waiter: Waiter[Network], request: httpcore.Request) -> Connection[Network]:
        given = None
        try:
            waiter.event.wait(_timeout(request))
            given = waiter.connection
        finally:
            if given is None:
                with self._lock.own:
                    self.connections.leave(waiter)
                self._close_given_up()
        if given is None:
            raise httpcore.PoolTimeout
        return given

    def _give_back(self, connection: Connection[Network], *, failed: bool = False) -> None:
        with self._lock.own:
            self.connections.give_back(connection, failed=failed)
        self._close_given_up()

    def _close_given_up(self) -> None:
        if self.connections.closing:
            with self._lock.own:
                given_up = self.connections.to_close()
            for connection in given_up:
                connection.network.close()

    def close(self) -> None:
        """Close all connections, those in use too."""
        with self._lock.own:
            self.connections.close()
        self._close_given_up()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Body:
    """The body of a response; closing it gives the connection back."""

    def __init__(self, stream: Any, give_back: Callable[..., None]) -> None:
        self._stream, self._give_back = stream, give_back
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        iterator: Iterator[bytes] = iter(self._stream)
        return iterator

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            try:
                self._stream.close()
            except BaseException:
                self._give_back(failed=True)
                raise
            self._give_back()


class AsyncPool:
    """As `Pool`, on asyncio and trio. Each event loop has its own connections."""

    def __init__(self, renew: Callable[[], Connections[AsyncNetwork]]) -> None:
        self._per_loop = PerLoop(renew)

    @property
    def connections(self) -> Connections[AsyncNetwork]:
        """The running event loop's `Connections`."""
        return self._per_loop.get()

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        """As `Pool.handle_request`, awaited."""
        connections = self.connections
        connection = await _take(connections, request)
        try:
            response: httpcore.Response = await connection.http.handle_async_request(request)
        except BaseException:
            await _give_back(connections, connection, failed=True)
            raise
        response.stream = _AsyncBody(response.stream, partial(_give_back, connections, connection))
        return response

    async def aclose(self) -> None:
        """Close this event loop's connections. Other loops close theirs as they are given back."""
        for connections in self._per_loop.values():
            connections.closed = True
        connections = self.connections
        connections.close()
        await _close_given_up(connections)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


async def _take(
    connections: Connections[AsyncNetwork], request: httpcore.Request
) -> Connection[AsyncNetwork]:
    origin = request.url.origin
    taken = connections.take(origin)
    if taken is None:
        taken = await _wait(connections, connections.wait(origin, anyio.Event()), request)
    try:
        await _close_given_up(connections)
    except BaseException:
        await _give_back(connections, taken)
        raise
    return taken


async def _wait(
    connections: Connections[AsyncNetwork],
    waiter: Waiter[AsyncNetwork],
    request: httpcore.Request,
) -> Connection[AsyncNetwork]:
    given = None
    try:
        with anyio.move_on_after(_timeout(request)):
            await waiter.event.wait()
        given = waiter.connection
    finally:
        if given is None:
            connections.leave(waiter)
            await _close_given_up(connections)
    if given is None:
        raise httpcore.PoolTimeout
    return given


async def _give_back(
    connections: Connections[AsyncNetwork],
    connection: Connection[AsyncNetwork],
    *,
    failed: bool = False,
) -> None:
    connections.give_back(connection, failed=failed)
    await _close_given_up(connections)


async def _close_given_up(connections: Connections[AsyncNetwork]) -> None:
    if connections.closing:
        await finish(_close(connections.to_close()))


async def _close(given_up: list[Connection[AsyncNetwork]]) -> None:
    for connection in given_up:
        await connection.network.aclose()


class _AsyncBody:
    """As `_Body`, awaited."""

    def __init__(self, stream: Any, give_back: Callable[..., Awaitable[None]]) -> None:
        self._stream, self._give_back = stream, give_back
        self._closed = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        iterator: AsyncIterator[bytes] = aiter(self._stream)
        return iterator

    async def aclose(self) -> None:
        if not self._closed:
            self._closed = True
            try:
                await self._stream.aclose()
            except BaseException:
                await self._give_back(failed=True)
                raise
            await self._give_back()
