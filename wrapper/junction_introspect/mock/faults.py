"""Faults that a mock can be asked for: what the wire, a server under stress or a newer one does."""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Iterable
from typing import Annotated, Final, TypeAlias, get_args

import msgspec
from msgspec import Meta

UNKNOWN_STATUS: Final = "paused_by_moonlight"
UNKNOWN_RESOURCE: Final = "dream_depth"
UNKNOWN_PROVIDER: Final = "wrist_of_tomorrow"
UNKNOWN_ERROR: Final = "gremlins"

_Seconds = Annotated[float, Meta(ge=0)]
_Times = Annotated[int, Meta(ge=1)]


class _Fault(msgspec.Struct, tag_field="kind", forbid_unknown_fields=True):
    """What every fault has.

    Attributes:
        times: How many requests meet it.
    """

    times: _Times = 1


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
    """The page, with enum values that the specification does not list.

    In the first user, the provider and, of its pulls, the first resource, its status and its error.
    """


class MalformedRecord(_Fault, tag="malformed_record"):
    """The page, whose first record has no `user_id`."""


class LoopingCursor(_Fault, tag="looping_cursor"):
    """The page, whose `next_cursor` leads to itself; the first page leads to its successor."""


Fault: TypeAlias = (
    Status | Delay | Reset | Truncated | UnknownValues | MalformedRecord | LoopingCursor
)


#: What their kinds are called.
KINDS: Final = tuple(str(kind.__struct_config__.tag) for kind in get_args(Fault))


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

    def take(self) -> Fault | None:
        """Return what the request at hand meets, if anything."""
        with self._lock:
            return self._waiting.popleft() if self._waiting else None

    def put_back(self, fault: Fault) -> None:
        """Have the next request meet what this one gave no occasion for."""
        with self._lock:
            self._waiting.appendleft(fault)

    def clear(self) -> None:
        """Forget all that are waiting."""
        with self._lock:
            self._waiting.clear()
