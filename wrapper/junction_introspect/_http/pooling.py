"""Gives each request a connection of its own, in a time that hardly grows with their number.

httpcore 1.0 assigns an idle connection to everybody who waits at that moment, of whom all but one
begin again; looks at every connection for each that is idle; closes what it has just assigned
(https://github.com/encode/httpcore/issues/1110), upon which a thread hangs until its read times
out; and takes the limit to idle connections for one to all
(https://github.com/encode/httpcore/pull/1035). 64 walks at a time spend half their time there.

Each process has connections of its own: a child that a fork makes inherits those of its parent, and
two processes that read from one socket would be handed each other's answers.

Right for HTTP/1.1, where a connection has one request at a time. Reached by names that are private
in httpx and httpcore, and pinned by a test.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any
from weakref import WeakSet

import httpx

_pools: WeakSet[Any] = WeakSet()
# The inherited connections are kept and never closed: that would end the parent's TLS session.
_inherited: list[Any] = []


def install(client: httpx.Client | httpx.AsyncClient) -> None:
    """Have the pools of a client assign connections so, those of proxies as well."""
    inner: Any = client
    for transport in (inner._transport, *inner._mounts.values()):  # noqa: SLF001 - see above
        if isinstance(transport, httpx.HTTPTransport | httpx.AsyncHTTPTransport):
            inner = transport
            pool = inner._pool  # noqa: SLF001
            pool._assign_requests_to_connections = _assigning(pool)  # noqa: SLF001
            _pools.add(pool)


def _leave_inherited_connections() -> None:
    """Give every pool, in a new child process, no connections, no requests and a lock of its own.

    Another thread of the parent may have held the lock, and will never release it here.
    """
    for pool in list(_pools):
        _inherited.append((pool._connections, pool._requests))  # noqa: SLF001
        pool._connections, pool._requests = [], []  # noqa: SLF001
        pool._optional_thread_lock = type(pool._optional_thread_lock)()  # noqa: SLF001


if hasattr(os, "register_at_fork"):  # Windows has no forks
    os.register_at_fork(after_in_child=_leave_inherited_connections)


def _assigning(pool: Any) -> Callable[[], list[Any]]:
    def assign() -> list[Any]:
        """Assign connections to those who wait; return the ones to be closed."""
        free = _Free(pool)
        free.clear_out()
        for request in pool._requests:  # noqa: SLF001
            if request.is_queued():
                connection = free.connection_to(request.request.url.origin)
                if connection is None:
                    break
                request.assign_to_connection(connection)
        return free.closing

    return assign


class _Free:
    """The connections of a pool that are nobody's, and what becomes of them."""

    def __init__(self, pool: Any) -> None:
        given = {id(request.connection) for request in pool._requests}  # noqa: SLF001
        self._pool = pool
        self._all = [each for each in pool._connections if not each.is_closed()]  # noqa: SLF001
        self._idle = [each for each in self._all if each.is_idle() and id(each) not in given]
        self.closing: list[Any] = []
        pool._connections = self._all  # noqa: SLF001

    def clear_out(self) -> None:
        """Give up those that are too many or have expired.

        A look at the socket of each would be most of the work. One at a time finds them all; and
        those that are about to be used are looked at as well.
        """
        kept: int = self._pool._max_keepalive_connections  # noqa: SLF001
        while self._idle and (len(self._idle) > kept or self._idle[0].has_expired()):
            self._give_up(self._idle[0])

    def connection_to(self, origin: Any) -> Any | None:
        """Return a connection that is free or new, or None when there can be no more."""
        for connection in reversed(self._idle.copy()):
            if not connection.can_handle_request(origin):
                continue
            if not connection.has_expired():
                self._idle.remove(connection)
                return connection
            self._give_up(connection)
        if len(self._all) >= self._pool._max_connections:  # noqa: SLF001
            if not self._idle:
                return None
            self._give_up(self._idle[0])
        connection = self._pool.create_connection(origin)
        self._all.append(connection)
        return connection

    def _give_up(self, connection: Any) -> None:
        self._idle.remove(connection)
        self._all.remove(connection)
        self.closing.append(connection)
