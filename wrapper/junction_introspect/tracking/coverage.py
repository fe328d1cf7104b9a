"""Measures how much of the requested range has data."""

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
    """The days with data of one settled pull, compared with the days of its range.

    Attributes:
        pull: The row.
        days: The length of the range in days, rounded up.
    """

    pull: HistoricalPull
    days: int

    @property
    def days_with_data(self) -> int:
        """The days with data, as the server roughly estimates them; may exceed the range."""
        return self.pull.days_with_data

    @property
    def gap(self) -> int:
        """How many days have no data, from 0 to `days` even if the estimate exceeds the range."""
        return min(self.days, max(0, self.days - self.days_with_data))

    @property
    def fraction(self) -> float:
        """The share of the days that have data, from 0 to 1; 1 for a range of no length."""
        return 1 - self.gap / self.days if self.days else 1.0


def coverage(rows: Iterable[HistoricalPull]) -> Iterator[Coverage]:
    """Yield the coverage of each settled pull, lazily.

    Leaves out what cannot be measured: resources that were not pulled, pulls whose range lacks a
    start or an end, and ranges that end before they start.
    """
    for row in rows:
        days = _days(row)
        if row.settled and days is not None:
            yield Coverage(row, days)


def _days(row: HistoricalPull) -> int | None:
    """Return the length of a row's range in days, rounded up; None if there is no valid range."""
    if row.range_start is None or row.range_end is None:
        return None
    days = math.ceil((in_utc(row.range_end) - in_utc(row.range_start)) / _DAY)
    return days if days >= 0 else None
