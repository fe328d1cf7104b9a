"""Decides when to look at backfills again, what has changed, and when all have settled. No I/O."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable

from attrs import define, field, frozen, validators

from junction_introspect.errors import APIError, BackfillTimeoutError
from junction_introspect.operations.historical_pulls import HistoricalPull
from junction_introspect.retries import a_number, is_retriable
from junction_introspect.tracking.states import Key, key_of
from junction_introspect.tracking.transitions import Change, change

_logger = logging.getLogger("junction_introspect")


@frozen(kw_only=True)
class Poll:
    """How long to wait between two looks.

    Attributes:
        initial: Seconds to wait after the first look, and after each look that saw a change.
        factor: The wait is multiplied by this after each look that saw no change.
        maximum: The longest wait, in seconds.
        jitter: The random share of a wait, from 0 to 1, so that clients do not poll in step.
    """

    initial: float = field(default=5.0, validator=[a_number, validators.gt(0)])
    factor: float = field(default=1.5, validator=[a_number, validators.ge(1)])
    maximum: float = field(default=60.0, validator=[a_number, validators.gt(0)])
    jitter: float = field(default=0.2, validator=[a_number, validators.ge(0), validators.le(1)])


@define(kw_only=True, eq=False, slots=False)
class Follow:
    """The state of following. Does no I/O.

    A driver takes changes from `ready`. When there is none, and until all is `settled`, it
    waits for `wait` seconds, calls `begin`, and passes the rows of one look to `see`. If an error
    ends the look, it passes the error to `fail`.

    Attributes:
        named: Whether one user was asked for.
        provider: Pulls from this provider only, or None for all.
        resources: Pulls of these resources only; empty for all.
        poll: How long to wait between looks.
        deadline: Seconds after which no look starts; None means no deadline.
        clock: Returns the time in seconds, from any starting point.
        uniform: The source of randomness: `random.uniform`.
        on_look: Called with False when a look starts, and with True when it has seen every row.
        on_failed_look: Called with the error of a failed look that will be repeated.
        looking: Whether a look has started and not ended.
        settled: Whether the last look saw everything settled.
        ready: The changes that were found and not yet taken.

    Raises:
        TypeError: The deadline is not a number.
        ValueError: The deadline is not more than 0.
    """

    named: bool
    provider: str | None
    resources: frozenset[str]
    poll: Poll
    deadline: float | None
    clock: Callable[[], float]
    uniform: Callable[[float, float], float]
    on_look: Callable[[bool], object] | None = None
    on_failed_look: Callable[[APIError], object] | None = None
    looking: bool = field(default=False, init=False)
    settled: bool = field(default=False, init=False)
    ready: deque[Change] = field(factory=deque["Change"], init=False)

    def __attrs_post_init__(self) -> None:
        if self.deadline is not None:
            if isinstance(self.deadline, bool) or not isinstance(self.deadline, int | float):
                raise TypeError("deadline must be a number of seconds or None")
            if not self.deadline > 0:
                raise ValueError("deadline must be more than 0")
        self._began: float | None = None
        self._interval = 0.0
        self._rows: dict[Key, HistoricalPull] = {}
        self._seen: set[Key] = set()
        self._changed = False
        self._failure: APIError | None = None

    @property
    def rows(self) -> list[HistoricalPull]:
        """Every followed pull as it was last seen."""
        return list(self._rows.values())

    def wait(self) -> float:
        """Return the seconds to wait before the next look; 0 before the first.

        The last look is at the deadline.

        Raises:
            BackfillTimeoutError: The deadline has passed.
        """
        now = self.clock()
        if self._began is None:
            self._began = now
            return 0.0
        pause = self._interval * (1 - self.poll.jitter * self.uniform(0.0, 1.0))
        if self.deadline is None:
            return pause
        left = self._began + self.deadline - now
        if left <= 0:
            raise BackfillTimeoutError(
                self.deadline, rows=self.rows, missing=sorted(self._missing())
            ) from self._failure
        return min(pause, left)

    def begin(self) -> None:
        """Start a look."""
        self.looking = True
        self._changed = False
        self._seen.clear()
        if self.on_look is not None:
            self.on_look(False)  # noqa: FBT003 - the look is not complete

    def see(self, row: HistoricalPull | None) -> None:
        """Record the next row of a look; None ends the look."""
        if row is None:
            self._end()
            if self.on_look is not None:
                self.on_look(True)  # noqa: FBT003 - the look is complete
        elif self.provider in {None, row.provider} and (
            not self.resources or row.resource in self.resources
        ):
            key = key_of(row)
            self._seen.add(key)
            self._note(change(self._rows.get(key), row))
            self._rows[key] = row

    def fail(self, error: APIError) -> None:
        """End a look that failed. Rows that it saw are kept; all others stay as they were.

        Raises:
            APIError: The error, if it is permanent.
        """
        self.looking = False
        self._space()
        if not is_retriable(error):
            raise error
        # The request was already retried, so the outage is long; it may be over by the next look.
        self._failure = error
        _logger.warning("listing the backfills failed and will be tried again: %s", error)
        if self.on_failed_look is not None:
            self.on_failed_look(error)

    def _end(self) -> None:
        self.looking = False
        self._failure = None
        gone = [self._rows.pop(key) for key in self._rows.keys() - self._seen]
        for row in gone:
            self._note(change(row, None))
        self._space()
        # Pages shift, so a row may have been skipped. If a row that was not final is gone, look
        # again. A user, provider or resource that was asked for must have rows: a user who has just
        # connected has no pulls for a moment.
        narrow = self.named or self.provider is not None
        self.settled = (
            (bool(self._rows) or not narrow)
            and not self._missing()
            and all(row.settled for row in (*gone, *self._rows.values()))
        )

    def _missing(self) -> frozenset[str]:
        """Return the requested resources that have no row."""
        return self.resources - {row.resource for row in self._rows.values()}

    def _note(self, found: Change | None) -> None:
        if found is not None:
            self._changed = True
            self.ready.append(found)

    def _space(self) -> None:
        grown = max(self._interval, self.poll.initial) * self.poll.factor
        first = self._changed or not self._interval
        self._interval = min(self.poll.initial if first else grown, self.poll.maximum)
