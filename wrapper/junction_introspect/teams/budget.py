"""Decides when the next request may go to an address. No clock, no lock, no waiting.

The vendor promises no rate. When the API is overloaded, it answers 429 or 503 and says how long to
wait. That applies to the address and not to one key, so it holds for all teams that use it.
"""

from __future__ import annotations

import math


class Budget:
    """Limits the requests to one address.

    Args:
        per_second: The maximum number of requests per second; None is no limit.

    Attributes:
        status_code: The status of the response that last asked to wait.
    """

    __slots__ = ("_held_until", "_interval", "_next", "status_code")

    def __init__(self, per_second: float | None = None) -> None:
        self._interval = 0.0 if per_second is None else 1 / per_second
        self._next = self._held_until = -math.inf
        self.status_code = 429

    def take(self, now: float) -> float:
        """Return 0 if a request may go now, else the seconds after which to ask again.

        0 counts the request against the budget, so the caller must send it.

        Args:
            now: The time in seconds, of a clock that never goes back.
        """
        wait = max(self._next, self._held_until) - now
        if wait > 0:
            return wait
        self._next = now + self._interval
        return 0.0

    def hold(self, now: float, seconds: float, status_code: int) -> None:
        """Hold all requests for some time. Does not shorten a longer hold.

        Args:
            now: As in `take`.
            seconds: How long the server asked to wait.
            status_code: The status of the response that asked.
        """
        if now + seconds > self._held_until:
            self._held_until = now + seconds
            self.status_code = status_code

    def held(self, now: float) -> float:
        """Return for how many more seconds the server asked that no request goes."""
        return max(0.0, self._held_until - now)
