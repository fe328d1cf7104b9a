"""Both clients under one face, so that a promise is written once and kept by each."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from anyio.from_thread import start_blocking_portal

from junction_introspect import AsyncJunction, AsyncTransport, Junction, Transport, tracking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import ExitStack

    from anyio.from_thread import BlockingPortal

DRIVERS = ("sync", "asyncio", "trio")
# The same, fetching ahead.
AHEAD = tuple(f"{driver}-ahead" for driver in DRIVERS)
# For tests whose promises hold either way.
BOTH_WAYS = pytest.mark.parametrize("connect", [*DRIVERS, *AHEAD], indirect=True)
KEY = "sk_us_0123456789"


class Driven:
    """An async iterator of a listing, iterated from outside its event loop."""

    def __init__(self, view: Any, portal: BlockingPortal) -> None:
        self._view = view
        self._portal = portal

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        try:
            return self._portal.call(self._view.__anext__)
        except StopAsyncIteration:
            raise StopIteration from None

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._view, name)
        is_view = name in {"pages", "rows", "to_arrow"} and callable(found)
        return (lambda: Driven(found(), self._portal)) if is_view else found


class DrivenClient:
    """An `AsyncJunction` that lists as a `Junction` does."""

    def __init__(self, client: AsyncJunction, portal: BlockingPortal, prefetch: int) -> None:
        self._client = client
        self._portal = portal
        self._prefetch = prefetch

    def historical_pulls(self, **arguments: Any) -> Driven:
        """List, to be iterated without ``await``."""
        arguments = {"prefetch": self._prefetch, **arguments}
        return Driven(self._client.historical_pulls(**arguments), self._portal)

    def resources(self, **arguments: Any) -> Driven:
        """As `historical_pulls`."""
        arguments = {"prefetch": self._prefetch, **arguments}
        return Driven(self._client.resources(**arguments), self._portal)

    def connections(self, *given: Any, **arguments: Any) -> Any:
        """List connections, without ``await``."""
        return self._portal.call(partial(self._client.connections, *given, **arguments))

    def listing(self, *given: Any, **arguments: Any) -> Driven:
        """List with any operation, to be iterated without ``await``."""
        arguments = {"prefetch": self._prefetch, **arguments}
        return Driven(self._client.listing(*given, **arguments), self._portal)

    def with_options(self, **options: Any) -> DrivenClient:
        """Return another that shares the connections."""
        return DrivenClient(self._client.with_options(**options), self._portal, self._prefetch)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)


def follow(client: Any, **arguments: Any) -> Any:
    """As `tracking.follow`, with either client."""
    if isinstance(client, DrivenClient):
        return Driven(tracking.follow_async(client._client, **arguments), client._portal)
    return tracking.follow(client, **arguments)


def wait_until_settled(client: Any, **arguments: Any) -> Any:
    """As `tracking.wait_until_settled`, with either client."""
    if isinstance(client, DrivenClient):
        waiting = partial(tracking.wait_until_settled_async, client._client, **arguments)
        return client._portal.call(waiting)
    return tracking.wait_until_settled(client, **arguments)


class PrefetchingJunction(Junction):
    """A `Junction` that fetches ahead unless it is told otherwise."""

    def historical_pulls(self, *, prefetch: int = 1, **arguments: Any) -> Any:
        """List."""
        return super().historical_pulls(prefetch=prefetch, **arguments)

    def resources(self, *, prefetch: int = 1, **arguments: Any) -> Any:
        """As `historical_pulls`."""
        return super().resources(prefetch=prefetch, **arguments)

    def listing(self, *given: Any, prefetch: int = 1, **arguments: Any) -> Any:
        """List with any operation."""
        return super().listing(*given, prefetch=prefetch, **arguments)


def open_client(
    driver: str,
    stack: ExitStack,
    handler: Callable[[httpx.Request], httpx.Response] | None = None,
    connecting: dict[str, Any] | None = None,
    **options: Any,
) -> Any:
    """Return a client that is closed with the stack.

    Args:
        driver: One of `DRIVERS` or of `AHEAD`.
        stack: What closes it.
        handler: Answers requests; without it they go to the network.
        connecting: What a transport of the package is built with, for the client.
        options: The client's.
    """
    if handler is not None:
        options["transport"] = httpx.MockTransport(handler)
    options = {"api_key": KEY, **options}
    driver, _, ahead = driver.partition("-")
    if connecting is not None:
        options["transport"] = (Transport if driver == "sync" else AsyncTransport)(**connecting)
    if driver == "sync":
        return stack.enter_context((PrefetchingJunction if ahead else Junction)(**options))
    portal = stack.enter_context(start_blocking_portal(driver))
    client = stack.enter_context(portal.wrap_async_context_manager(AsyncJunction(**options)))
    return DrivenClient(client, portal, prefetch=1 if ahead else 0)
