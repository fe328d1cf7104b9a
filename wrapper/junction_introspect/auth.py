"""One `httpx.Auth` for both credentials, bound to the API's own origin.

A key goes into ``x-vital-api-key``, an access token into ``Authorization: Bearer``. Redirects run
below an `httpx.Auth` and would carry the header on, which is why the clients follow none.
"""

from __future__ import annotations

import inspect
import threading
from http import HTTPStatus
from typing import TYPE_CHECKING, NoReturn, TypeAlias

import anyio
import httpx

from junction_introspect.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator

TokenSource: TypeAlias = "Callable[[], str]"
AsyncTokenSource: TypeAlias = "Callable[[], str | Awaitable[str]]"


class Secret:
    """A credential that shows itself in no repr, str, pickle or traceback."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the credential itself."""
        return self._value

    def __repr__(self) -> str:
        return "Secret('…')"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a credential cannot be pickled")


def checked(value: object, what: str) -> Secret:
    """Return a credential that can stand in a header.

    Args:
        value: What the caller passed.
        what: Its name, for the error: ``"api_key"``.

    Raises:
        ConfigurationError: It is no string, empty, or holds white space, control characters or
            anything beyond ASCII. The text does not repeat it.
    """
    if not isinstance(value, str):
        raise ConfigurationError(f"{what} must be a string, not {type(value).__name__}")
    if not value:
        raise ConfigurationError(f"{what} is empty")
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ConfigurationError(f"{what} holds white space, a control or a non-ASCII character")
    return Secret(value)


class JunctionAuth(httpx.Auth):
    """Sets the credential on requests to one origin, and on no others.

    A token source is called when the first token is needed and again after a 401, once for however
    many requests were refused at the same time; the refused request is then sent once more.

    Args:
        base_url: The API's address; scheme, host and port are its origin.
        api_key: The team API key.
        access_token: A team access token, or a callable that mints one.

    Raises:
        ConfigurationError: Neither or both credentials are given, or one is malformed.
    """

    def __init__(
        self,
        base_url: httpx.URL,
        *,
        api_key: str | None = None,
        access_token: str | AsyncTokenSource | None = None,
    ) -> None:
        self._origin = _origin(base_url)
        self._header, self._prefix, what = "Authorization", "Bearer ", "access_token"
        self._mint: AsyncTokenSource | None = None
        self._secret: Secret | None = None
        if (api_key is None) == (access_token is None):
            raise ConfigurationError("pass either api_key or access_token")
        if api_key is not None:
            self._header, self._prefix, what = "x-vital-api-key", "", "api_key"
            self._secret = checked(api_key, what)
        elif callable(access_token):
            self._mint = access_token
        else:
            self._secret = checked(access_token, what)
        self._lock = threading.Lock()
        self._async_lock = anyio.Lock()

    def __repr__(self) -> str:
        return f"<JunctionAuth by {self._header}>"

    def sync_auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, None]:
        """Send with the credential; once more with a fresh token when one was refused."""
        if _origin(request.url) != self._origin:
            yield request
            return
        used = self._secret or self._renewed(None)
        response = yield self._signed(request, used)
        if response.status_code == HTTPStatus.UNAUTHORIZED and self._mint is not None:
            yield self._signed(request, self._renewed(used))

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """As `sync_auth_flow`, awaited."""
        if _origin(request.url) != self._origin:
            yield request
            return
        used = self._secret or await self._renewed_async(None)
        response = yield self._signed(request, used)
        if response.status_code == HTTPStatus.UNAUTHORIZED and self._mint is not None:
            yield self._signed(request, await self._renewed_async(used))

    def _signed(self, request: httpx.Request, secret: Secret) -> httpx.Request:
        request.headers[self._header] = self._prefix + secret.reveal()
        return request

    def _renewed(self, refused: Secret | None) -> Secret:
        with self._lock:
            # Whoever waited here while another minted takes what the other got.
            if self._secret is None or self._secret == refused:
                assert self._mint is not None  # noqa: S101 - without a source the secret is set
                token = self._mint()
                if inspect.isawaitable(token):
                    if inspect.iscoroutine(token):
                        token.close()
                    raise ConfigurationError("an async access_token needs AsyncJunction")
                self._secret = checked(token, "access_token")
            return self._secret

    async def _renewed_async(self, refused: Secret | None) -> Secret:
        async with self._async_lock:
            if self._secret is None or self._secret == refused:
                assert self._mint is not None  # noqa: S101 - as in _renewed
                token = self._mint()
                if inspect.isawaitable(token):
                    token = await token
                self._secret = checked(token, "access_token")
            return self._secret


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port
