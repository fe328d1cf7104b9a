"""The mock's users: made from the seed, alike every time, and never in contradiction."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from uuid import RFC_4122, UUID, uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from junction_api.models import SingleUserHistoricalPullResponse
from junction_api.types import UNSET
from junction_introspect import (
    NON_RETRIABLE_ERROR_VALUES,
    PROVIDER_VALUES,
    RESOURCE_VALUES,
    RETRIABLE_ERROR_VALUES,
    STATUS_VALUES,
)
from junction_introspect.mock import Population
from junction_introspect.mock.backfills import ERROR_DETAILS_SINCE, NOW
from junction_introspect.mock.identities import MAX_USERS

OPTIONAL = ("range_start", "range_end", "trace_id", "error_details")


def everyone(population):
    return [population.user(index) for index in range(len(population))]


@pytest.fixture(scope="module")
def users():
    return everyone(Population(200, seed=1))


@pytest.fixture(scope="module")
def providers(users):
    return [provider for user in users for provider in user.provider.values()]


@pytest.fixture(scope="module")
def pulls(providers):
    return [pull for provider in providers for pull in provider.pulled.values()]


def test_the_same_seed_gives_the_same_users():
    assert everyone(Population(5, seed=7)) == everyone(Population(5, seed=7))


def test_another_seed_gives_other_users():
    first, second = everyone(Population(5, seed=7)), everyone(Population(5, seed=8))
    assert {user.user_id for user in first}.isdisjoint(user.user_id for user in second)


def test_a_user_does_not_depend_on_how_many_others_there_are():
    assert Population(5, seed=7).user(4) == Population(50, seed=7).user(4)


def test_a_user_does_not_depend_on_which_were_asked_for_before():
    population = Population(5, seed=7)
    expected = population.user(4)
    everyone(population)
    assert population.user(4) == expected


def test_users_are_the_same_in_every_process():
    program = (
        "from junction_introspect.mock import Population; population = Population(3, seed=7);"
        "print([population.user(index) for index in range(3)])"
    )
    printed = {
        subprocess.run(  # noqa: S603
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "2")
    }
    assert len(printed) == 1


def test_a_trillion_users_are_as_near_as_ten():
    population = Population(10**12, seed=7)
    last = population.user(10**12 - 1)
    assert population.index_of(last.user_id) == 10**12 - 1


def test_there_are_as_many_users_as_asked_for():
    population = Population(3, seed=7)
    assert len(population) == 3
    assert len({population.user_id(index) for index in range(3)}) == 3


@pytest.mark.parametrize("index", [-1, 3])
def test_a_number_that_nobody_has_is_an_index_error(index):
    with pytest.raises(IndexError):
        Population(3, seed=7).user(index)


@pytest.mark.parametrize("users", [-1, MAX_USERS + 1])
def test_an_impossible_number_of_users_is_refused(users):
    with pytest.raises(ValueError, match="users must be"):
        Population(users, seed=7)


@given(st.integers(0, MAX_USERS - 1), st.integers())
def test_a_user_is_found_by_id_again(index, seed):
    population = Population(MAX_USERS, seed)
    user_id = population.user_id(index)
    assert (user_id.version, user_id.variant) == (4, RFC_4122)
    assert population.index_of(user_id) == index


def test_an_id_of_no_user_is_found_to_be_nobody():
    population = Population(3, seed=7)
    assert population.index_of(uuid4()) is None
    assert population.index_of(Population(4, seed=7).user_id(3)) is None
    assert population.index_of(Population(3, seed=8).user_id(0)) is None


def test_an_id_with_any_bit_altered_is_nobodys():
    population = Population(MAX_USERS, seed=7)
    user_id = population.user_id(0)
    assert {population.index_of(UUID(int=user_id.int ^ 1 << bit)) for bit in range(128)} == {None}


def test_what_a_client_decodes_equals_what_was_made(users):
    encoded = msgspec.json.encode(users)
    assert msgspec.json.decode(encoded, type=list[SingleUserHistoricalPullResponse]) == users


def test_everybody_has_one_to_three_providers(users):
    assert {len(user.provider) for user in users} == {1, 2, 3}


def test_every_provider_is_somebodys():
    population = Population(2_000, seed=1)
    found = {provider for user in everyone(population) for provider in user.provider}
    assert found == PROVIDER_VALUES


def test_every_status_is_there(pulls):
    assert {pull.status for pull in pulls} == STATUS_VALUES


def test_every_error_of_both_kinds_is_there(pulls):
    found = {pull.error_details for pull in pulls} - {None, UNSET}
    assert found == RETRIABLE_ERROR_VALUES | NON_RETRIABLE_ERROR_VALUES


def test_every_resource_is_known(providers):
    found = {resource for one in providers for resource in (*one.pulled, *one.not_pulled)}
    assert found <= RESOURCE_VALUES


def test_some_resources_are_not_pulled_and_none_is_both(providers):
    assert any(one.not_pulled for one in providers)
    assert not any(one.pulled.keys() & set(one.not_pulled) for one in providers)
    assert all(len(set(one.not_pulled)) == len(one.not_pulled) for one in providers)


@pytest.mark.parametrize("name", OPTIONAL)
def test_an_optional_field_is_set_and_null_and_left_out(pulls, name):
    values = [getattr(pull, name) for pull in pulls]
    assert None in values
    assert UNSET in values
    assert any(values)


def test_timestamps_are_ordered_in_utc_and_not_later_than_now(pulls):
    for pull in pulls:
        timeline = pull.timeline
        given_ones = [
            when for when in (timeline.scheduled_at, timeline.started_at, timeline.ended_at) if when
        ]
        assert given_ones == sorted(given_ones)
        assert given_ones[-1] <= NOW
        assert {when.utcoffset() for when in given_ones} == {timedelta(0)}


def test_a_final_status_has_ended(pulls):
    assert all(pull.timeline.ended_at for pull in pulls if pull.status in {"success", "failure"})


def test_what_is_scheduled_has_not_started_and_what_is_in_progress_has_not_ended(pulls):
    assert not any(pull.timeline.started_at for pull in pulls if pull.status == "scheduled")
    under_way = {"scheduled", "in_progress"}
    assert not any(pull.timeline.ended_at for pull in pulls if pull.status in under_way)


def test_what_is_retrying_may_have_ended_or_not(pulls):
    assert {bool(pull.timeline.ended_at) for pull in pulls if pull.status == "retrying"} == {
        True,
        False,
    }


def test_an_error_is_of_the_kind_that_its_status_calls_for(pulls):
    for pull in pulls:
        if pull.error_details:
            assert (pull.status, pull.error_details) in {
                *(("failure", error) for error in NON_RETRIABLE_ERROR_VALUES),
                *(("retrying", error) for error in RETRIABLE_ERROR_VALUES),
            }


def test_only_connections_made_before_may_2025_fail_without_saying_why(pulls):
    for pull in pulls:
        if pull.status in {"failure", "retrying"} and not pull.error_details:
            # Scheduled within two minutes of the connection.
            assert pull.timeline.scheduled_at < ERROR_DETAILS_SINCE + timedelta(minutes=2)


def test_days_with_data_fit_the_range_and_nothing_was_pulled_without_one(pulls):
    for pull in pulls:
        assert bool(pull.range_start) == bool(pull.range_end)
        days = (pull.range_end - pull.range_start).days if pull.range_end else 0
        assert 0 <= pull.days_with_data <= days
        if pull.status == "scheduled":
            assert pull.days_with_data == 0
