"""Assigns connections to requests, and queues requests that have to wait. No I/O.

A pool does the connecting and closing. This is for HTTP/1.1, where a connection serves one request
at a time. The work per request hardly grows with the number of connections.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import httpcore
from attrs import define, field

from junction_introspect._http.private import has_surplus

if TYPE_CHECKING:
    from junction_introspect._http.network import AsyncNetwork, Network

Below = TypeVar("Below", bound="Network | AsyncNetwork")


@define(eq=False)
class Connection(Generic[Below]):
    """A connection of httpcore and the network below it.

    Attributes:
        http: httpcore's connection, sync or async: speaks HTTP; connects for its first request.
        network: Has the socket that has to be closed.
    """

    http: Any
    network: Below

    @property
    def is_reusable(self) -> bool:
        """Whether it has delivered its response and no bytes beyond it.

        Bytes beyond a response would be read as the response to the next request.
        """
        return bool(
            self.http.is_idle()
            and not self.http.is_closed()  # a connection that failed to connect is both
            and not has_surplus(self.http)
            and not self.network.has_unread()
        )


@define(eq=False)
class Waiter(Generic[Below]):
    """A request that waits for a connection.

    Attributes:
        origin: The origin to connect to.
        event: An event of threads or of an event loop. Set when a connection has been assigned.
        connection: The assigned connection.
    """

    origin: httpcore.Origin
    event: Any
    connection: Connection[Below] | None = None


@define(eq=False)
class Connections(Generic[Below]):
    """The connections of a pool, each of them idle or taken by one request.

    Attributes:
        connect: Returns a new connection that has not connected yet.
        most: The maximum number of connections; None is no limit.
        most_idle: The maximum number of idle connections; None is no limit.
        closing: Connections that were given up. The pool takes them out and closes them.
        closed: Whether a connection is given up instead of kept when its request is done.
    """

    connect: Callable[[httpcore.Origin], Connection[Below]]
    most: int | None = None
    most_idle: int | None = None
    closing: list[Connection[Below]] = field(factory=list[Any], init=False)
    closed: bool = field(default=False, init=False)
    _all: set[Connection[Below]] = field(factory=set[Any], init=False)
    # In the order in which they became idle: a dict is an ordered set.
    _idle: dict[Connection[Below], None] = field(factory=dict[Any, None], init=False)
    _waiting: deque[Waiter[Below]] = field(factory=deque[Any], init=False)

    @property
    def taken(self) -> int:
        """How many connections are serving a request."""
        return len(self._all) - len(self._idle)

    @property
    def idle(self) -> int:
        """How many connections are idle."""
        return len(self._idle)

    @property
    def waiting(self) -> int:
        """How many requests wait for a connection."""
        return len(self._waiting)

    def take(self, origin: httpcore.Origin) -> Connection[Below] | None:
        """Return an idle or a new connection, or None if the maximum is reached."""
        # Checking every idle socket would be most of the work. The one that has been idle longest
        # expires first, so checking that one at each call finds all of them in time.
        oldest = next(iter(self._idle), None)
        if oldest is not None and oldest.http.has_expired():
            self._give_up(oldest)
        for connection in reversed(list(self._idle)):
            if connection.http.can_handle_request(origin):
                if not connection.http.has_expired():
                    del self._idle[connection]
                    return connection
                self._give_up(connection)
        if self.most is not None and len(self._all) >= self.most:
            oldest = next(iter(self._idle), None)  # any idle one left is to another origin
            if oldest is None:
                return None
            self._give_up(oldest)
        connection = self.connect(origin)
        self._all.add(connection)
        return connection

    def wait(self, origin: httpcore.Origin, event: Any) -> Waiter[Below]:
        """Queue for a connection."""
        waiter: Waiter[Below] = Waiter(origin, event)
        self._waiting.append(waiter)
        return waiter

    def leave(self, waiter: Waiter[Below]) -> None:
        """Stop waiting; give back a connection that was assigned meanwhile."""
        if waiter.connection is not None:
            self.give_back(waiter.connection)
        else:
            self._waiting.remove(waiter)

    def give_back(self, connection: Connection[Below], *, failed: bool = False) -> None:
        """Keep a connection for the next request if it is reusable, and serve waiting requests.

        A connection that this pool does not have is ignored: the pool was closed, or the connection
        belongs to a parent process. One whose request failed is not kept, whatever its state:
        Ctrl-C may have left a lock of httpcore held, for which the next request would wait forever.
        """
        if connection not in self._all:
            return
        if self.closed or failed or not connection.is_reusable:
            self._give_up(connection)
        else:
            self._idle[connection] = None
            if self.most_idle is not None and len(self._idle) > self.most_idle:
                self._give_up(next(iter(self._idle)))
        self._serve()

    def close(self) -> None:
        """Give up every connection, taken ones too."""
        self.closed = True
        self.closing += self._all
        self._all.clear()
        self._idle.clear()
        self._serve()

    def to_close(self) -> list[Connection[Below]]:
        """Take out and return the connections that were given up."""
        closing, self.closing = self.closing, []
        return closing

    def _give_up(self, connection: Connection[Below]) -> None:
        self._all.discard(connection)
        self._idle.pop(connection, None)
        self.closing.append(connection)

    def _serve(self) -> None:
        while self._waiting:
            connection = self.take(self._waiting[0].origin)
            if connection is None:
                return
            waiter = self._waiting.popleft()
            waiter.connection = connection
            waiter.event.set()
