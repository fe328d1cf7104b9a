"""Faults that a mock can be asked for: what the wire, a server under stress or a newer one does."""

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

# An operation, by the last word of its path that is no parameter.
Operation: TypeAlias = Literal["historical_pull", "resources", "providers"]

_Seconds = Annotated[float, Meta(ge=0)]
_Times = Annotated[int, Meta(ge=1)]


class _Fault(msgspec.Struct, tag_field="kind", forbid_unknown_fields=True):
    """What every fault has.

    Attributes:
        times: How many requests meet it.
        operation: Which requests can meet it; by default any of the three operations.
    """

    times: _Times = 1
    operation: Operation | None = None


class Status(_Fault, tag="status"):
    """An answer with this status, and a sentence under `detail`.

    Attributes:
        status: 400 to 599.
        retry_after: The value of Retry-After, sent as it is. By default "0" with 429 and 503, whose
            responses must have one, and none with other statuses.
    """

    status: Annotated[int, Meta(ge=400, le=599)] = 503
    retry_after: Annotated[str, Meta(pattern=r"^[ -~]*$")] | None = None

    @property
    def headers(self) -> Iterable[tuple[bytes, bytes]]:
        """The headers besides the content's."""
        value = self.retry_after
        if value is None and self.status in {429, 503}:
            value = "0"
        return [] if value is None else [(b"retry-after", value.encode())]


class Delay(_Fault, tag="delay"):
    """The right answer, but later; or none, when the caller has gone meanwhile.

    Attributes:
        seconds: How much later, in real time.
    """

    seconds: _Seconds = 1.0


class Reset(_Fault, tag="reset"):
    """The connection is reset before anything was answered."""


class Truncated(_Fault, tag="truncated"):
    """The connection is closed in the middle of the body."""


class UnknownValues(_Fault, tag="unknown_values"):
    """The answer, with values that the specification does not list.

    In the first user of a page, the provider and, of its pulls or statistics, the first resource,
    its status and the pull's error. In the first connection its status, or the type of its error
    where it is in error, and the first resource and whether it is available.
    """


class MalformedRecord(_Fault, tag="malformed_record"):
    """The answer, whose first record has no `user_id`, or no `slug` where it is a connection."""


class LoopingCursor(_Fault, tag="looping_cursor"):
    """The page, whose `next_cursor` leads to itself; the first page leads to its successor.

    Connections have no pages, so a request for them leaves it to the next.
    """


Fault: TypeAlias = (
    Status | Delay | Reset | Truncated | UnknownValues | MalformedRecord | LoopingCursor
)

# The fields that each takes, besides `kind`, with what stands in them by default.
KINDS: Final[Mapping[str, Mapping[str, Any]]] = {
    str(info.tag): {field.name: field.default for field in info.fields}
    for info in map(msgspec.inspect.type_info, get_args(Fault))
    if isinstance(info, msgspec.inspect.StructType)
}


def read_fault(asked: Any) -> Fault:
    """Return a fault that was asked for as a JSON object.

    Raises:
        ValueError: There is no such kind, or it does not take these fields; the message says what
            there is.
    """
    kind = msgspec.convert(asked, dict[str, Any]).get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        meant = did_you_mean(kind, KINDS) if isinstance(kind, str) else ""
        raise ValueError(f"{kind!r} is not a kind of fault{meant}; those are {', '.join(KINDS)}")
    try:
        fault: Fault = msgspec.convert(asked, Fault)
    except msgspec.ValidationError as error:
        raise ValueError(f"{error}; {kind} takes {', '.join(KINDS[kind])}") from None
    return fault


class Faults:
    """The faults that the next requests will meet, each as often as it says, in turn.

    Safe to share between threads.
    """

    def __init__(self) -> None:
        self._waiting: deque[Fault] = deque()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, fault: Fault) -> None:
        """Have the requests after those that meet a fault already meet this one.

        Raises:
            ValueError: A delay is no finite number of seconds.
        """
        if isinstance(fault, Delay) and not math.isfinite(fault.seconds):
            raise ValueError("a delay must be finite")
        with self._lock:
            self._waiting.extend([fault] * fault.times)

    def take(self, operation: Operation) -> Fault | None:
        """Return what a request of an operation meets, if anything."""
        with self._lock:
            for place, fault in enumerate(self._waiting):
                if fault.operation in {None, operation}:
                    del self._waiting[place]
                    return fault
            return None

    def put_back(self, fault: Fault) -> None:
        """Have the next request meet what this one gave no occasion for."""
        with self._lock:
            self._waiting.appendleft(fault)

    def clear(self) -> None:
        """Forget all that are waiting."""
        with self._lock:
            self._waiting.clear()
