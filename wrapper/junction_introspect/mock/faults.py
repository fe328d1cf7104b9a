"""Faults that a mock can produce: those of a network, of a busy server, or of a newer API."""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final, Literal, TypeAlias, get_args

import msgspec
import msgspec.inspect
from msgspec import Meta

from junction_introspect._nearest import did_you_mean

UNKNOWN_STATUS: Final = "paused_by_moonlight"
UNKNOWN_RESOURCE: Final = "dream_depth"
UNKNOWN_PROVIDER: Final = "wrist_of_tomorrow"
UNKNOWN_ERROR: Final = "gremlins"
UNKNOWN_AVAILABILITY: Final = "on_holiday"

# An operation, by the last word of its path that is not a parameter.
Operation: TypeAlias = Literal["historical_pull", "resources", "providers"]

_Seconds = Annotated[float, Meta(ge=0)]
_Times = Annotated[int, Meta(ge=1)]


class _Fault(msgspec.Struct, tag_field="kind", forbid_unknown_fields=True):
    """The fields that every fault has.

    Attributes:
        times: How many requests meet the fault.
        operation: The operation whose requests meet it; by default any of the three.
    """

    times: _Times = 1
    operation: Operation | None = None


class Status(_Fault, tag="status"):
    """A response with this status and a sentence in `detail`.

    Attributes:
        status: 400 to 599.
        retry_after: The value of Retry-After, sent as it is. By default "0" with 429 and 503, whose
            responses must have one, and none with other statuses.
    """

    status: Annotated[int, Meta(ge=400, le=599)] = 503
    retry_after: Annotated[str, Meta(pattern=r"^[ -~]*$")] | None = None

    @property
    def headers(self) -> Iterable[tuple[bytes, bytes]]:
        """The headers besides those about the content."""
        value = self.retry_after
        if value is None and self.status in {429, 503}:
            value = "0"
        return [] if value is None else [(b"retry-after", value.encode())]


class Delay(_Fault, tag="delay"):
    """The normal response after a delay; none if the caller disconnects meanwhile.

    Attributes:
        seconds: The delay, in real time.
    """

    seconds: _Seconds = 1.0


class Reset(_Fault, tag="reset"):
    """The connection is reset before any response."""


class Truncated(_Fault, tag="truncated"):
    """The connection is closed in the middle of the body."""


class UnknownValues(_Fault, tag="unknown_values"):
    """The normal response, but with values that the specification does not list.

    They are in the first user of a page: the provider, its first resource, and the status and error
    there. Of connections, they are in the first one: its status, or its error type if it is in
    error, and its first resource and that resource's availability.
    """


class MalformedRecord(_Fault, tag="malformed_record"):
    """The normal response, but its first record lacks `user_id`, or `slug` if a connection."""


class LoopingCursor(_Fault, tag="looping_cursor"):
    """The page, but its `next_cursor` is its own cursor.

    A request without a cursor, for a first page or for connections, leaves this fault to the next.
    """


Fault: TypeAlias = (
    Status | Delay | Reset | Truncated | UnknownValues | MalformedRecord | LoopingCursor
)

# The fields of each kind of fault besides `kind`, with their defaults.
KINDS: Final[Mapping[str, Mapping[str, Any]]] = {
    str(info.tag): {field.name: field.default for field in info.fields}
    for info in map(msgspec.inspect.type_info, get_args(Fault))
    if isinstance(info, msgspec.inspect.StructType)
}


def read_fault(asked: Any) -> Fault:
    """Return a fault from a JSON object.

    Raises:
        ValueError: There is no such kind, or it does not have these fields; the message lists what
            there is.
    """
    kind = msgspec.convert(asked, dict[str, Any]).get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        meant = did_you_mean(kind, KINDS) if isinstance(kind, str) else ""
        raise ValueError(f"{kind!r} is not a kind of fault{meant}; use one of {', '.join(KINDS)}")
    try:
        fault: Fault = msgspec.convert(asked, Fault)
    except msgspec.ValidationError as error:
        raise ValueError(f"{error}; {kind} takes {', '.join(KINDS[kind])}") from None
    return fault


class Faults:
    """A queue of the faults that the next requests will meet.

    Safe to share between threads.
    """

    def __init__(self) -> None:
        self._waiting: deque[Fault] = deque()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, fault: Fault) -> None:
        """Add a fault after those that are waiting, `times` times.

        Raises:
            ValueError: A delay is not a finite number of seconds.
        """
        if isinstance(fault, Delay) and not math.isfinite(fault.seconds):
            raise ValueError("the seconds of a delay must be finite")
        with self._lock:
            self._waiting.extend([fault] * fault.times)

    def take(self, operation: Operation) -> Fault | None:
        """Remove and return the fault that a request of an operation meets, or None."""
        with self._lock:
            for place, fault in enumerate(self._waiting):
                if fault.operation in {None, operation}:
                    del self._waiting[place]
                    return fault
            return None

    def put_back(self, fault: Fault) -> None:
        """Put a fault first in the queue, because it did not apply to this request."""
        with self._lock:
            self._waiting.appendleft(fault)

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._waiting.clear()
