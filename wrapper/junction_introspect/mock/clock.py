"""The clock of a mock whose backfills move: set, advanced, or running at a speed."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from junction_introspect.mock.backfills import NOW

# How far it goes: enough for any test, and short of what a datetime can hold.
_REACH: Final = timedelta(days=36_525)


class Clock:
    """Tells the mock's time. It stands still at its start unless it is given a speed.

    Args:
        speed: Seconds that pass in the mock in one real second: 600 is ten minutes a second.
        monotonic: Real seconds since any moment.
        start: When it begins; whole seconds in UTC.

    Attributes:
        start: As given.
        end: When it stops: a hundred years later.

    Raises:
        ValueError: The speed is negative or no number.
    """

    def __init__(
        self,
        speed: float = 0.0,
        monotonic: Callable[[], float] = time.monotonic,
        *,
        start: datetime = NOW,
    ) -> None:
        _check_speed(speed)
        self.start = start
        self.end = start + _REACH
        self._monotonic = monotonic
        self._speed = self._first_speed = speed
        self._set_to = start
        self._set_at = monotonic()
        self._lock = threading.RLock()

    def now(self) -> datetime:
        """Return the mock's time: UTC, whole seconds, from `start` to `end`."""
        with self._lock:
            passed = (self._monotonic() - self._set_at) * self._speed
            return self._after(self._set_to, passed).replace(microsecond=0)

    @property
    def speed(self) -> float:
        """How many seconds pass in one real second."""
        return self._speed

    def change(
        self,
        *,
        now: datetime | None = None,
        advance: float | None = None,
        speed: float | None = None,
    ) -> None:
        """Set the time, let some pass at once, or change the speed; all of it or nothing.

        Args:
            now: With a zone, and not before `start`, when the mock's world begins.
            advance: Seconds, after `now` where both are given.
            speed: As in the constructor.

        Raises:
            ValueError: The time has no zone or lies outside `start` ... `end`, or a number is
                negative or none.
        """
        if now is not None and now.tzinfo is None:
            raise ValueError("the time must have a zone")
        if advance is not None and not 0 <= advance < math.inf:
            raise ValueError("the seconds to advance must not be negative")
        if speed is not None:
            _check_speed(speed)
        with self._lock:
            moment = self.now() if now is None else now.astimezone(UTC)
            if not self.start <= moment <= self.end:
                raise ValueError(
                    f"the time must be from {self.start.isoformat()} to {self.end.isoformat()}"
                )
            self._set_to = self._after(moment, advance or 0.0)
            self._set_at = self._monotonic()
            if speed is not None:
                self._speed = speed

    def reset(self) -> None:
        """Begin again at the start, at the first speed."""
        self.change(now=self.start, speed=self._first_speed)

    def _after(self, moment: datetime, seconds: float) -> datetime:
        return moment + timedelta(seconds=min(seconds, (self.end - moment).total_seconds()))


def _check_speed(speed: float) -> None:
    if not 0 <= speed < math.inf:
        raise ValueError("the speed must not be negative")
