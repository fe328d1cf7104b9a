"""What is expected of a client whatever goes wrong."""

from __future__ import annotations

import pickle
import traceback
from typing import TYPE_CHECKING, Any

import pytest

from junction_introspect import APIError
from junction_introspect._http.pool import AsyncPool
from tests.faults.behaviours import good
from tests.faults.misbehaving import in_turn
from tests.support.drivers import KEY
from tests.support.payloads import user_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from junction_introspect._http.pooling import Connections
    from tests.faults.misbehaving import Behaviour

ATTEMPTS = 3
# Seconds of a deadline that shall pass while the server is answering. On a busy machine it may have
# passed before the server was asked; then the next is tried.
PATIENCE = (0.1, 0.5, 2.0, 10.0, 60.0)
CURSOR = "cursor-5f1e"
PRIVATE = (KEY, CURSOR, str(user_id(1)))


def each(faults: Iterable[Behaviour]) -> pytest.MarkDecorator:
    """Return the mark that gives a test every one of the faults, by name."""
    return pytest.mark.parametrize("fault", faults, ids=lambda fault: fault.name)


def users(junction: Any, **query: Any) -> list[int]:
    """Return the numbers of everybody who is listed."""
    return [user.user_id.int & 0xFFFF for user in junction.historical_pulls(**query)]


def failure_of(junction: Any) -> APIError:
    """Return what the page at `CURSOR` fails with."""
    with pytest.raises(APIError) as caught:
        next(junction.historical_pulls(cursor=CURSOR))
    return caught.value


def overdue(
    connect: Callable[..., Any], open_server: Callable[[], Any], **options: Any
) -> tuple[APIError, Any, Any]:
    """Let a page's deadline pass while a server is answering.

    Args:
        connect: Opens a client.
        open_server: Opens a server, or a proxy, that takes longer than anybody waits.
        options: The client's; by default it asks the server.

    Returns:
        What the page at `CURSOR` fails with, the client and the server.
    """
    for seconds in PATIENCE:
        server = open_server()
        junction = connect(None, **{"base_url": server.url, "deadline": seconds, **options})
        error = failure_of(junction)
        if server.requests:
            return error, junction, server
    raise AssertionError("the server was never asked")


def frames_of(error: BaseException) -> str:
    """Render a traceback with its locals, as a crash reporter would; the tests' own are left out.

    Those hold the server, and thereby what it was sent.
    """
    rendered = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "\n".join(
        f"{frame.filename}:{frame.lineno} {frame.locals}"
        for frame in rendered.stack
        if "/tests/" not in frame.filename
    )


def assert_clean(error: APIError, *secrets: str) -> None:
    """Assert that an error carries its cursor, and nothing that is secret or personal in words.

    An exception of httpx, as a cause or context, would bring the request along, and with it the
    credential.
    """
    assert error.cursor == CURSOR
    assert error.__cause__ is None
    assert error.__context__ is None
    assert "\n" not in str(error)
    for secret in (*PRIVATE, *secrets):
        assert secret not in str(error)
        assert secret not in repr(error)
    for secret in (KEY, *secrets):
        assert secret not in frames_of(error)
        assert secret.encode() not in pickle.dumps(error)


def connections_of(junction: Any) -> Connections[Any, Any]:
    """Return the connections that the client has in its process and its event loop."""
    pool = junction._http._transport._pool
    if isinstance(pool, AsyncPool):
        return next(iter(pool._per_loop.values()))
    return pool.connections


def assert_usable(junction: Any, server: Any) -> None:
    """Assert that a client that has seen a fault goes on as if it had not."""
    server.script = in_turn(good)
    assert users(junction.with_options(deadline=300.0)) == [1]
    connections = connections_of(junction)
    assert (connections.idle, connections.taken, connections.waiting) == (1, 0, 0)
