"""The names that are private in httpx and httpcore, all of them that this package reaches.

Each has one function, and all are checked before a transport is made: a version without one is
refused with a sentence, and does not misbehave later.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import httpcore
import httpx

from junction_introspect.errors import ConfigurationError

_ORIGIN: Final = httpcore.Origin(b"http", b"localhost", 80)


def use_pool(transport: httpx.HTTPTransport | httpx.AsyncHTTPTransport, pool: object) -> None:
    """Have a transport of httpx send its requests to a pool.

    httpx has no parameter for it. A transport of ours could do without if it were not httpx's own
    kind; but that is where instrumentation looks for requests.
    """
    inner: Any = transport
    inner._pool = pool  # noqa: SLF001 - see above


def has_surplus(connection: object) -> bool:
    """Whether a connection has read more than the response.

    httpcore neither says so nor closes the connection.
    """
    # Connections through proxies hold one that holds another.
    while (inner := getattr(connection, "_connection", None)) is not None:
        connection = inner
    protocol = getattr(connection, "_h11_state", None)
    return protocol is not None and bool(protocol.trailing_data[0])


@cache
def check() -> None:
    """Check that httpx and httpcore have the names that are reached here.

    Raises:
        ConfigurationError: One is gone.
    """
    speaking: Any = httpcore.HTTP11Connection(_ORIGIN, httpcore.MockStream([]))
    speaking_async: Any = httpcore.AsyncHTTP11Connection(_ORIGIN, httpcore.AsyncMockStream([]))
    names: list[tuple[dict[str, Any], str]] = [
        (vars(httpx.HTTPTransport(verify=False)), "_pool"),
        (vars(httpx.AsyncHTTPTransport(verify=False)), "_pool"),
        (vars(httpcore.HTTPConnection(_ORIGIN)), "_connection"),
        (vars(httpcore.AsyncHTTPConnection(_ORIGIN)), "_connection"),
        (vars(speaking), "_h11_state"),
        (vars(speaking_async), "_h11_state"),
    ]
    gone = sorted({name for held, name in names if name not in held})
    if gone:
        raise ConfigurationError(
            f"junction-introspect cannot use httpx {httpx.__version__} with httpcore"
            f" {httpcore.__version__}: they have no {', '.join(gone)} any more;"
            " install versions that junction-introspect's metadata names"
        )
