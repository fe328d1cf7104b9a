"""The clock of the mock, which can be set, advanced, or run at a speed."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from junction_introspect.mock.backfills import NOW

# How far the clock goes: enough for any test, and within the range of datetime.
_REACH: Final = timedelta(days=36_525)


class Clock:
    """Returns the mock's time, which does not move unless a speed is given.

    Args:
        speed: Seconds that pass in the mock per real second: 600 is ten minutes per second.
        monotonic: Returns real seconds since any moment.
        start: The time at which the clock starts, in UTC and whole seconds.

    Attributes:
        start: As given.
        end: The time at which the clock stops, a hundred years after the start.

    Raises:
        ValueError: The speed is negative or not finite.
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
        """How many seconds pass in the mock per real second."""
        return self._speed

    def change(
        self,
        *,
        now: datetime | None = None,
        advance: float | None = None,
        speed: float | None = None,
    ) -> None:
        """Set the time, move it forward, or change the speed.

        If it raises, nothing has changed.

        Args:
            now: The new time, with a time zone, and not before `start`.
            advance: Seconds to move forward, from `now` if both are given.
            speed: As in the constructor.

        Raises:
            ValueError: The time has no time zone or is outside `start` to `end`, or a number is
                negative or not finite.
        """
        if now is not None and now.tzinfo is None:
            raise ValueError("the time must have a time zone")
        if advance is not None and not 0 <= advance < math.inf:
            raise ValueError("the seconds to advance must not be negative, and must be finite")
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
        """Go back to the start time and the first speed."""
        self.change(now=self.start, speed=self._first_speed)

    def _after(self, moment: datetime, seconds: float) -> datetime:
        return moment + timedelta(seconds=min(seconds, (self.end - moment).total_seconds()))


def _check_speed(speed: float) -> None:
    if not 0 <= speed < math.inf:
        raise ValueError("the speed must not be negative, and must be finite")
