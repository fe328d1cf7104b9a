"""The clock of a mock whose backfills move: set, advanced, or running at a speed."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from junction_introspect.mock.backfills import NOW

# Far enough for any test, and leaving room after it for what a backfill takes.
END: Final = NOW.replace(year=NOW.year + 100)


class Clock:
    """Tells the mock's time. It begins at `NOW`, and stands still unless it is given a speed.

    Args:
        speed: Seconds that pass in the mock in one real second: 600 is ten minutes a second.
        monotonic: Real seconds since any moment.

    Raises:
        ValueError: The speed is negative or no number.
    """

    def __init__(self, speed: float = 0.0, monotonic: Callable[[], float] = time.monotonic) -> None:
        _check_speed(speed)
        self._monotonic = monotonic
        self._speed = self._first_speed = speed
        self._set_to = NOW
        self._set_at = monotonic()
        self._lock = threading.RLock()

    def now(self) -> datetime:
        """Return the mock's time: UTC, whole seconds, from `NOW` to `END`."""
        with self._lock:
            passed = (self._monotonic() - self._set_at) * self._speed
            return _after(self._set_to, passed).replace(microsecond=0)

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
            now: With a zone, and not before `NOW`, when the mock's world begins.
            advance: Seconds, after `now` where both are given.
            speed: As in the constructor.

        Raises:
            ValueError: The time has no zone or lies outside `NOW` ... `END`, or a number is
                negative or none.
        """
        if now is not None and now.tzinfo is None:
            raise ValueError("the time must have a zone")
        if advance is not None and not 0 <= advance < math.inf:
            raise ValueError("the seconds to advance must not be negative")
        if speed is not None:
            _check_speed(speed)
        with self._lock:
            moment = self.now() if now is None else now.astimezone(NOW.tzinfo)
            if not NOW <= moment <= END:
                raise ValueError(f"the time must be from {NOW.isoformat()} to {END.isoformat()}")
            self._set_to = _after(moment, advance or 0.0)
            self._set_at = self._monotonic()
            if speed is not None:
                self._speed = speed

    def reset(self) -> None:
        """Begin again at `NOW`, at the first speed."""
        self.change(now=NOW, speed=self._first_speed)


def _after(moment: datetime, seconds: float) -> datetime:
    return moment + timedelta(seconds=min(seconds, (END - moment).total_seconds()))


def _check_speed(speed: float) -> None:
    if not 0 <= speed < math.inf:
        raise ValueError("the speed must not be negative")
