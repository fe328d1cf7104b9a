"""Which resources have gone silent: those that `diagnose` finds so from the same rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from junction_introspect import ResourceStatistics
from junction_introspect.tracking import Thresholds, diagnose, stale

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)

moments = st.none() | st.timedeltas(-DAY, 60 * DAY).map(lambda age: NOW - age)
statistics = st.builds(
    ResourceStatistics,
    user_id=st.integers(1, 3).map(lambda number: UUID(int=number)),
    provider=st.sampled_from(["garmin", "wahoo", "fitbit", "apple_health_kit", "mood_ring"]),
    resource=st.sampled_from(["sleep", "workouts", "weight", "profile", "dreams"]),
    last_attempt_at=moments | st.just(NOW.replace(tzinfo=None) - 40 * DAY),
    last_attempt_status=st.sampled_from([None, "success", "failure", "paused"]),
    newest_data=moments,
    sent_count=st.none() | st.integers(0, 5),
)


@given(
    rows=st.lists(
        statistics, max_size=8, unique_by=lambda row: (row.user_id, row.provider, row.resource)
    ),
    days=st.integers(1, 40),
)
def test_stale_is_what_diagnose_finds_silent(rows, days):
    limits = Thresholds(silence=days * DAY, polling=days * DAY)
    silent = {"attempts_failing", "polling_late", "no_new_data", "silent"}
    expected = [each for each in diagnose(None, (), rows, NOW, limits) if each.verdict in silent]

    found = list(stale(iter(rows), NOW, limits))

    assert sorted(found, key=repr) == sorted(expected, key=repr)
    places = [(row.user_id, row.provider, row.resource) for row in rows]
    order = [places.index((each.user_id, each.provider, each.resource)) for each in found]
    assert order == sorted(order)


def test_time_without_an_offset_is_utc():
    row = ResourceStatistics(
        user_id=UUID(int=1),
        provider="garmin",
        resource="sleep",
        last_attempt_at=NOW - 4 * DAY,
        newest_data=NOW - 4 * DAY,
    )
    assert list(stale([row], NOW.replace(tzinfo=None))) == list(stale([row], NOW))
    assert [each.verdict for each in stale([row], NOW)] == ["silent"]


def test_rows_are_read_as_they_are_needed():
    def rows():
        yield ResourceStatistics(
            user_id=UUID(int=1), provider="oura", resource="sleep", last_attempt_status="failure"
        )
        raise AssertionError("read too far")

    assert next(stale(rows(), NOW)).verdict == "attempts_failing"
