"""Rows for reports: the mock's, ordinary ones, and some that no server should send."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any
from uuid import UUID

from hypothesis import strategies as st

from junction_introspect import HistoricalPull, rows
from junction_introspect.enums import (
    NON_RETRIABLE_ERROR_VALUES,
    PROVIDER_VALUES,
    RESOURCE_VALUES,
    RETRIABLE_ERROR_VALUES,
    STATUS_VALUES,
)
from junction_introspect.mock import Population
from junction_introspect.mock.backfills import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["NOW", "any_rows", "many", "mock_rows", "pull"]


def pull(number: int = 1, status: str | None = "success", **fields: Any) -> HistoricalPull:
    """Return the pull of a user, an hour before now; a success of half an hour with data."""
    return HistoricalPull(
        **{
            "user_id": UUID(int=number, version=4),
            "provider": "oura",
            "resource": "sleep",
            "status": status,
            "pulled": status is not None,
            "scheduled_at": NOW - timedelta(minutes=50),
            "started_at": NOW - timedelta(minutes=40),
            "ended_at": NOW - timedelta(minutes=10),
            "days_with_data": 30,
            "trace_id": f"{number:032x}",
            **fields,
        }
    )


def mock_rows(users: int = 120) -> list[HistoricalPull]:
    """Return the rows of the mock's users, as they stand at `NOW`."""
    population = Population(users, seed=1)
    return [row for number in range(users) for row in rows(population.user(number))]


def many(count: int) -> Iterator[HistoricalPull]:
    """Yield so many rows, those of a thousand users over and over."""
    return islice(cycle(mock_rows(1_000)), count)


_NAMES = st.text(max_size=80) | st.sampled_from(
    [
        "<script>alert(1)</script>",
        "\u202ereversed",
        "x" * 10_000,
        "&amp;",
        "', \"",
        "\ud800",
        "</style>",
    ]
)
_TIMES = st.none() | st.datetimes(
    timezones=st.sampled_from(
        [None, UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))]
    )
)


def _one_of(values: frozenset[str]) -> st.SearchStrategy[str]:
    return st.sampled_from(sorted(values)) | _NAMES


ANY_ROW = st.builds(
    HistoricalPull,
    # As a version 4 UUID is: with digits enough that it stands nowhere by chance.
    user_id=st.uuids(version=4).filter(lambda each: each.int.bit_length() > 100),
    provider=_one_of(PROVIDER_VALUES),
    resource=_one_of(RESOURCE_VALUES),
    status=st.none() | _one_of(STATUS_VALUES),
    pulled=st.booleans(),
    range_start=_TIMES,
    range_end=_TIMES,
    scheduled_at=_TIMES,
    started_at=_TIMES,
    ended_at=_TIMES,
    days_with_data=st.integers(0, 10_000),
    trace_id=st.none() | _NAMES,
    error_details=st.none() | _one_of(RETRIABLE_ERROR_VALUES | NON_RETRIABLE_ERROR_VALUES),
)


def any_rows() -> st.SearchStrategy[list[HistoricalPull]]:
    """Return a strategy of rows whose fields are anything at all, contradictions included."""
    return st.lists(ANY_ROW, max_size=8)


ANY_TIME = st.datetimes(
    min_value=datetime(1, 1, 3),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(9999, 12, 29),  # noqa: DTZ001 - as above
    timezones=st.sampled_from([None, UTC]),
)
