"""What a store gives to read: rows, batches and counts, by operation and by filters."""

from operator import itemgetter
from uuid import UUID

import pytest

from junction_introspect.arrow import record_batch, schema
from junction_introspect.errors import StoreIncompleteError
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS
from junction_introspect.operations.resources import RESOURCES
from junction_introspect.store import Filters, Store, sync
from tests.support.payloads import statistics, user, user_id
from tests.unit.store.scripted import Team

pytestmark = pytest.mark.any_specification

ONE, TWO = str(user_id(1)), str(user_id(2))


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """A store with two teams, of which one has a user that the other has too."""
    path = tmp_path_factory.mktemp("read") / "pulls.duckdb"
    failed = statistics(status="failure", error_details="retry_quota_exhausted")
    teams = {
        "b": Team([user(1), user(2, sleep=failed)]),
        "a": Team([user(1, dream=statistics(status="paused"))]),
    }
    with Store.open(path) as store:
        for name, team in teams.items():
            with team.client() as junction:
                sync(junction, store, team=name)
        with Team([]).client() as junction:
            sync(junction, store, [RESOURCES], team="b")
    return path


@pytest.fixture
def store(path):
    with Store.open(path, read_only=True) as store:
        yield store


def read(store, **filters):
    """Return team, last digit of the user, and resource of the rows that pass, in two ways."""
    given = Filters(**filters)
    found = [
        (team, str(row.user_id)[-1], row.resource)
        for team, row in store.rows_by_team(HISTORICAL_PULLS, filters=given)
    ]
    columns = [
        (row["team"], row["user_id"][-1], row["resource"])
        for batch in store.batches(filters=given, team=True)
        for row in batch.to_pylist()
    ]
    assert columns == found
    assert store.count(filters=given) == len(found)
    return found


def test_rows_of_all_teams_are_in_order_and_have_their_team(store):
    assert read(store) == [
        ("a", "1", "dream"),
        ("a", "1", "hrv"),
        ("b", "1", "activity"),
        ("b", "1", "hrv"),
        ("b", "1", "sleep"),
        ("b", "2", "hrv"),
        ("b", "2", "sleep"),
    ]


@pytest.mark.parametrize(
    ("filters", "number"),
    [
        ({"team": "a"}, 2),
        ({"team": ["a", "b"]}, 7),
        ({"team": "c"}, 0),
        ({"user_id": UUID(ONE)}, 5),
        ({"user_id": {UUID(TWO)}}, 2),
        ({"user_id": [ONE, TWO]}, 7),
        ({"provider": "oura"}, 7),
        ({"provider": ["garmin"]}, 0),
        ({"resource": ["sleep", "dream"]}, 3),
        ({"status": "failure"}, 1),
        ({"status": [None]}, 3),
        ({"status": [None, "paused"]}, 4),
        ({"error": "retry_quota_exhausted"}, 1),
        ({"error": frozenset({None}), "team": "b", "resource": "sleep"}, 1),
        ({"resource": "'; --"}, 0),
    ],
)
def test_row_has_to_pass_every_filter_by_one_of_its_values(store, filters, number):
    assert len(read(store, **filters)) == number


def test_filter_by_an_id_that_is_none_is_refused():
    with pytest.raises(ValueError, match="hexadecimal"):
        Filters(user_id="x")


@pytest.mark.parametrize("name", ["team", "provider", "resource", "status", "error"])
def test_filter_that_no_text_can_be_is_refused(name):
    for value in ("\ud800", [None, "x", "\udfff"]):
        with pytest.raises(ValueError, match=f"{name} contains a lone surrogate"):
            Filters(**{name: value})


def test_runs_of_a_team_that_no_text_can_be_are_refused(store):
    with pytest.raises(ValueError, match="team contains a lone surrogate"):
        store.runs("\ud800")


def test_changes_are_filtered_by_the_row_after_them(store):
    found = list(store.changes(filters=Filters(status="failure", team="b")))
    assert [(each.team, each.kind, each.after.status) for each in found] == [
        ("b", "appeared", "failure")
    ]


def test_rows_without_a_status_or_an_error_cannot_be_filtered_by_it(store):
    for read in (store.rows, store.batches, store.count):
        with pytest.raises(ValueError, match="resources have no error to filter by"):
            read(RESOURCES, filters=Filters(error="x"))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 10])
@pytest.mark.parametrize("skip", [0, 1, 7])
def test_batches_are_not_larger_than_asked_for_and_of_the_schema(store, size, skip):
    batches = list(store.batches(rows=size, skip=skip))
    assert all(0 < batch.num_rows <= size for batch in batches)
    assert sum(batch.num_rows for batch in batches) == 7 - skip
    assert {batch.schema for batch in batches} <= {schema(HISTORICAL_PULLS)}


def test_batches_are_those_of_the_listing(tmp_path):
    team = Team([user(1), user(2)])
    with Store.open(tmp_path / "pulls.duckdb") as store, team.client() as junction:
        sync(junction, store)
        (run,) = store.runs()
        (page,) = junction.historical_pulls().pages()
        listed = record_batch(HISTORICAL_PULLS, page, run.observed_at).to_pylist()
        (stored,) = store.batches()

    assert stored.to_pylist() == sorted(listed, key=itemgetter(*HISTORICAL_PULLS.key))


def test_teams_tell_what_the_store_has_of_them(store):
    assert [(each.team, each.environment, [*each.observed_at]) for each in store.teams()] == [
        ("a", "Sandbox", ["pulls"]),
        ("b", "Sandbox", ["pulls", "resources"]),
    ]
    assert all(
        at == max(run.observed_at for run in store.runs(each.team) if run.what == what)
        for each in store.teams()
        for what, at in each.observed_at.items()
    )


def test_store_says_what_it_lacks(store):
    store.require(HISTORICAL_PULLS)
    store.require(HISTORICAL_PULLS, RESOURCES, teams=["b"])

    with pytest.raises(StoreIncompleteError) as caught:
        store.require(HISTORICAL_PULLS, RESOURCES)

    assert caught.value.missing == {"resources": ["a"]}
    assert str(caught.value) == (
        f"{store.path} has no resources of team 'a': sync them with --what resources"
    )


def test_store_that_was_never_filled_lacks_everything(tmp_path):
    with (
        Store.open(tmp_path / "pulls.duckdb") as store,
        pytest.raises(StoreIncompleteError, match="has no pulls and no resources: sync them"),
    ):
        store.require(HISTORICAL_PULLS, RESOURCES)
