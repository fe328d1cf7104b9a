"""The tables of a store are those of a simple model, whatever is committed together."""

import random
import tempfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from junction_introspect._http.decoding import decode_page
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS
from junction_introspect.operations.resources import RESOURCES
from junction_introspect.store import Store, Transition, sync
from junction_introspect.store.records import in_utc as selected_in_utc
from junction_introspect.tracking.states import in_utc
from tests.support.payloads import encoded, page, statistics, user_id
from tests.unit.store.scripted import Team

pytestmark = pytest.mark.any_specification

TIMES = ["2026-01-05T10:00:00Z", "2026-01-05T12:00:00+02:00", "2026-01-06T10:00:00", None]

pulls = st.builds(
    lambda pulled, not_pulled: {"pulled": pulled, "not_pulled": not_pulled},
    st.dictionaries(
        st.sampled_from(["sleep", "dream"]),
        st.builds(
            lambda status, scheduled_at, days: statistics(
                status=status, timeline={"scheduled_at": scheduled_at}, days_with_data=days
            ),
            st.sampled_from(["success", "failure", "paused_by_moonlight"]),
            st.sampled_from(TIMES[:3]),
            st.integers(0, 1),
        ),
    ),
    st.lists(st.sampled_from(["sleep", "hrv"]), max_size=2),
)
resources = st.dictionaries(
    st.sampled_from(["sleep", "dream"]),
    st.builds(
        lambda status, time, count: {
            "last_attempt": status and {"timestamp": TIMES[0], "status": status},
            "newest_data": time,
            "sent_count": count,
        },
        st.sampled_from(["success", "failure", "dreamt", None]),
        st.sampled_from(TIMES),
        st.sampled_from([None, 0, 1]),
    ),
)


def histories(provider):
    """Return a strategy for the listings of several syncs."""
    users = st.builds(
        lambda number, provider: {"user_id": str(user_id(number)), "provider": provider},
        st.integers(0, 4),
        st.dictionaries(st.sampled_from(["oura", "mood_ring"]), provider, min_size=1),
    )
    pages = st.lists(st.lists(users, max_size=3), min_size=1, max_size=5)
    # A listing, and after how many commits each of some attempts breaks off.
    return st.lists(
        st.tuples(pages, st.lists(st.integers(0, 3), max_size=2)), min_size=1, max_size=4
    )


class BrokenOffError(Exception):
    pass


class Model:
    """A store of one team, page by page and row by row."""

    def __init__(self, operation):
        self.operation = operation
        self.rows = {}
        self.changes = []

    def take(self, run, users, at):
        """Take a page."""
        document = decode_page(self.operation, encoded(page(*users)))
        found = {}
        for record in document.data:
            for row in self.operation.rows(record):
                key = (row.user_id, row.provider, row.resource)
                found.pop(key, None)  # where it comes last is its place
                found[key] = in_utc_throughout(row)
        for key, row in found.items():
            before = self.rows.get(key, (None,))[0]
            self._changed(self.kind(before, row), run, at, before, row)
            self.rows[key] = (row, run, at)

    def kind(self, before, after):
        """Return what has happened to a row, or None."""
        if before is None:
            return "appeared"
        status = self.operation.status
        was, now = (getattr(row, self.operation.scheduled or "", None) for row in (before, after))
        if was is not None and now is not None and now > was:
            return "repulled"
        if getattr(before, status) != getattr(after, status):
            return "moved"
        return "updated" if before != after else None

    def end(self, run, at):
        """End a run that has listed everything."""
        for key in sorted(self.rows):
            row, seen, _ = self.rows[key]
            if seen < run:
                self._changed("vanished", run, at, row, None)
                del self.rows[key]

    def _changed(self, kind, run, at, before, after):
        if kind is not None:
            number = len(self.changes) + 1
            self.changes.append(Transition(number, run, "default", kind, at, before, after))


def in_utc_throughout(row):
    return attrs.evolve(
        row,
        **{
            name: in_utc(value).astimezone(UTC)
            for name, value in attrs.asdict(row, recurse=False).items()
            if isinstance(value, datetime)
        },
    )


def stored(store, operation):
    """Return the rows of a store, each with the last run that saw it, and when."""
    key = "user_id, provider, resource"
    seen = store._select(
        f"SELECT {key}, run, {selected_in_utc('observed_at')} FROM {operation.what}"  # noqa: S608
    )
    last = {tuple(of): (run, at.replace(tzinfo=UTC)) for *of, run, at in seen}
    rows = {(row.user_id, row.provider, row.resource): row for row in store.rows(operation)}
    assert last.keys() == rows.keys()
    return {of: (row, *last[of]) for of, row in rows.items()}


@settings(max_examples=settings.default.max_examples // 5)
@given(histories(pulls), st.randoms(use_true_random=False))
def test_pulls_are_those_of_a_model_whatever_is_committed_together(history, rng):
    follow(HISTORICAL_PULLS, history, rng)


@settings(max_examples=settings.default.max_examples // 5)
@given(histories(resources), st.randoms(use_true_random=False))
def test_resources_are_those_of_a_model_whatever_is_committed_together(history, rng):
    follow(RESOURCES, history, rng)


def follow(operation, history, rng):
    """Sync a history, and compare the tables with the model's after every attempt."""
    team, model = Team(), Model(operation)
    at = datetime(2026, 1, 10, tzinfo=UTC)
    now = [0.0]

    def clock():
        now[0] += rng.choice([0, 0, 1])
        return now[0]

    with (
        tempfile.TemporaryDirectory() as folder,
        Store.open(Path(folder) / "pulls.duckdb") as store,
        team.client() as junction,
    ):
        for team.pages, breaks in history:
            taken = 0
            for after in [*breaks, None]:
                at += timedelta(minutes=1)
                left = after

                def committed(run, at=at):
                    nonlocal taken, left
                    for users in team.pages[taken : run.pages]:
                        model.take(run.run, users, at)
                    taken = run.pages
                    if run.state == "complete":
                        model.end(run.run, at)
                        taken = 0
                    if left is not None:
                        left -= 1
                        if left < 0:
                            raise BrokenOffError

                with suppress(BrokenOffError):
                    sync(
                        junction,
                        store,
                        [operation],
                        prefetch=0,
                        now=lambda at=at: at,
                        clock=clock,
                        on_commit=committed,
                    )
                assert stored(store, operation) == model.rows
                assert list(store.changes(operation=operation)) == model.changes


def test_long_listing_is_committed_in_a_few_transactions(tmp_path):
    rng = random.Random(1)
    team = Team(*[[{"user_id": str(user_id(n)), "provider": {}}] for n in range(40)])
    commits = []
    with Store.open(tmp_path / "pulls.duckdb") as store, team.client() as junction:
        sync(junction, store, clock=lambda: rng.uniform(0, 0.5), on_commit=commits.append)
    assert [run.pages for run in commits] == [40]
