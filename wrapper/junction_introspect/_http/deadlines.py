"""Cuts every network operation of the sync client to what is left of a page's deadline.

A timeout of httpx limits one read, so a server that drips a byte at a time is never late: a body
can be watched between chunks, headers cannot. What reads them is reached here, below the connection
pool, by names that are private in httpx and pinned by a test. The async client needs none of this:
its event loop cancels.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any

import httpcore
import httpx

_remaining: ContextVar[Callable[[], float] | None] = ContextVar("remaining", default=None)


@contextmanager
def within(remaining: Callable[[], float]) -> Generator[None, None, None]:
    """Cut the operations of this thread, in a ``with`` block, to what `remaining` returns then."""
    token = _remaining.set(remaining)
    try:
        yield
    finally:
        _remaining.reset(token)


def install(client: httpx.Client) -> None:
    """Have the connections that a client will open obey `within`, those through proxies as well."""
    inner: Any = client
    for transport in (inner._transport, *inner._mounts.values()):  # noqa: SLF001 - see above
        if isinstance(transport, httpx.HTTPTransport):
            pool: Any = transport._pool  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
            pool._network_backend = _Backend(pool._network_backend)  # noqa: SLF001 - see above


def _cut(timeout: float | None, late: type[httpcore.TimeoutException]) -> float | None:
    remaining = _remaining.get()
    if remaining is None:
        return timeout
    left = remaining()
    # However little time it were given: from a server that never pauses, a read is never late.
    if left <= 0:
        raise late("the page's deadline has passed")
    return left if timeout is None else min(timeout, left)


class _Backend(httpcore.NetworkBackend):
    def __init__(self, backend: httpcore.NetworkBackend) -> None:
        self._backend = backend

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        timeout = _cut(timeout, httpcore.ConnectTimeout)
        return _Stream(
            self._backend.connect_tcp(host, port, timeout, local_address, socket_options)
        )

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        timeout = _cut(timeout, httpcore.ConnectTimeout)
        return _Stream(self._backend.connect_unix_socket(path, timeout, socket_options))


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _cut(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _cut(timeout, httpcore.WriteTimeout))

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        timeout = _cut(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, timeout))

    def close(self) -> None:
        connected = self._stream.get_extra_info("socket")
        if connected is not None:
            # Or a thread that reads from it, as one does that fetches ahead, would wait on. Not
            # TLS's own, which takes apart what that thread is using.
            with suppress(OSError):
                socket.socket.shutdown(connected, socket.SHUT_RDWR)
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
