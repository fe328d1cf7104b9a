"""`Junction`, the sync client. `AsyncJunction` differs only by ``await``.

Both only send requests and wait; the decisions that they share are in `_http` and `_paging`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Self
from uuid import UUID

import httpx

from junction_api.models import Labs, Providers
from junction_introspect import operations
from junction_introspect._http.auth import TokenSource
from junction_introspect._http.configuration import configure, default_transport
from junction_introspect._http.credentials import hidden
from junction_introspect._http.deadlines import within
from junction_introspect._http.fetching import Fetch, Options
from junction_introspect._http.session import (
    BaseClient,
    forget_location,
    http_options,
)
from junction_introspect._paging.arguments import check_prefetch
from junction_introspect._paging.background import Pages, Threads
from junction_introspect._paging.listing import Listing, OnInvalid, Progress
from junction_introspect._paging.operation import Arguments, Operation, Record, Row
from junction_introspect.environments import Environment, EnvironmentName
from junction_introspect.errors import APIError
from junction_introspect.pages import Page
from junction_introspect.retries import Retries


class Junction(BaseClient[httpx.Client]):
    """A client of Junction's historical backfill introspection. Safe to share between threads.

    A listing sends its first request when it is iterated.

    Args:
        api_key: The team API key. Defaults to ``JUNCTION_API_KEY`` when neither credential is
            given.
        access_token: A team access token, used instead of a key; or a callable that mints one. The
            callable is called when the first token is needed, and once more after a 401.
        environment: ``"Production"``, ``"ProductionEU"``, ``"Sandbox"`` or ``"SandboxEU"``.
            Defaults to ``JUNCTION_ENVIRONMENT``, then to the environment of the key's prefix.
        base_url: An address to use instead of the environment's. Defaults to
            ``JUNCTION_BASE_URL`` when neither ``environment`` nor ``base_url`` is given.
            ``http://`` is allowed for loopback only.
        timeout: Seconds that one network operation (connect, read, write, wait for a connection)
            may take, or an `httpx.Timeout`; None leaves it to the deadline.
        deadline: Seconds that one page may take, all attempts and waits included.
        max_retries: How many times a failed page is retried, or a `Retries` policy with waits of
            your own. 0 is a single attempt.
        max_response_bytes: The size limit of a response, decompressed.
        strict_enums: Raise `UnrecognizedValueError` for a page that has a value that the
            specification does not list, instead of returning the page.
        default_headers: Headers to add to every request, such as a gateway's. Those that the client
            sets itself (``Authorization``, ``x-vital-api-key``, ``Host``, ``Cookie``,
            ``User-Agent``, ``Accept-Encoding``, …) are refused.
        transport: An httpx transport: a `Transport` with a proxy, certificates or limits of your
            own, or any other, for example in tests. Without one, the environment variables for
            proxies and certificates apply (``HTTPS_PROXY``, ``NO_PROXY``, ``SSL_CERT_FILE``, …).
        on_request: Called before each request is sent, retries included. The request holds the
            credential.
        on_response: Called with each response before its body is read.

    Raises:
        ConfigurationError: The credential, environment or address is missing or malformed, or they
            do not belong together; a header cannot be added; or a proxy or certificate that an
            environment variable names cannot be used.
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        access_token: str | TokenSource | None = None,
        environment: Environment | EnvironmentName | None = None,
        base_url: str | None = None,
        timeout: float | httpx.Timeout | None = 30.0,
        deadline: float = 120.0,
        max_retries: Retries | int = 4,
        max_response_bytes: int = 64 * 1024 * 1024,
        strict_enums: bool = False,
        default_headers: Mapping[str, str] | None = None,
        transport: httpx.BaseTransport | None = None,
        on_request: Callable[[httpx.Request], object] | None = None,
        on_response: Callable[[httpx.Response], object] | None = None,
    ) -> None:
        key, token, added = hidden(api_key), hidden(access_token), hidden(default_headers)
        # A traceback keeps the locals of its frames.
        del api_key, access_token, default_headers
        url, auth = configure(key, token, environment, base_url, added)
        options = Options(timeout, deadline, max_retries, max_response_bytes, strict_enums)
        if transport is None:
            # httpcore takes a third as long to import as httpx; a caller may never need it.
            from junction_introspect._http.transport import Transport  # noqa: PLC0415

            transport = default_transport(Transport, url)
        hooks = on_request, forget_location, on_response
        http = httpx.Client(**http_options(url, auth, transport, *hooks))
        super().__init__(http, options)
        self._threads = Threads()

    def historical_pulls(
        self,
        *,
        user_id: UUID | str | None = None,
        provider: Providers | Labs | str | None = None,
        user_limit: int = 50,
        cursor: str | None = None,
        on_invalid: OnInvalid | None = None,
        prefetch: int = 0,
    ) -> operations.historical_pulls.HistoricalPulls:
        """List how the historical backfill of every user went. Lazy: the call sends nothing.

        Args:
            user_id: Only this user.
            provider: Only users of this provider or lab. Editors complete the names that the
                specification lists. Any other string is sent as it is, since the specification lags
                behind the API; the API refuses one that it does not know
                (`UnprocessableEntityError`).
            user_limit: The maximum number of users on a page. A page may have fewer, even none.
            cursor: Where to resume: the ``next_cursor`` of a listing or page, or the ``cursor`` of
                an error.
            on_invalid: Receives each record that cannot be decoded, as an `InvalidRecord`. Without
                it such a page raises `ResponseDecodeError`, which carries the good records.
            prefetch: With 1, a thread fetches the next page while the caller works on this one. It
                never fetches more than one page ahead. Pages, errors and cursors are the same as
                without it. A listing that is dropped discards the answer to at most one request,
                which holds its connection until it ends. Useful when the work on a page takes time.

        Returns:
            An iterator over users, with ``.pages()``, ``.rows()``, ``.next_cursor`` and ``.done``.
            Iterating it raises an `APIError` subclass that says what went wrong.

        Raises:
            TypeError: An argument is of the wrong type.
            ValueError: ``user_id`` is not a UUID, ``user_limit`` is below 1, ``provider`` or
                ``cursor`` is empty, or ``prefetch`` is neither 0 nor 1.
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
        prefetch: int = 0,
    ) -> operations.resources.Resources:
        """List the state of the data of every user's resources. Lazy: the call sends nothing.

        Args:
            user_id: Only this user.
            provider: Only users of this provider; as in `historical_pulls`.
            user_limit: As in `historical_pulls`.
            cursor: As in `historical_pulls`.
            on_invalid: As in `historical_pulls`.
            prefetch: As in `historical_pulls`.

        Returns:
            An iterator over users; its ``.rows()`` are `ResourceStatistics`.

        Raises:
            TypeError: An argument is of the wrong type.
            ValueError: As `historical_pulls`.
        """
        operation = operations.resources.RESOURCES
        arguments = operation.arguments(user_id=user_id, provider=provider, user_limit=user_limit)
        return self.listing(
            operation, arguments, cursor=cursor, on_invalid=on_invalid, prefetch=prefetch
        )

    def connections(
        self, user_id: UUID | str, *, on_invalid: OnInvalid | None = None
    ) -> list[operations.connections.Connection]:
        """List the connections of one user. Sends one request.

        Args:
            user_id: The user.
            on_invalid: Receives each record that cannot be decoded. Without it such a response
                raises `ResponseDecodeError`, which carries the good records.

        Returns:
            One `Connection` per provider that the user has connected.

        Raises:
            NotFoundError: The API does not know the user.
            APIError: The request failed; the subclass says how.
            TypeError: ``user_id`` is neither a UUID nor a string.
            ValueError: ``user_id`` is not a UUID.
        """
        arguments = operations.connections.arguments(user_id=user_id)
        operation = operations.connections.CONNECTIONS
        listing = self.listing(operation, arguments, on_invalid=on_invalid)
        return list(listing.rows())

    def listing(
        self,
        operation: Operation[Record, Row],
        arguments: Arguments,
        *,
        cursor: str | None = None,
        on_invalid: OnInvalid | None = None,
        prefetch: int = 0,
    ) -> Listing[Record, Row]:
        """List with any operation. Lazy: the call sends nothing.

        Args:
            operation: What to list.
            arguments: The operation's checked parameters, without a cursor.
            cursor: As in `historical_pulls`.
            on_invalid: As in `historical_pulls`.
            prefetch: As in `historical_pulls`.

        Returns:
            An iterator over the operation's records.

        Raises:
            TypeError: An argument is of the wrong type.
            ValueError: ``cursor`` is empty, or ``prefetch`` is neither 0 nor 1.
        """
        check_prefetch(prefetch)
        source = Pages(
            self._fetches(operation, arguments), self._page, self._threads if prefetch else None
        )
        return Listing(Progress(source, operation, arguments, cursor, on_invalid))

    def _page(self, fetch: Fetch[Record]) -> Page[Record]:
        try:
            return self._attempt(fetch)
        except APIError as error:
            failures = [error]
        # Importing stamina takes a while, so it makes the second attempt, and takes the first one's
        # failure as its own.
        for attempt in fetch.attempts():
            with attempt:
                if failures:
                    raise failures.pop()
                return self._attempt(fetch)
        # Never reached: the last attempt returns or raises. A type checker cannot know that.
        raise AssertionError("no attempt was made")  # pragma: no cover

    def _attempt(self, fetch: Fetch[Record]) -> Page[Record]:
        try:
            with (
                within(lambda: fetch.remaining),
                self._http.stream(**fetch.request(), follow_redirects=False) as response,
            ):
                body = fetch.body(response)
                if not response.is_stream_consumed:
                    for chunk in response.iter_raw():
                        fetch.check_deadline()
                        body.feed(chunk)
                        if body.full:
                            break
            return fetch.finish(response, body.finish())
        except (httpx.HTTPError, httpx.InvalidURL, APIError) as error:
            failure = fetch.failure(error)
        raise failure

    def close(self) -> None:
        """Close the connections. The client cannot be used afterwards.

        A page that is being fetched ahead is dropped; `close` does not wait for it.
        """
        self._threads.stop()
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
