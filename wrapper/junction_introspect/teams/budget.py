"""When the next request to an address may go. Decisions only: no clock, no lock, no waiting.

The vendor promises no rate, and under stress answers 429 or 503, with how long to stay away. That
is about the address and not about whose key was used, so it holds for every team there.
"""

from __future__ import annotations

import math


class Budget:
    """The requests that may go to one address.

    Args:
        per_second: How many a second at most; None sets no limit of its own.

    Attributes:
        status_code: The status that the server asked to stay away with, last.
    """

    __slots__ = ("_held_until", "_interval", "_next", "status_code")

    def __init__(self, per_second: float | None = None) -> None:
        self._interval = 0.0 if per_second is None else 1 / per_second
        self._next = self._held_until = -math.inf
        self.status_code = 429

    def take(self, now: float) -> float:
        """Return 0 when a request may go, which it then must, or else the seconds to ask again in.

        Args:
            now: The time in seconds, of a clock that never goes back.
        """
        wait = max(self._next, self._held_until) - now
        if wait > 0:
            return wait
        self._next = now + self._interval
        return 0.0

    def hold(self, now: float, seconds: float, status_code: int) -> None:
        """Let no request go for some time, unless it is to be longer already.

        Args:
            now: As in `take`.
            seconds: What the server asked for.
            status_code: The status that it asked with.
        """
        if now + seconds > self._held_until:
            self._held_until = now + seconds
            self.status_code = status_code

    def held(self, now: float) -> float:
        """Return the seconds that no request may go, since the server asked for it."""
        return max(0.0, self._held_until - now)
