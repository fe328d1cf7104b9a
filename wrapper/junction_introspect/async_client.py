"""`AsyncJunction`, the client for asyncio and trio."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Self
from uuid import UUID

import anyio
import httpx

from junction_api.models import Labs, Providers
from junction_introspect import operations
from junction_introspect._http.auth import AsyncTokenSource
from junction_introspect._http.bodies import Body, ErrorBody
from junction_introspect._http.configuration import configure, default_transport
from junction_introspect._http.credentials import hidden
from junction_introspect._http.fetching import Fetch, Options
from junction_introspect._http.session import (
    BaseClient,
    forget_location,
    http_options,
)
from junction_introspect._paging.arguments import check_prefetch
from junction_introspect._paging.background import AsyncPages, Tasks
from junction_introspect._paging.listing import AsyncListing, OnInvalid, Progress
from junction_introspect._paging.operation import Arguments, Operation, Record, Row
from junction_introspect.environments import Environment, EnvironmentName
from junction_introspect.errors import APIError
from junction_introspect.pages import Page
from junction_introspect.retries import Retries


class AsyncJunction(BaseClient[httpx.AsyncClient]):
    """As `Junction`, for asyncio and trio; ``access_token`` may be an async callable as well.

    Its ``async with`` opens a task group, in which listings fetch ahead. So enter a client only
    once, and leave it in the task that entered it. In between, any task of the event loop may use
    it. Where that is not possible, for example around a ``yield`` of an async generator or in
    fixtures that another task tears down, do not use ``async with``: call `aclose` at the end.
    Listings do not fetch ahead then.
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        access_token: str | AsyncTokenSource | None = None,
        environment: Environment | EnvironmentName | None = None,
        base_url: str | None = None,
        timeout: float | httpx.Timeout | None = 30.0,
        deadline: float = 120.0,
        max_retries: Retries | int = 4,
        max_response_bytes: int = 64 * 1024 * 1024,
        strict_enums: bool = False,
        default_headers: Mapping[str, str] | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        on_request: Callable[[httpx.Request], Awaitable[object]] | None = None,
        on_response: Callable[[httpx.Response], Awaitable[object]] | None = None,
    ) -> None:
        key, token, added = hidden(api_key), hidden(access_token), hidden(default_headers)
        # A traceback keeps the locals of its frames.
        del api_key, access_token, default_headers
        url, auth = configure(key, token, environment, base_url, added)
        options = Options(timeout, deadline, max_retries, max_response_bytes, strict_enums)
        if transport is None:
            # As in `Junction`.
            from junction_introspect._http.transport import AsyncTransport  # noqa: PLC0415

            transport = default_transport(AsyncTransport, url)
        hooks = on_request, _forget_location_async, on_response
        http = httpx.AsyncClient(**http_options(url, auth, transport, *hooks))
        super().__init__(http, options)
        self._tasks = Tasks()

    def historical_pulls(
        self,
        *,
        user_id: UUID | str | None = None,
        provider: Providers | Labs | str | None = None,
        user_limit: int = 50,
        cursor: str | None = None,
        on_invalid: OnInvalid | None = None,
        prefetch: int = 1,
    ) -> operations.historical_pulls.AsyncHistoricalPulls:
        """As `Junction.historical_pulls`, iterated with ``async for``.

        Inside the client's ``async with``, a task fetches the next page while the caller works on
        this one, unless ``prefetch`` is 0. Outside of it no page is fetched ahead. The task is
        cancelled when the listing is garbage-collected or the client is closed.
        """
        operation = operations.historical_pulls.HISTORICAL_PULLS
        arguments = operation.arguments(user_id=user_id, provider=provider, user_limit=user_limit)
        return self.listing(
            operation, arguments, cursor=cursor, on_invalid=on_invalid, prefetch=prefetch
        )

    def resources(
        self,
        *,
        user_id: UUID | str | None = None,
        provider: Providers | str | None = None,
        user_limit: int = 50,
        cursor: str | None = None,
        on_invalid: OnInvalid | None = None,
        prefetch: int = 1,
    ) -> operations.resources.AsyncResources:
        """As `Junction.resources`, iterated with ``async for``."""
        operation = operations.resources.RESOURCES
        arguments = operation.arguments(user_id=user_id, provider=provider, user_limit=user_limit)
        return self.listing(
            operation, arguments, cursor=cursor, on_invalid=on_invalid, prefetch=prefetch
        )

    async def connections(
        self, user_id: UUID | str, *, on_invalid: OnInvalid | None = None
    ) -> list[operations.connections.Connection]:
        """As `Junction.connections`, awaited."""
        arguments = operations.connections.arguments(user_id=user_id)
        operation = operations.connections.CONNECTIONS
        listing = self.listing(operation, arguments, on_invalid=on_invalid)
        return [row async for row in listing.rows()]

    def listing(
        self,
        operation: Operation[Record, Row],
        arguments: Arguments,
        *,
        cursor: str | None = None,
        on_invalid: OnInvalid | None = None,
        prefetch: int = 1,
    ) -> AsyncListing[Record, Row]:
        """As `Junction.listing`, iterated with ``async for``."""
        check_prefetch(prefetch)
        source = AsyncPages(
            self._fetches(operation, arguments), self._page, self._tasks if prefetch else None
        )
        return AsyncListing(Progress(source, operation, arguments, cursor, on_invalid))

    async def _page(self, fetch: Fetch[Record]) -> Page[Record]:
        try:
            return await self._attempt(fetch)
        except APIError as error:
            failures = [error]
        # Importing stamina takes a while, so it makes the second attempt, and takes the first one's
        # failure as its own.
        async for attempt in fetch.attempts():
            with attempt:
                if failures:
                    raise failures.pop()
                return await self._attempt(fetch)
        # Never reached: the last attempt returns or raises. A type checker cannot know that.
        raise AssertionError("no attempt was made")  # pragma: no cover

    async def _attempt(self, fetch: Fetch[Record]) -> Page[Record]:
        try:
            # Ends responses whose headers or body drip: timeouts only limit each single read.
            with anyio.move_on_after(fetch.remaining):
                async with self._http.stream(**fetch.request(), follow_redirects=False) as response:
                    body = fetch.body(response)
                    if not response.is_stream_consumed:
                        await _read(response, body)
                return fetch.finish(response, body.finish())
            raise fetch.overdue()
        except (httpx.HTTPError, httpx.InvalidURL, APIError) as error:
            failure = fetch.failure(error)
        raise failure

    async def aclose(self) -> None:
        """Cancel pages that are being fetched ahead, and close the connections.

        The client cannot be used afterwards.
        """
        try:
            await self._tasks.stop()
        finally:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        await self._tasks.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            await self.aclose()
        finally:
            await self._tasks.close()


async def _forget_location_async(response: httpx.Response) -> None:
    forget_location(response)


async def _read(response: httpx.Response, body: Body | ErrorBody) -> None:
    """Feed a response to a body.

    A response is five nested async generators, and trio warns about each one that is left
    unfinished. So when the body needs no more data, this closes the stream that the generators read
    from and reads on: they then end by themselves, the innermost first.
    """
    refusal: APIError | None = None
    closed = False
    try:
        async for chunk in response.aiter_raw():
            if closed:
                continue
            try:
                body.feed(chunk)
            except APIError as error:
                refusal = error
            if refusal is not None or body.full:
                closed = True
                await response.aclose()
    except httpx.HTTPError:
        if not closed:
            raise
    if refusal is not None:
        raise refusal
