"""`Transport` and `AsyncTransport`: everything that the clients do below httpx.

Deadlines cut every operation. Each process and event loop has its own connections. A connection is
given back after every failure or cancellation, and is not reused if it has bytes beyond its
response. httpx converts requests, responses and errors; httpcore speaks HTTP.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, TypeAlias

import httpcore
import httpx

from junction_introspect._http import private
from junction_introspect._http.network import AsyncNetwork, Network
from junction_introspect._http.pool import AsyncPool, Pool
from junction_introspect._http.pooling import Connection, Connections
from junction_introspect._http.proxies import check_host
from junction_introspect.errors import ConfigurationError

Cert: TypeAlias = str | tuple[str, str] | tuple[str, str, str]

# A walk sends one request at a time, and the next one soon after. So as many connections are kept
# as may be open. With httpx's default of 20, some of 64 walks would reconnect for every page.
LIMITS: Final = httpx.Limits(
    max_connections=100, max_keepalive_connections=100, keepalive_expiry=5.0
)


def renewing(
    network: Callable[[], Any],
    pool: Callable[..., Any],
    options: dict[str, Any],
    context: Callable[[], ssl.SSLContext],
    limits: httpx.Limits,
) -> Callable[[], Connections[Any]]:
    """Return a function that returns the `Connections` of a pool, without any connection yet.

    Args:
        network: Returns the network below a new connection.
        pool: The kind of httpcore pool that makes a connection. It does not keep any itself.
        options: The pool's arguments.
        context: Returns the TLS context.
        limits: How many connections there may be.
    """

    def connect(origin: httpcore.Origin) -> Connection[Any]:
        below = network()
        encrypted = context() if origin.scheme == b"https" else None
        maker = pool(network_backend=below, ssl_context=encrypted, **options)
        return Connection(maker.create_connection(origin), below)

    return lambda: Connections(connect, limits.max_connections, limits.max_keepalive_connections)


def tls(*, verify: ssl.SSLContext | str | bool, cert: Cert | None) -> Callable[[], ssl.SSLContext]:
    """Return a function that returns the TLS context of a transport.

    The default certificates take 20 ms to read, so this waits for a connection that needs them.
    What a caller names is read at once.

    Raises:
        OSError: A certificate that the caller named cannot be read.
    """
    if verify is True and cert is None:
        return cache(_default_context)
    context = ssl_context(verify=verify, cert=cert)
    return lambda: context


def _default_context() -> ssl.SSLContext:
    try:
        return ssl_context(verify=True, cert=None)
    except OSError:
        raise ConfigurationError("the default certificates cannot be read") from None


def ssl_context(*, verify: ssl.SSLContext | str | bool, cert: Cert | None) -> ssl.SSLContext:
    """Return the TLS context of a transport. See `Transport` for the arguments."""
    if isinstance(verify, str):
        path = Path(verify)
        context = ssl.create_default_context(
            cafile=None if path.is_dir() else verify, capath=verify if path.is_dir() else None
        )
    else:
        context = httpx.create_ssl_context(verify=verify, trust_env=False)
    if cert is not None:
        context.load_cert_chain(*([cert] if isinstance(cert, str) else cert))
    return context


def route(
    proxy: httpx.Proxy | httpx.URL | str | None,
    limits: httpx.Limits,
    retries: int,
) -> tuple[str, dict[str, Any]]:
    """Return the name of httpcore's pool for a proxy or for none, and the pool's arguments.

    The async pool has the same name, after ``Async``.

    Raises:
        ValueError: The proxy's address cannot be used.
        ImportError: The proxy needs a package that is not installed.
    """
    options: dict[str, Any] = {"keepalive_expiry": limits.keepalive_expiry}
    if proxy is None:
        return "ConnectionPool", {**options, "retries": retries}
    if not isinstance(proxy, httpx.Proxy):
        try:
            proxy = httpx.Proxy(proxy)
        except httpx.InvalidURL:  # its text quotes the address, which may have a password
            raise ValueError("the proxy's address is not a URL") from None
    check_host(proxy.url)
    options |= {
        "proxy_url": httpcore.URL(
            scheme=proxy.url.raw_scheme,
            host=proxy.url.raw_host,
            port=proxy.url.port,
            target=proxy.url.raw_path,
        ),
        "proxy_auth": proxy.raw_auth,
    }
    if proxy.url.scheme.startswith("socks"):
        if find_spec("socksio") is None:
            raise ImportError("a SOCKS proxy needs another package: pip install 'httpx[socks]'")
        return "SOCKSProxy", options
    headers, encrypted = proxy.headers.raw, proxy.ssl_context
    return "HTTPProxy", {**options, "proxy_headers": headers, "proxy_ssl_context": encrypted}


def _no_context() -> ssl.SSLContext:
    """Return a context for the pool of httpx that ours replaces: it trusts no certificate."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class Transport(httpx.HTTPTransport):
    """An httpx transport that keeps what `Junction` promises about deadlines, forks, connections.

    A client without a ``transport=`` makes one by itself. Make one yourself to control how to
    connect, and pass it as ``transport=``. It reads no environment variables, so it uses a proxy
    and your own certificates only if they are given here. It speaks HTTP/1.1.

    Args:
        verify: Whether to verify certificates; or an `ssl.SSLContext`; or the path of a file or
            directory of certificate authorities.
        cert: The client's certificate: the path of a file, or a tuple with the path of its key and
            the key's password as needed.
        proxy: The address of a proxy, or an `httpx.Proxy`. The scheme is ``http`` or ``https``, or
            with the package ``httpx[socks]`` ``socks5`` or ``socks5h``.
        local_address: The address to connect from.
        limits: How many connections may be open, and how long an idle one is kept: by default 100
            connections and 5 seconds.
        retries: How often to retry connecting, without a proxy only. A client retries pages by
            itself.

    Raises:
        ValueError: The proxy's address cannot be used.
        ImportError: The proxy needs ``httpx[socks]``.
        OSError: A certificate cannot be read.
        ConfigurationError: The installed versions of httpx and httpcore cannot be used.
    """

    __module__ = "junction_introspect"

    def __init__(
        self,
        *,
        verify: ssl.SSLContext | str | bool = True,
        cert: Cert | None = None,
        proxy: httpx.Proxy | httpx.URL | str | None = None,
        local_address: str | None = None,
        limits: httpx.Limits = LIMITS,
        retries: int = 0,
    ) -> None:
        private.check()
        context = tls(verify=verify, cert=cert)
        super().__init__(verify=_no_context())
        name, options = route(proxy, limits, retries)
        pool, network = getattr(httpcore, name), partial(Network, local_address)
        private.use_pool(self, Pool(renewing(network, pool, options, context, limits)))


class AsyncTransport(httpx.AsyncHTTPTransport):
    """As `Transport`, for `AsyncJunction` on asyncio and trio. Works in several event loops."""

    __module__ = "junction_introspect"

    def __init__(
        self,
        *,
        verify: ssl.SSLContext | str | bool = True,
        cert: Cert | None = None,
        proxy: httpx.Proxy | httpx.URL | str | None = None,
        local_address: str | None = None,
        limits: httpx.Limits = LIMITS,
        retries: int = 0,
    ) -> None:
        private.check()
        context = tls(verify=verify, cert=cert)
        super().__init__(verify=_no_context())
        name, options = route(proxy, limits, retries)
        pool, network = getattr(httpcore, f"Async{name}"), partial(AsyncNetwork, local_address)
        private.use_pool(self, AsyncPool(renewing(network, pool, options, context, limits)))
