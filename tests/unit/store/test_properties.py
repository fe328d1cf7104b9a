"""What a store tells of changes is what `tracking` tells of the same listings."""

import tempfile
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from junction_introspect import tracking
from junction_introspect.store import Store, sync
from tests.support.payloads import statistics, user_id
from tests.unit.store.reading import changes
from tests.unit.store.scripted import Team

pytestmark = pytest.mark.any_specification

STATUSES = ["success", "failure", "in_progress", "paused_by_moonlight"]
SCHEDULED = ["2026-01-05T10:00:00Z", "2026-01-05T12:00:00+02:00", "2026-01-06T10:00:00"]
ERRORS = [None, "retry_quota_exhausted", "provider_unavailable", "cosmic_rays"]

pulls = st.builds(
    lambda status, scheduled_at, error, days: statistics(
        status=status,
        timeline={"scheduled_at": scheduled_at},
        error_details=error,
        days_with_data=days,
    ),
    st.sampled_from(STATUSES),
    st.sampled_from(SCHEDULED),
    st.sampled_from(ERRORS),
    st.integers(0, 2),
)
providers = st.builds(
    lambda pulled, not_pulled: {"pulled": pulled, "not_pulled": not_pulled},
    st.dictionaries(st.sampled_from(["sleep", "dream"]), pulls),
    st.lists(st.sampled_from(["sleep", "hrv"]), max_size=2),
)
users = st.builds(
    lambda number, provider: {"user_id": str(user_id(number)), "provider": provider},
    st.integers(0, 4),
    st.dictionaries(st.sampled_from(["oura", "mood_ring"]), providers, min_size=1),
)
pages = st.lists(st.lists(users, max_size=3), min_size=1, max_size=4)


def clock():
    ticks = count()
    return lambda: datetime(2026, 1, 10, tzinfo=UTC) + timedelta(seconds=next(ticks))


@settings(max_examples=settings.default.max_examples // 5)
@given(st.lists(pages, min_size=1, max_size=4))
def test_log_of_a_run_is_what_tracking_tells_two_snapshots_apart_by(snapshots):
    team, now = Team(), clock()
    with (
        tempfile.TemporaryDirectory() as directory,
        Store.open(Path(directory) / "pulls.duckdb") as store,
        team.client() as junction,
    ):
        before = []
        for listed in snapshots:
            # On one page, since a user that comes twice has a history within a run.
            team.pages = [[user for page in listed for user in page]]
            known = len(changes(store))
            sync(junction, store, now=now, prefetch=0)
            after = list(store.rows())

            seen = changes(store)[known:]

            expected = tracking.changes(before, after)
            assert sorted(seen, key=lambda change: change.key) == sorted(
                expected, key=lambda change: change.key
            )
            before = after


@settings(max_examples=settings.default.max_examples // 5)
@given(st.lists(pages, min_size=2, max_size=4), st.integers(0, 12))
def test_changes_since_a_time_are_the_tail_of_all_changes(snapshots, second):
    team, now = Team(), clock()
    with (
        tempfile.TemporaryDirectory() as directory,
        Store.open(Path(directory) / "pulls.duckdb") as store,
        team.client() as junction,
    ):
        for team.pages in snapshots:
            sync(junction, store, now=now, prefetch=0)
        since = datetime(2026, 1, 10, tzinfo=UTC) + timedelta(seconds=second)

        everything = list(store.changes())

        assert list(store.changes(since)) == [each for each in everything if each.seen_at >= since]
        assert [each.number for each in everything] == list(range(1, len(everything) + 1))
