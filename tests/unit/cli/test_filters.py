"""Which rows pass a command's filters: alike for rows of the API and for those of a store."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from junction_introspect import HistoricalPull, ResourceStatistics
from junction_introspect.cli.app import COMMANDS, loaded
from junction_introspect.cli.filters import Filters
from junction_introspect.cli.stored import rows_of
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS
from junction_introspect.operations.resources import RESOURCES
from junction_introspect.store import Store, sync
from tests.support.payloads import statistics, user_id
from tests.unit.store.scripted import Team

pytestmark = pytest.mark.any_specification

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PROVIDERS = ("oura", "garmin")
RESOURCE_NAMES = ("sleep", "hrv", "steps")
STATUSES = ("success", "failure", None)
ERRORS = ("unexpected_error", None)
SHARED = {"--user-id", "--provider", "--resource", "--unlisted"}
READING = {*COMMANDS} - {"sync", "contract", "doctor", "mock", "profiles"}


def pull(number=1, provider="oura", resource="sleep", status="success", error=None):
    return HistoricalPull(
        user_id=user_id(number),
        provider=provider,
        resource=resource,
        status=status,
        pulled=status is not None,
        error_details=error,
    )


def kept(rows, **filters):
    return list(Filters(**filters).kept(HISTORICAL_PULLS, rows))


def test_without_filters_all_rows_pass():
    rows = [pull(1), pull(2, status=None)]
    assert kept(rows) == rows
    assert kept(rows, team="acme") == rows


@pytest.mark.parametrize(
    "filters",
    [
        {"user_id": user_id(1)},
        {"provider": "oura"},
        {"resources": frozenset({"sleep", "steps"})},
        {"statuses": frozenset({"failure", "retrying"})},
        {"errors": frozenset({"unexpected_error"})},
    ],
)
def test_a_row_has_to_pass_every_filter(filters):
    row = pull(1, "oura", "sleep", "failure", "unexpected_error")
    other = pull(2, "garmin", "hrv", "success", None)
    assert kept([row, other], **filters) == [row]
    assert kept([row], **filters, **({} if "errors" in filters else {"errors": {"else"}})) == (
        [row] if "errors" in filters else []
    )


def test_absent_status_is_that_of_a_resource_that_was_not_pulled():
    rows = [pull(status=None), pull(status="success")]
    assert kept(rows, statuses=frozenset({None})) == rows[:1]


def test_status_of_data_is_that_of_the_last_attempt():
    rows = [
        ResourceStatistics(
            user_id=user_id(1), provider="oura", resource=name, last_attempt_status=status
        )
        for name, status in (("sleep", "failure"), ("hrv", "success"))
    ]
    filters = Filters(statuses=frozenset({"failure"}))
    assert list(filters.kept(RESOURCES, rows)) == rows[:1]


def test_what_rows_do_not_have_cannot_be_filtered_by():
    with pytest.raises(typer.BadParameter, match="resources have no error to filter by"):
        Filters(errors=frozenset({"unexpected_error"})).keeps(RESOURCES)


def some(values):
    return st.sets(st.sampled_from(values), max_size=len(values)).map(frozenset)


FILTERS = st.builds(
    Filters,
    user_id=st.sampled_from([None, user_id(1), user_id(2), user_id(9)]),
    provider=st.sampled_from([None, *PROVIDERS, "mood_ring"]),
    resources=some(RESOURCE_NAMES),
    statuses=some(STATUSES),
    errors=some(["unexpected_error", "provider_unavailable"]),
)


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """A store with rows of every combination, in two teams."""
    users = []
    for number in (1, 2):
        combinations = itertools.cycle(itertools.product(STATUSES[:2], ERRORS))
        providers = {}
        for provider in PROVIDERS:
            pulled = {
                name: statistics(status=status, error_details=error)
                for name, (status, error) in zip(RESOURCE_NAMES[:2], combinations, strict=False)
            }
            providers[provider] = {"pulled": pulled, "not_pulled": [RESOURCE_NAMES[2]]}
        users.append({"user_id": str(user_id(number)), "provider": providers})
    path = tmp_path_factory.mktemp("filters") / "pulls.duckdb"
    with Store.open(path) as store, Team(users).client() as junction:
        sync(junction, store, team="acme", now=lambda: NOW)
        sync(junction, store, team="globex", now=lambda: NOW)
        yield store, list(store.rows())[: store.count() // 2]


@given(filters=FILTERS)
def test_store_keeps_what_the_api_keeps(everything, filters):
    store, rows = everything
    assert list(rows_of(store, HISTORICAL_PULLS, filters, "acme")) == list(
        filters.kept(HISTORICAL_PULLS, rows)
    )


@pytest.mark.parametrize("name", sorted(READING))
def test_filters_are_spelt_alike_on_everything_that_reads(name):
    declared = {option for each in loaded(name).params for option in each.opts}
    helps = {each.opts[0]: each.help for each in loaded(name).params if each.opts[0] in SHARED}
    of_pulls = {each.opts[0]: each.help for each in loaded("pulls").params}

    assert declared >= (SHARED - {"--user-id"} if name == "explain" else SHARED)
    assert ("--team" in declared) is (name != "watch")
    assert ({"--status", "--error"} <= declared) is (name not in {"explain", "stale"})
    assert helps.items() <= of_pulls.items()
