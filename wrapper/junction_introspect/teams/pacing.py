"""`Pace`: one request budget per address for the clients of all teams. Retries count too."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final, TypedDict

import anyio
import httpx

from junction_introspect._concurrency import forks
from junction_introspect._http.addresses import Origin, origin
from junction_introspect.errors import error_class
from junction_introspect.retries import parse_retry_after
from junction_introspect.teams.budget import Budget

# The clients' default.
DEADLINE: Final = 120.0

_STAY_AWAY: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


class Hooks(TypedDict):
    """The options of `AsyncJunction` that `Pace.hooks` sets."""

    on_request: Callable[[httpx.Request], Awaitable[object]]
    on_response: Callable[[httpx.Response], Awaitable[object]]


class Pace:
    """Keeps clients to one budget per address. Safe to share between threads and event loops.

    When one client receives a 429 or 503 with ``Retry-After``, all requests to that address wait.
    The wait counts against a page's deadline. If the server asks for a longer wait than the
    deadline, the page fails at once with the status and wait that the server sent.

    Args:
        requests_per_second: The maximum number of requests per second to an address; None is no
            limit.
        clock: The time in seconds.
        wall_clock: The time in seconds since the epoch, for dates in headers.
        sleep: Waits.

    Raises:
        ValueError: ``requests_per_second`` is not more than 0.
    """

    def __init__(
        self,
        requests_per_second: float | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[object]] = anyio.sleep,
    ) -> None:
        if requests_per_second is not None and not requests_per_second > 0:
            raise ValueError("requests_per_second must be more than 0")
        self._per_second = requests_per_second
        self._clock, self._wall_clock, self._sleep = clock, wall_clock, sleep
        self._budgets: dict[Origin, Budget] = {}
        self._lock = forks.Lock()

    def hooks(self, deadline: float = DEADLINE) -> Hooks:
        """Return the options that make a client's requests keep to the budget.

        Args:
            deadline: The client's deadline in seconds. A request that would have to wait longer
                fails.
        """

        async def admit(request: httpx.Request) -> None:
            while wait := self._take(origin(request.url), deadline):
                await self._sleep(wait)

        return {"on_request": admit, "on_response": self._heed}

    def _take(self, to: Origin, deadline: float) -> float:
        with self._lock.own:
            now, budget = self._clock(), self._budget(to)
            held = budget.held(now)
            if held < deadline:
                return budget.take(now)
        raise error_class(budget.status_code)(
            budget.status_code,
            summary="rate limited by an earlier response, perhaps to another team",
            retry_after=held,
        )

    async def _heed(self, response: httpx.Response) -> None:
        asked = parse_retry_after(response.headers, self._wall_clock())
        if response.status_code in _STAY_AWAY and asked is not None:
            with self._lock.own:
                budget = self._budget(origin(response.request.url))
                budget.hold(self._clock(), asked, response.status_code)

    def _budget(self, to: Origin) -> Budget:
        return self._budgets.setdefault(to, Budget(self._per_second))
