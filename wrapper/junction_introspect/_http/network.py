"""The network below one connection: a deadline on every operation, and sockets that always close.

This implements httpcore's public network interfaces: httpcore asks a backend to connect, and reads
from and writes to the stream that it gets. httpcore loses the stream when a TLS handshake is
cancelled or fails in a tunnel, or when a SOCKS proxy refuses. So each network remembers its newest
stream, and closes that: no socket stays open, at whichever step connecting failed.
"""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Final, cast

import httpcore

from junction_introspect._concurrency.loops import finish
from junction_introspect._http.deadlines import cut

# Bytes that httpcore reads of a body at a time. asyncio has received up to four times as many, and
# what is not taken would wait for another turn of its loop.
_READ: Final = 64 * 1024
_SYNC: Final = httpcore.SyncBackend()
# AnyIOBackend works on trio too. The cast is for type checkers, which see httpcore's substitute for
# an environment without anyio.
_ASYNC: Final = cast("httpcore.AsyncNetworkBackend", httpcore.AnyIOBackend())


class _BaseStream:
    """An open socket. A child process that inherits it must not use it.

    Args:
        stream: The stream of httpcore's own backend.
        network: The network, whose newest stream this becomes.
    """

    def __init__(self, stream: Any, network: Any) -> None:
        self._stream, self._network = stream, network
        self._process = os.getpid()
        network.stream = self

    @property
    def _is_ours(self) -> bool:
        return self._process == os.getpid()

    def _check(self, error: type[httpcore.NetworkError]) -> None:
        if not self._is_ours:
            raise error("the connection belongs to a parent process")

    def get_extra_info(self, info: str) -> Any:
        """Return what httpcore knows of the socket."""
        return self._stream.get_extra_info(info)


class _BaseNetwork:
    """Opens the sockets of one connection, and remembers the newest.

    Args:
        local_address: The address to connect from.

    Attributes:
        stream: The newest stream, which contains those below it.
    """

    def __init__(self, local_address: str | None = None) -> None:
        self._local_address = local_address
        self.stream: Any = None

    def has_unread(self) -> bool:
        """Whether TLS has taken bytes from the socket that a look at the socket no longer shows.

        That is possible only for an `ssl.SSLObject`, which reads from memory; an `ssl.SSLSocket`
        takes one record at a time.
        """
        encrypted = None if self.stream is None else self.stream.get_extra_info("ssl_object")
        if not isinstance(encrypted, ssl.SSLObject):
            return False
        try:
            encrypted.read(1)
        except ssl.SSLWantReadError:
            return False
        except ssl.SSLError:  # the session has ended
            return True
        return True


class Stream(_BaseStream, httpcore.NetworkStream):
    """An open socket of the sync client."""

    _stream: httpcore.NetworkStream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read available bytes, within the deadline."""
        self._check(httpcore.ReadError)
        return self._stream.read(max_bytes, cut(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write, within the deadline."""
        self._check(httpcore.WriteError)
        self._stream.write(buffer, cut(timeout, httpcore.WriteTimeout))

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Return an encrypted stream over this one. If that fails, this one is closed."""
        try:
            timeout = cut(timeout, httpcore.ConnectTimeout)
            encrypted = self._stream.start_tls(ssl_context, server_hostname, timeout)
        except BaseException:
            self.close()
            raise
        return Stream(encrypted, self._network)

    def close(self) -> None:
        """Close the socket, unless it is a parent process's."""
        if not self._is_ours:
            return
        connected = self._stream.get_extra_info("socket")
        if connected is not None:
            # Wakes a thread that is reading from the socket, such as one that fetches ahead. The
            # `shutdown` of a TLS socket would dismantle the session while that thread uses it.
            with suppress(OSError):
                socket.socket.shutdown(connected, socket.SHUT_RDWR)
        self._stream.close()


class Network(_BaseNetwork, httpcore.NetworkBackend):
    """Opens the sockets of one connection of the sync client."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 - httpcore omits it for proxies
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect, within the deadline."""
        timeout = cut(timeout, httpcore.ConnectTimeout)
        return Stream(
            _SYNC.connect_tcp(host, port, timeout, self._local_address, socket_options), self
        )

    def close(self) -> None:
        """Close the newest stream, and with it those below."""
        if self.stream is not None:
            self.stream.close()


class AsyncStream(_BaseStream, httpcore.AsyncNetworkStream):
    """As `Stream`, for the async client."""

    _stream: httpcore.AsyncNetworkStream

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - as httpcore has it
        """Read available bytes."""
        self._check(httpcore.ReadError)
        return await self._stream.read(max_bytes if max_bytes < _READ else 4 * _READ, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - as httpcore has it
        """Write."""
        self._check(httpcore.WriteError)
        await self._stream.write(buffer, timeout)

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - as httpcore has it
    ) -> httpcore.AsyncNetworkStream:
        """As `Stream.start_tls`, awaited."""
        try:
            encrypted = await self._stream.start_tls(ssl_context, server_hostname, timeout)
        except BaseException:
            await finish(self.aclose())
            raise
        return AsyncStream(encrypted, self._network)

    async def aclose(self) -> None:
        """Close the socket, unless it is a parent process's."""
        if self._is_ours:
            await self._stream.aclose()


class AsyncNetwork(_BaseNetwork, httpcore.AsyncNetworkBackend):
    """As `Network`, on asyncio and trio."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - as httpcore has it
        local_address: str | None = None,  # noqa: ARG002 - as in `Network.connect_tcp`
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """As `Network.connect_tcp`, awaited."""
        return AsyncStream(
            await _ASYNC.connect_tcp(host, port, timeout, self._local_address, socket_options),
            self,
        )

    async def sleep(self, seconds: float) -> None:
        """Wait between two attempts to connect."""
        await _ASYNC.sleep(seconds)

    async def aclose(self) -> None:
        """Close the newest stream, and with it those below."""
        if self.stream is not None:
            await self.stream.aclose()
