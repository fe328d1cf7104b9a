"""Decides which failures of a page to retry, and how long to wait. No clock, no I/O.

By the vendor's documentation, the API answers 429 or 503 when it is overloaded, and asks for
retries with exponential backoff. Listing is idempotent, so an attempt is the whole page: it is
sent, read and decoded again.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, Final, Literal

from attrs import field, frozen, validators

from junction_introspect.errors import (
    APIConnectionError,
    APIError,
    APIStatusError,
    ResponseDecodeError,
)

# Every other status is permanent, 501 and 505 too.
RETRIABLE_STATUSES: Final = frozenset({408, 429, 500, 502, 503, 504})

# Stricter than float(), which accepts underscores, infinities and the digits of every script.
_NUMBER: Final = re.compile(r"[0-9]+(\.[0-9]+)?")


def a_whole_number(_instance: object, attribute: Any, value: object) -> None:
    """Refuse values that are not integers; bools are refused too. An attrs validator."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{attribute.name} must be an integer")


def a_number(_instance: object, attribute: Any, value: object) -> None:
    """Refuse values that are not numbers; bools and NaN are refused too. An attrs validator."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{attribute.name} must be a number")
    if math.isnan(value):
        raise ValueError(f"{attribute.name} must be a number")


@frozen
class Retries:
    """A retry policy: how many attempts a page gets, and the waits between them.

    Attributes:
        attempts: The maximum number of attempts, the first one included.
        wait_initial: Seconds before the first retry; each later wait is twice as long.
        wait_max: The longest wait in seconds, unless the server asks for more.
        jitter: The most seconds that are added to a wait at random, so that clients do not retry in
            step.
    """

    attempts: int = field(default=5, validator=[a_whole_number, validators.ge(1)])
    wait_initial: float = field(default=0.5, validator=[a_number, validators.ge(0)])
    wait_max: float = field(default=30.0, validator=[a_number, validators.ge(0)])
    jitter: float = field(default=1.0, validator=[a_number, validators.ge(0)])

    def backoff(self, attempt: int, uniform: Callable[[float, float], float]) -> float:
        """Return the seconds to wait after an attempt, counted from 1.

        Args:
            attempt: The attempt that failed.
            uniform: The source of randomness: `random.uniform`.
        """
        # The bound keeps the power within a float; beyond 2^30 every wait is wait_max anyway.
        growing = self.wait_initial * 2.0 ** min(attempt - 1, 30)
        return min(self.wait_max, growing + uniform(0.0, self.jitter))


def as_retries(retries: Retries | int) -> Retries:
    """Return a policy. A number counts retries, so 0 means a single attempt.

    Raises:
        TypeError: ``max_retries`` is neither a number nor a policy.
        ValueError: The number is negative.
    """
    if isinstance(retries, Retries):
        return retries
    if isinstance(retries, bool) or not isinstance(retries, int):
        raise TypeError("max_retries must be a number of retries or a Retries")
    if retries < 0:
        raise ValueError("max_retries must not be negative")
    return Retries(attempts=retries + 1)


def is_retriable(error: Exception) -> bool:
    """Tell whether a retry can help."""
    if isinstance(error, APIStatusError):
        return error.status_code in RETRIABLE_STATUSES
    if isinstance(error, APIConnectionError):
        return error.retriable
    # A 200 that is not JSON is a proxy's own page or a truncated body: a transport fault.
    return isinstance(error, ResponseDecodeError) and not error.well_formed


def decide(
    error: Exception,
    *,
    retries: Retries,
    attempt: int,
    remaining: float,
    uniform: Callable[[float, float], float],
) -> float | Literal[False]:
    """Return the seconds to wait before the next attempt, or False to give up.

    Args:
        error: What the attempt raised.
        retries: The policy.
        attempt: The attempt that failed, counted from 1.
        remaining: Seconds left until the page's deadline. If the wait would use them up, the
            decision is to give up, so that the caller gets the error now rather than later.
        uniform: The source of randomness.
    """
    if attempt >= retries.attempts or not isinstance(error, APIError) or not is_retriable(error):
        return False
    asked = error.retry_after if isinstance(error, APIStatusError) else None
    wait = retries.backoff(attempt, uniform) if asked is None else asked
    return wait if wait < remaining else False


def parse_retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds that a response asks to wait, or None if it asks for no readable wait.

    Reads ``Retry-After`` in whole or fractional seconds or as an HTTP date (RFC 9110, 10.2.3), and
    ``retry-after-ms``, which some gateways send as well. A date in the past gives 0.

    Args:
        headers: The response's headers; the mapping must ignore case.
        now: The time in seconds since the epoch, to measure a date from.
    """
    milliseconds = _seconds(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after", "")
    seconds = _seconds(text)
    if seconds is not None:
        return seconds
    try:
        moment = parsedate_to_datetime(text)
        # The oldest of the three date formats has no zone. Every date in HTTP is in GMT.
        zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(0.0, zoned.timestamp() - now)
    except (ValueError, OverflowError):
        return None


def _seconds(text: str) -> float | None:
    # Stripped here, because `float` accepts fewer characters around a number than `strip` removes.
    number = text.strip()
    if not _NUMBER.fullmatch(number):
        return None
    seconds = float(number)
    return seconds if math.isfinite(seconds) else None
