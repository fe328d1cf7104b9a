"""Has connections closed where httpcore would keep them, in three cases that end badly.

- A tunnel through a proxy in which the TLS handshake fails stays in the pool as active, so that a
  hundred failures leave no connection to be had (https://github.com/encode/httpcore/pull/1049).
- A handshake that is cancelled, as by a deadline, leaves its socket behind in the async client.
- What a server sends beyond a response would be taken for the answer to the next request.

Reached by names that are private in httpx and httpcore, and pinned by a test.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import httpcore
import httpx


def install(client: httpx.Client | httpx.AsyncClient) -> None:
    """Guard the connections that a client will open, those through proxies as well."""
    inner: Any = client
    for transport in (inner._transport, *inner._mounts.values()):  # noqa: SLF001 - see above
        inner = transport
        if isinstance(transport, httpx.HTTPTransport):
            pool = inner._pool  # noqa: SLF001
            pool.create_connection = _guarded(pool.create_connection)
        elif isinstance(transport, httpx.AsyncHTTPTransport):
            pool = inner._pool  # noqa: SLF001
            pool.create_connection = _guarded_async(pool.create_connection)
            backend = pool._network_backend  # noqa: SLF001
            backend.connect_tcp = _closing_on_cancel(backend.connect_tcp)


def _guarded(create: Callable[[httpcore.Origin], Any]) -> Callable[[httpcore.Origin], Any]:
    def create_connection(origin: httpcore.Origin) -> Any:
        connection = create(origin)
        send = connection.handle_request

        def handle_request(request: httpcore.Request) -> httpcore.Response:
            if _has_surplus(connection):
                connection.close()
                raise httpcore.ConnectionNotAvailable
            try:
                response: httpcore.Response = send(request)
            except httpcore.ConnectionNotAvailable:
                raise  # it is another's, and the pool looks for one that is not
            except BaseException:
                connection.close()
                raise
            return response

        connection.handle_request = handle_request
        return connection

    return create_connection


def _guarded_async(create: Callable[[httpcore.Origin], Any]) -> Callable[[httpcore.Origin], Any]:
    def create_connection(origin: httpcore.Origin) -> Any:
        connection = create(origin)
        send = connection.handle_async_request

        async def handle_async_request(request: httpcore.Request) -> httpcore.Response:
            if _has_surplus(connection):
                await connection.aclose()
                raise httpcore.ConnectionNotAvailable
            try:
                response: httpcore.Response = await send(request)
            except httpcore.ConnectionNotAvailable:
                raise
            except BaseException:
                with anyio.CancelScope(shield=True):
                    await connection.aclose()
                raise
            return response

        connection.handle_async_request = handle_async_request
        return connection

    return create_connection


def _has_surplus(connection: Any) -> bool:
    # Connections through proxies hold one that holds another.
    while (inner := getattr(connection, "_connection", None)) is not None:
        connection = inner
    protocol = getattr(connection, "_h11_state", None)
    return protocol is not None and connection.is_idle() and bool(protocol.trailing_data[0])


def _closing_on_cancel(connect: Callable[..., Any]) -> Callable[..., Any]:
    async def connect_tcp(*args: Any, **kwargs: Any) -> Any:
        stream = await connect(*args, **kwargs)
        start = stream.start_tls

        async def start_tls(*args: Any, **kwargs: Any) -> httpcore.AsyncNetworkStream:
            try:
                encrypted: httpcore.AsyncNetworkStream = await start(*args, **kwargs)
            except BaseException:
                with anyio.CancelScope(shield=True):
                    await stream.aclose()
                raise
            return encrypted

        stream.start_tls = start_tls
        return stream

    return connect_tcp
