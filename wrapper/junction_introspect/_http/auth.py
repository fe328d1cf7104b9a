"""One `httpx.Auth` for both kinds of credential, bound to the API's own origin.

A key is sent in ``x-vital-api-key``, an access token in ``Authorization: Bearer``. httpx handles
redirects below an `httpx.Auth` and would send the header to the new address, so the clients follow
no redirects.
"""

from __future__ import annotations

import inspect
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Generator,
    Iterator,
)
from http import HTTPStatus
from typing import Any, TypeAlias

import anyio
import httpx

from junction_introspect._concurrency import forks
from junction_introspect._concurrency.loops import PerLoop
from junction_introspect._http.addresses import origin
from junction_introspect._http.credentials import Secret, checked
from junction_introspect.errors import ConfigurationError

TokenSource: TypeAlias = Callable[[], str]
AsyncTokenSource: TypeAlias = Callable[[], str | Awaitable[str]]


class _Unread(httpx.SyncByteStream, httpx.AsyncByteStream):
    """Replaces a body that nobody needs: looks empty, and closes the body unread."""

    def __init__(self, stream: httpx.SyncByteStream | httpx.AsyncByteStream) -> None:
        self._stream: Any = stream

    def __iter__(self) -> Iterator[bytes]:
        return iter(())

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk

    def close(self) -> None:
        self._stream.close()

    async def aclose(self) -> None:
        await self._stream.aclose()


class JunctionAuth(httpx.Auth):
    """Sets credential and headers of the caller on requests to one origin, and on no others.

    A token source is called when the first token is needed, and again after a 401. When several
    requests are refused at the same time, it is called once for all of them. A refused request is
    sent once more with the new token.

    Args:
        base_url: The API's address; its scheme, host and port are the origin.
        api_key: The team API key.
        access_token: A team access token, or a callable that mints one.
        headers: Headers of the caller's, which may be credentials too: see `checked_headers`.

    Raises:
        ConfigurationError: Neither or both credentials are given, or one is malformed.
    """

    def __init__(
        self,
        base_url: httpx.URL,
        *,
        api_key: Secret | None = None,
        access_token: Secret | None = None,
        headers: Secret | None = None,
    ) -> None:
        self._headers = headers or Secret({})
        self._origin = origin(base_url)
        self._header, self._prefix = "Authorization", "Bearer "
        self._mint: AsyncTokenSource | None = None
        self._secret: Secret | None = None
        given = api_key or access_token
        if given is None or (api_key and access_token):
            raise ConfigurationError("pass either api_key or access_token")
        if given is api_key:
            self._header, self._prefix = "x-vital-api-key", ""
            self._secret = checked(given, "api_key")
        elif callable(given.reveal()):
            self._mint = given.reveal()
        else:
            self._secret = checked(given, "access_token")
        self._lock = forks.Lock()
        self._async_locks = PerLoop(_lock)

    def __repr__(self) -> str:
        return f"<JunctionAuth by {self._header}>"

    def sync_auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, None]:
        """Send with the credential; send once more with a fresh token if a token was refused."""
        if origin(request.url) != self._origin:
            yield request
            return
        used = self._secret or self._renewed(None)
        response = yield self._signed(request, used)
        if self._refused(response):
            yield self._signed(request, self._renewed(used))

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """As `sync_auth_flow`, awaited."""
        if origin(request.url) != self._origin:
            yield request
            return
        used = self._secret or await self._renewed_async(None)
        response = yield self._signed(request, used)
        if self._refused(response):
            yield self._signed(request, await self._renewed_async(used))

    def _refused(self, response: httpx.Response) -> bool:
        """Tell whether a fresh token may help."""
        if response.status_code != HTTPStatus.UNAUTHORIZED or self._mint is None:
            return False
        # Otherwise httpx would read and inflate the whole body, of any size, before it retries.
        response.stream = _Unread(response.stream)
        return True

    def _signed(self, request: httpx.Request, secret: Secret) -> httpx.Request:
        request.headers.update(self._headers.reveal())
        request.headers[self._header] = self._prefix + secret.reveal()
        return request

    def _renewed(self, refused: Secret | None) -> Secret:
        with self._lock.own:
            # A thread that waited here while another minted a token uses that token.
            if self._secret is None or self._secret == refused:
                assert self._mint is not None  # noqa: S101 - else the secret would be set
                minted = Secret(self._mint())
                if inspect.isawaitable(minted.reveal()):
                    if inspect.iscoroutine(minted.reveal()):
                        minted.reveal().close()
                    raise ConfigurationError("an async access_token callable needs AsyncJunction")
                self._secret = checked(minted, "access_token")
            return self._secret

    async def _renewed_async(self, refused: Secret | None) -> Secret:
        async with self._async_locks.get():
            if self._secret is None or self._secret == refused:
                assert self._mint is not None  # noqa: S101 - as in _renewed
                minted = Secret(self._mint())
                if inspect.isawaitable(minted.reveal()):
                    minted = Secret(await minted.reveal())
                self._secret = checked(minted, "access_token")
            return self._secret


def _lock() -> anyio.Lock:
    return anyio.Lock()  # anyio imports the class when it is first asked for
