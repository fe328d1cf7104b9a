"""`Fetch`: one page, from request to decoded response. Has every decision of the two clients.

It does no I/O. In each of its `attempts` a driver sends `request`, feeds the response to `body`,
passes both to `finish`, and raises what `failure` returns for an exception. stamina waits between
attempts for as long as `decide` says.
"""

from __future__ import annotations

import logging
import math
import random
import ssl
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final, Generic, Literal, TypeVar

import httpx
from attrs import evolve, field, frozen, validators

from junction_api.leniency import Found
from junction_introspect._http.bodies import ACCEPT_ENCODING, Body, ErrorBody
from junction_introspect._http.decoding import decode_page
from junction_introspect._http.drift import Drift
from junction_introspect._http.headers import kept
from junction_introspect._http.statuses import status_error
from junction_introspect._paging.operation import Arguments, Operation
from junction_introspect._paging.walk import Place
from junction_introspect.errors import (
    APIConnectionError,
    APIError,
    APITimeoutError,
    UnrecognizedValueError,
)
from junction_introspect.pages import Page
from junction_introspect.retries import (
    Retries,
    a_number,
    a_whole_number,
    as_retries,
    decide,
    parse_retry_after,
)

Record = TypeVar("Record")

logger: Final = logging.getLogger("junction_introspect")

_PACKAGE: Final = "junction_introspect."

# Seconds, 23 days. A longer deadline counts as this: no socket takes a timeout whose milliseconds
# need more than 31 bits.
_LONGEST: Final = 2_000_000.0


def _timeout(value: float | httpx.Timeout | None) -> httpx.Timeout:
    if value is None or isinstance(value, httpx.Timeout):
        return httpx.Timeout(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("timeout must be a number of seconds or an httpx.Timeout")
    if not value > 0:
        raise ValueError("timeout must be more than 0")
    return httpx.Timeout(value)


@frozen
class Options:
    """How pages are fetched. `Junction` documents each option."""

    timeout: httpx.Timeout = field(converter=_timeout)
    deadline: float = field(validator=[a_number, validators.gt(0)])
    retries: Retries = field(converter=as_retries)
    max_response_bytes: int = field(validator=[a_whole_number, validators.gt(0)])
    strict_enums: bool
    clock: Callable[[], float] = time.monotonic
    wall_clock: Callable[[], float] = time.time
    uniform: Callable[[float, float], float] = random.uniform

    def changed(self, **changes: Any) -> Options:
        """Return a copy with changes; None leaves an option as it is."""
        return evolve(self, **{name: value for name, value in changes.items() if value is not None})


class Fetch(Generic[Record]):
    """A page that is being fetched: its parameters, its deadline and its attempts.

    The deadline starts when this is created, also for a page that is fetched ahead.

    Args:
        operation: What to list.
        arguments: The operation's parameters.
        place: Which page.
        options: How to fetch it.
        drift: Counts values and fields that the specification does not list.
    """

    def __init__(
        self,
        operation: Operation[Record, Any],
        arguments: Arguments,
        place: Place,
        options: Options,
        drift: Drift,
    ) -> None:
        self._operation = operation
        self._arguments = arguments
        self._cursor = place.cursor
        self._options = options
        self._drift = drift
        self._attempt = 0
        self._said: dict[str, str] = {}
        self._expires = options.clock() + min(options.deadline, _LONGEST)

    @property
    def remaining(self) -> float:
        """Seconds left of the page's deadline."""
        return self._expires - self._options.clock()

    def abandon(self) -> None:
        """End the page's time, because nobody waits for it: no further attempt is started.

        Safe to call from another thread. A network operation that is under way still finishes.
        """
        self._expires = -math.inf

    def request(self) -> dict[str, Any]:
        """Return httpx's arguments for the next attempt, timeouts cut to the time that is left.

        Raises:
            APITimeoutError: No time is left.
        """
        self._said = {}
        self.check_deadline()
        left = self.remaining
        limits = self._options.timeout.as_dict()
        paging = {"next_cursor": self._cursor} if self._operation.paged else {}
        return {
            **self._operation.request(**self._arguments, **paging),
            "headers": {"Accept": "application/json", "Accept-Encoding": ACCEPT_ENCODING},
            "timeout": httpx.Timeout(
                **{
                    name: left if limit is None else min(limit, left)
                    for name, limit in limits.items()
                }
            ),
        }

    def check_deadline(self) -> None:
        """Raise `APITimeoutError` when the page's deadline has passed."""
        if self.remaining <= 0:
            raise self.overdue()

    def overdue(self) -> APITimeoutError:
        """Return the error for a page that took longer than its deadline."""
        return APITimeoutError(
            f"the page took longer than its deadline of {self._options.deadline:g} s",
            retriable=False,
        )

    def body(self, response: httpx.Response) -> Body | ErrorBody:
        """Return a collector for a response's body, which a transport may have read already."""
        self._said = kept(response)
        read = response.is_stream_consumed  # httpx has decompressed it then
        encoding = "" if read else response.headers.get("content-encoding", "")
        body: Body | ErrorBody = ErrorBody(encoding)
        if response.status_code == HTTPStatus.OK:
            body = Body(encoding, self._options.max_response_bytes)
        if read:
            body.feed(response.content)
        return body

    def finish(self, response: httpx.Response, body: bytes) -> Page[Record]:
        """Return the page in a complete response.

        Raises:
            APIStatusError: The status is not 200.
            ResponseDecodeError: The body is not a page, or is about something else than requested.
            UnrecognizedValueError: The page has an unrecognized value, and ``strict_enums`` is set.
        """
        if response.status_code != HTTPStatus.OK:
            raise status_error(
                response.status_code,
                body,
                retry_after=parse_retry_after(response.headers, self._options.wall_clock()),
            )
        page = evolve(decode_page(self._operation, body), headers=self._said)
        unrequested = self._operation.unrequested(page.data, self._arguments)
        self._drift.record_unrequested(unrequested)
        unrecognized: Found = []
        for record in page.data:
            self._operation.unlisted(record, unrecognized)
        self._drift.record_values(unrecognized)
        self._drift.sample_fields(self._operation.response, body)
        if unrecognized and self._options.strict_enums:
            name, value = unrecognized[0]
            raise UnrecognizedValueError(name, value, page=page)
        return page

    def failure(self, error: httpx.HTTPError | httpx.InvalidURL | APIError) -> APIError:
        """Return the error to raise for an exception that ended an attempt.

        An exception of httpx has the request, and so the credential. Therefore the driver raises
        this error outside its ``except`` block, and this method removes cause and context.
        """
        failure = error if isinstance(error, APIError) else _named(error)
        if isinstance(failure, APITimeoutError) and self.remaining <= 0:
            failure = self.overdue()
        failure.cursor, failure.headers = self._cursor, self._said
        failure.__cause__ = failure.__context__ = None
        return failure

    def attempts(self) -> Any:
        """Return stamina's attempts: contexts to send in, until one succeeds or `decide` gives up.

        They can be iterated with and without ``async``. Call this after a first failure, since it
        imports stamina.
        """
        import stamina  # noqa: PLC0415 - takes 7 ms

        # `decide` logs the retry on this package's own logger. A filter on stamina's logger is the
        # only way to leave out the second record: stamina's hooks are those of the whole process.
        logging.getLogger("stamina").addFilter(_is_of_others)
        number = self._options.retries.attempts
        context = stamina.retry_context(on=self.decide, attempts=number, timeout=None)
        # Without a name, stamina would pass the arguments, with the cursor, to instrumentation.
        return context.with_name(f"{_PACKAGE}{self._operation.name}", (), {})

    def decide(self, error: Exception) -> float | Literal[False]:
        """Return the seconds to wait before the next attempt, or False to raise the error.

        Logs a retry: somebody who waits for a page has to be able to see why.
        """
        self._attempt += 1
        wait = decide(
            error,
            retries=self._options.retries,
            attempt=self._attempt,
            remaining=self.remaining,
            uniform=self._options.uniform,
        )
        if wait is not False:
            logger.warning(
                "%s: attempt %d of %d failed, the next is in %.1f s: %s",
                self._operation.name,
                self._attempt,
                self._options.retries.attempts,
                wait,
                error,
            )
        return wait


def _is_of_others(record: logging.LogRecord) -> bool:
    """Tell whether a record of stamina's logging hook is about a retry of another package."""
    return not str(vars(record).get("stamina.callable")).startswith(_PACKAGE)


def _named(error: httpx.HTTPError | httpx.InvalidURL) -> APIConnectionError:
    name = type(error).__name__
    if isinstance(error, httpx.InvalidURL):
        # Every other part of the URL was checked beforehand.
        return APIConnectionError("the cursor does not fit into a URL", retriable=False)
    try:
        host = error.request.url.netloc.decode()
    except RuntimeError:  # has no request: the callable that mints tokens raised it
        host = ""
    if isinstance(error, httpx.TimeoutException):
        return APITimeoutError(f"{host} timed out ({name})".lstrip())
    unverified, reason = _is_verification_failure(error), ""
    if isinstance(error, httpx.ConnectError):
        # The text is the operating system's or the TLS library's. On trio it is empty.
        reason = str(error) or ("certificate verify failed" if unverified else "")
    elif isinstance(error, httpx.ProxyError):
        # The proxy's own words follow a status, and might quote its credentials.
        reason = str(error)[:3] if str(error)[:3].isdigit() else str(error)
    # The texts of other exceptions are left out: they may quote what was sent or received.
    return APIConnectionError(
        f"no complete response{host and f' from {host}'} ({name}{reason and f': {reason}'})",
        retriable=not unverified,
    )


def _is_verification_failure(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
