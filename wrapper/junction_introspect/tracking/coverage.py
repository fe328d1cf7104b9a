"""How much of the range that was asked for has data."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import timedelta

from attrs import frozen

from junction_introspect._data import Data
from junction_introspect.operations.historical_pulls import HistoricalPull
from junction_introspect.tracking.states import in_utc

_DAY = timedelta(days=1)


@frozen
class Coverage(Data):
    """Of one settled pull, the days with data against the days of its range.

    Attributes:
        pull: The row.
        days: The length of the range, begun days counted whole.
    """

    pull: HistoricalPull
    days: int

    @property
    def days_with_data(self) -> int:
        """As the server estimates them: roughly, so there may be more than the range has."""
        return self.pull.days_with_data

    @property
    def gap(self) -> int:
        """How many days have no data: none to all of them, whatever the estimate says."""
        return min(self.days, max(0, self.days - self.days_with_data))

    @property
    def fraction(self) -> float:
        """The share of the days that have data, from 0 to 1; 1 for a range of no length."""
        return 1 - self.gap / self.days if self.days else 1.0


def coverage(rows: Iterable[HistoricalPull]) -> Iterator[Coverage]:
    """Yield how far each settled pull is covered, lazily.

    Pulls without both ends of a range are left out, as are resources that were not pulled: there
    is nothing to measure them by. So is a range that ends before it begins.
    """
    for row in rows:
        days = _days(row)
        if row.settled and days is not None:
            yield Coverage(row, days)


def _days(row: HistoricalPull) -> int | None:
    """Return the length of a row's range in days, rounded up; None where there is none."""
    if row.range_start is None or row.range_end is None:
        return None
    days = math.ceil((in_utc(row.range_end) - in_utc(row.range_start)) / _DAY)
    return days if days >= 0 else None
