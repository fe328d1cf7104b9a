"""Which failure of a page to retry, and how long to wait before. Decisions only; no clock, no I/O.

Under stress the API answers 429 or 503 and asks for retries with exponential backoff (the vendor's
documentation). Listing is idempotent, so a page is retried as a whole: sent, read and decoded.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from attrs import Attribute, field, frozen, validators

from junction_introspect.errors import (
    APIConnectionError,
    APIError,
    APIStatusError,
    ResponseDecodeError,
)

if TYPE_CHECKING:
    AnyAttribute: TypeAlias = Attribute[Any]
else:
    AnyAttribute: TypeAlias = Attribute  # generic for type checkers only

# 501 and 505 will not change their mind; nor will any other.
RETRIABLE_STATUSES: Final = frozenset({408, 429, 500, 502, 503, 504})

_GIVE_UP: Final = False

# Narrower than float(), which takes underscores, infinities and the digits of every script.
_NUMBER: Final = re.compile(r"[0-9]+(\.[0-9]+)?")


def a_whole_number(_instance: object, attribute: AnyAttribute, value: object) -> None:
    """Refuse, as an attrs validator, what is no integer; a bool is none."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{attribute.name} must be an integer")


def a_number(_instance: object, attribute: AnyAttribute, value: object) -> None:
    """Refuse, as an attrs validator, what is no number; a bool is none, nor is NaN."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{attribute.name} must be a number")
    if math.isnan(value):
        raise ValueError(f"{attribute.name} must be a number")


@frozen
class Retries:
    """How often and how patiently a page is asked for.

    Attributes:
        attempts: How often at most, the first time included.
        wait_initial: Seconds before the first retry; each later wait is twice as long.
        wait_max: Seconds that a wait reaches at most, unless the server asks for more.
        jitter: Seconds of chance added to a wait, at most, so that clients do not retry in step.
    """

    attempts: int = field(default=5, validator=[a_whole_number, validators.ge(1)])
    wait_initial: float = field(default=0.5, validator=[a_number, validators.ge(0)])
    wait_max: float = field(default=30.0, validator=[a_number, validators.ge(0)])
    jitter: float = field(default=1.0, validator=[a_number, validators.ge(0)])

    def backoff(self, attempt: int, uniform: Callable[[float, float], float]) -> float:
        """Return the seconds to wait after an attempt, counted from 1.

        Args:
            attempt: The attempt that failed.
            uniform: The source of chance: `random.uniform`.
        """
        # Beyond 2^30 any wait is wait_max; the bound keeps the power a float.
        growing = self.wait_initial * 2.0 ** min(attempt - 1, 30)
        return min(self.wait_max, growing + uniform(0.0, self.jitter))


def as_retries(retries: Retries | int) -> Retries:
    """Return a policy; a number is that of the retries, so 0 is a single attempt.

    Raises:
        TypeError: It is neither.
        ValueError: It is negative.
    """
    if isinstance(retries, Retries):
        return retries
    if isinstance(retries, bool) or not isinstance(retries, int):
        raise TypeError("retries must be a number of retries or a Retries")
    if retries < 0:
        raise ValueError("retries must not be negative")
    return Retries(attempts=retries + 1)


def is_retriable(error: Exception) -> bool:
    """Tell whether asking again can help."""
    if isinstance(error, APIStatusError):
        return error.status_code in RETRIABLE_STATUSES
    if isinstance(error, APIConnectionError):
        return error.retriable
    # No JSON under a 200 is a proxy's page or a truncated body: a fault of the transport.
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
        remaining: Seconds left of the page's deadline. A wait that would use them up is not begun:
            the caller learns at once what it would otherwise learn later.
        uniform: The source of chance.
    """
    if attempt >= retries.attempts or not isinstance(error, APIError) or not is_retriable(error):
        return _GIVE_UP
    asked = error.retry_after if isinstance(error, APIStatusError) else None
    wait = retries.backoff(attempt, uniform) if asked is None else asked
    return wait if wait < remaining else _GIVE_UP


def parse_retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds that a response asks to wait, or None when it asks for nothing readable.

    Understands ``Retry-After`` as seconds, as a fraction and as an HTTP date (RFC 9110, 10.2.3),
    and ``retry-after-ms``, which some gateways send beside it. A date in the past is 0.

    Args:
        headers: The response's headers, looked up without regard to case.
        now: The time in seconds since the epoch, to measure a date from.
    """
    milliseconds = _seconds(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after")
    if text is None:
        return None
    seconds = _seconds(text)
    if seconds is not None:
        return seconds
    try:
        moment = parsedate_to_datetime(text)
        # The oldest of the three forms has no zone; in HTTP every date is in GMT.
        zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(0.0, zoned.timestamp() - now)
    except (ValueError, OverflowError):
        return None


def _seconds(text: str | None) -> float | None:
    if text is None or not _NUMBER.fullmatch(text.strip()):
        return None
    seconds = float(text)
    return seconds if math.isfinite(seconds) else None
