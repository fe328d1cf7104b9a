"""Decides when to look at backfills again, what has changed, and when all have settled. No I/O."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Collection

from attrs import field, frozen, validators

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
        initial: Seconds after the first look, and after each that has seen a change.
        factor: By how much the wait grows after a look that has seen none.
        maximum: The longest wait, in seconds.
        jitter: The share of a wait that is left to chance, so that clients do not poll in step.
    """

    initial: float = field(default=5.0, validator=[a_number, validators.gt(0)])
    factor: float = field(default=1.5, validator=[a_number, validators.ge(1)])
    maximum: float = field(default=60.0, validator=[a_number, validators.gt(0)])
    jitter: float = field(default=0.2, validator=[a_number, validators.ge(0), validators.le(1)])


@frozen(kw_only=True)
class Sought:
    """Which pulls are followed.

    Attributes:
        named: Whether a user was asked for by name.
        provider: Pulls from that provider alone, or None.
        resources: Pulls of these resources alone; none given is all.
    """

    named: bool
    provider: str | None
    resources: frozenset[str]

    @classmethod
    def checked(
        cls, *, user_id: object, provider: str | None, resources: Collection[str] | None
    ) -> Sought:
        """Build from a caller's arguments.

        Raises:
            TypeError: ``resources`` is a single text, or holds something else than texts.
        """
        names = frozenset(resources or ())
        if isinstance(resources, str) or not all(isinstance(name, str) for name in names):
            raise TypeError("resources must be a collection of strings or None")
        return cls(named=user_id is not None, provider=provider, resources=names)

    def includes(self, row: HistoricalPull) -> bool:
        """Tell whether a row is one of these."""
        return self.provider in {None, row.provider} and (
            not self.resources or row.resource in self.resources
        )

    def missing(self, rows: Collection[HistoricalPull]) -> frozenset[str]:
        """Return the resources that were asked for and have no row."""
        return self.resources - {row.resource for row in rows}

    def settled(self, rows: Collection[HistoricalPull]) -> bool:
        """Tell whether nothing more will come.

        What was asked for by name has to be there: a user who has just connected has no pulls for
        a moment. Nobody at all has settled, where everybody was asked for.
        """
        if not rows and (self.named or self.provider is not None):
            return False
        return not self.missing(rows) and all(row.settled for row in rows)


class Follow:
    """Where following stands. Sans I/O.

    A driver takes what is `ready`. When nothing is, and until it is `settled`, it waits for `wait`
    seconds, calls `begin`, and passes the rows of one look to `see`, or what ended it to `fail`.

    Args:
        sought: Which pulls.
        poll: How long to wait between looks.
        deadline: Seconds after which no look is begun; None is never.
        clock: The time in seconds, from any beginning.
        uniform: The source of chance: `random.uniform`.

    Raises:
        TypeError: The deadline is no number.
        ValueError: The deadline is not more than 0.
    """

    def __init__(
        self,
        sought: Sought,
        poll: Poll,
        deadline: float | None,
        clock: Callable[[], float],
        uniform: Callable[[float, float], float],
    ) -> None:
        if deadline is not None:
            if isinstance(deadline, bool) or not isinstance(deadline, int | float):
                raise TypeError("deadline must be a number of seconds or None")
            if not deadline > 0:
                raise ValueError("deadline must be more than 0")
        self.sought = sought
        self.looking = False
        self.settled = False
        self._poll = poll
        self._deadline = deadline
        self._clock = clock
        self._uniform = uniform
        self._began: float | None = None
        self._interval = 0.0
        self._rows: dict[Key, HistoricalPull] = {}
        self._seen: set[Key] = set()
        self._changed = False
        self._ready: deque[Change] = deque()
        self._failure: APIError | None = None

    @property
    def rows(self) -> list[HistoricalPull]:
        """Every pull sought, as it was last seen."""
        return list(self._rows.values())

    def ready(self) -> bool:
        """Tell whether a change can be taken."""
        return bool(self._ready)

    def take(self) -> Change:
        """Return the next change."""
        return self._ready.popleft()

    def wait(self) -> float:
        """Return the seconds to wait before the next look; 0 before the first.

        The last look is at the deadline.

        Raises:
            BackfillTimeoutError: The deadline has passed.
        """
        now = self._clock()
        if self._began is None:
            self._began = now
            return 0.0
        pause = self._interval * (1 - self._poll.jitter * self._uniform(0.0, 1.0))
        if self._deadline is None:
            return pause
        left = self._began + self._deadline - now
        if left <= 0:
            rows = self.rows
            raise BackfillTimeoutError(
                self._deadline, rows=rows, missing=sorted(self.sought.missing(rows))
            ) from self._failure
        return min(pause, left)

    def begin(self) -> None:
        """Begin a look."""
        self.looking = True
        self._changed = False
        self._seen.clear()

    def see(self, row: HistoricalPull | None) -> None:
        """Take the next row of a look; None is its end."""
        if row is None:
            self._end()
        elif self.sought.includes(row):
            key = key_of(row)
            self._seen.add(key)
            self._note(change(self._rows.get(key), row))
            self._rows[key] = row

    def fail(self, error: APIError) -> None:
        """Give up a look. What it has seen stands; what it has not is as it was.

        Raises:
            APIError: The error, where another look cannot help.
        """
        self.looking = False
        self._space()
        if not is_retriable(error):
            raise error
        # After all its retries: the server has been away for long, and may be back for the next.
        self._failure = error
        _logger.warning("a look at the backfills failed and will be made again: %s", error)

    def _end(self) -> None:
        self.looking = False
        self._failure = None
        gone = [self._rows.pop(key) for key in self._rows.keys() - self._seen]
        for row in gone:
            self._note(change(row, None))
        self._space()
        # A shifting page may have skipped what was still running: it is looked for once more.
        self.settled = all(row.settled for row in gone) and self.sought.settled(self._rows.values())

    def _note(self, found: Change | None) -> None:
        if found is not None:
            self._changed = True
            self._ready.append(found)

    def _space(self) -> None:
        grown = max(self._interval, self._poll.initial) * self._poll.factor
        first = self._changed or not self._interval
        self._interval = min(self._poll.initial if first else grown, self._poll.maximum)
