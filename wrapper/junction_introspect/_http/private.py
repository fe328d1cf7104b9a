"""All private names of httpx and httpcore that this package uses.

Each name is used in one function. All are checked before a transport is made, so that a version
without one of them is refused with a clear error and does not misbehave later.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import httpcore
import httpx

from junction_introspect.errors import ConfigurationError

_ORIGIN: Final = httpcore.Origin(b"http", b"localhost", 80)


def use_pool(transport: httpx.HTTPTransport | httpx.AsyncHTTPTransport, pool: object) -> None:
    """Make an httpx transport send its requests to a pool.

    httpx has no parameter for this. A transport that does not derive from httpx's would not need
    it, but instrumentation patches httpx's transport classes.
    """
    inner: Any = transport
    inner._pool = pool  # noqa: SLF001 - see above


def has_surplus(connection: object) -> bool:
    """Whether a connection has read bytes beyond its response.

    httpcore does not report that, and does not close the connection.
    """
    # A connection through a proxy contains another connection, which may contain a third.
    while (inner := getattr(connection, "_connection", None)) is not None:
        connection = inner
    protocol = getattr(connection, "_h11_state", None)
    return protocol is not None and bool(protocol.trailing_data[0])


@cache
def check() -> None:
    """Check that httpx and httpcore have the private names that this module uses.

    Raises:
        ConfigurationError: A name is missing.
    """
    stream, async_stream = httpcore.MockStream([]), httpcore.AsyncMockStream([])
    owners: dict[str, list[Any]] = {
        "_pool": [httpx.HTTPTransport(verify=False), httpx.AsyncHTTPTransport(verify=False)],
        "_connection": [httpcore.HTTPConnection(_ORIGIN), httpcore.AsyncHTTPConnection(_ORIGIN)],
        "_h11_state": [
            httpcore.HTTP11Connection(_ORIGIN, stream),
            httpcore.AsyncHTTP11Connection(_ORIGIN, async_stream),
        ],
    }
    gone = sorted(name for name in owners if any(name not in vars(one) for one in owners[name]))
    if gone:
        raise ConfigurationError(
            f"junction-introspect cannot use httpx {httpx.__version__} with httpcore"
            f" {httpcore.__version__}: they no longer have {', '.join(gone)};"
            " install versions within the ranges of junction-introspect's metadata"
        )
