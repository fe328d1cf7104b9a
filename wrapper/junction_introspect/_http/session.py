"""`BaseClient`: the parts that `Junction` and `AsyncJunction` have in common."""

from __future__ import annotations

import copy
from collections.abc import Callable
from http.cookiejar import CookieJar
from typing import Any, Generic, Self, TypeVar

import httpx

from junction_api import SPEC_VERSION
from junction_introspect._http.drift import Drift
from junction_introspect._http.fetching import Fetch, Options
from junction_introspect._paging.operation import Arguments, Operation
from junction_introspect._paging.walk import Place
from junction_introspect._version import __version__
from junction_introspect.environments import Environment, environment_of_host
from junction_introspect.retries import Retries

Http = TypeVar("Http", bound=httpx.Client | httpx.AsyncClient)
Record = TypeVar("Record")

HEADERS = {"User-Agent": f"junction-introspect/{__version__} (spec {SPEC_VERSION})"}


def http_options(
    url: httpx.URL,
    auth: httpx.Auth,
    transport: Any,
    on_request: Callable[..., object] | None,
    *on_response: Callable[..., object] | None,
) -> dict[str, Any]:
    """Return the keyword arguments that both clients pass to httpx."""
    return {
        "base_url": url,
        "auth": auth,
        "headers": HEADERS,
        "cookies": NoCookies(),
        "transport": transport,
        "event_hooks": {
            "request": [on_request] if on_request else [],
            "response": [hook for hook in on_response if hook],
        },
    }


class BaseClient(Generic[Http]):
    """The common base of `Junction` and `AsyncJunction`.

    Attributes:
        drift: Counts values and fields that the specification does not list.
    """

    def __init__(self, http: Http, options: Options) -> None:
        self._http = http
        self._options = options
        self.drift = Drift()

    @property
    def base_url(self) -> str:
        """The address that requests go to, without a trailing slash."""
        return str(self._http.base_url).rstrip("/")

    @property
    def environment(self) -> Environment | None:
        """The environment that requests go to; None if the address is not an environment's."""
        return environment_of_host(self._http.base_url.host)

    def __repr__(self) -> str:
        http = getattr(self, "_http", None)  # missing if the constructor raised
        return f"<{type(self).__name__} at {http.base_url}>" if http else f"<{type(self).__name__}>"

    def _fetches(
        self, operation: Operation[Record, Any], arguments: Arguments
    ) -> Callable[[Place], Fetch[Record]]:
        return lambda place: Fetch(operation, arguments, place, self._options, self.drift)

    def with_options(
        self,
        *,
        timeout: float | httpx.Timeout | None = None,
        deadline: float | None = None,
        max_retries: Retries | int | None = None,
        max_response_bytes: int | None = None,
    ) -> Self:
        """Return a client with other options that shares this one's connections and drift.

        Args:
            timeout: As in the constructor; None keeps the current value, here and below.
            deadline: As in the constructor.
            max_retries: As in the constructor.
            max_response_bytes: As in the constructor.

        Returns:
            A client of the same kind. Closing either closes both.
        """
        client = copy.copy(self)
        client._options = self._options.changed(  # noqa: SLF001 - another of this class
            timeout=timeout,
            deadline=deadline,
            retries=max_retries,
            max_response_bytes=max_response_bytes,
        )
        return client


class NoCookies(CookieJar):
    """A cookie jar that ignores cookies: the API needs none, and callers share a client."""

    def extract_cookies(self, response: object, request: object) -> None:
        """Do nothing: a response's cookies are not stored."""


def forget_location(response: httpx.Response) -> None:
    """Remove the address of a redirect from a response.

    httpx builds the next request even if it is not to follow redirects, and raises errors of many
    kinds if the address is malformed. Without the address it builds no request.
    """
    response.headers.pop("location", None)
