"""A world in motion: the population it was made of, until time passes or somebody interferes."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from junction_introspect import PROVIDER_VALUES, RETRIABLE_ERROR_VALUES
from junction_introspect.mock import Population, World
from junction_introspect.mock.backfills import NOW
from junction_introspect.mock.courses import SETTLED, SETTLED_AFTER
from junction_introspect.mock.world import UnknownUserError

POPULATION = Population(20, seed=1)
SOMEBODY = POPULATION.user_id(3)
STATUSES = ("scheduled", "in_progress", "retrying", "success", "failure")


@pytest.fixture
def world():
    return World(POPULATION)


def everyone(users):
    return [users.user(index) for index in range(len(users))]


def pull_of(world, user_id, provider="oura", resource="sleep"):
    return world.user(world.index_of(user_id)).provider[provider].pulled[resource]


def test_before_time_passes_it_is_the_population(world):
    assert everyone(world) == everyone(POPULATION)


def test_in_time_everything_settles(world):
    world.clock.change(advance=SETTLED_AFTER.total_seconds())
    statuses = {
        pull.status
        for user in everyone(world)
        for provider in user.provider.values()
        for pull in provider.pulled.values()
    }
    assert statuses == SETTLED


def test_going_back_in_time_undoes_what_time_has_done(world):
    world.clock.change(advance=9_999)
    world.clock.change(now=NOW)
    assert everyone(world) == everyone(POPULATION)


def test_an_added_user_comes_last_and_is_found(world):
    user_id = world.add_user(["oura"])
    assert len(world) == 21
    assert world.index_of(user_id) == 20
    assert world.user(20).user_id == user_id


def test_an_added_user_has_everything_scheduled_now(world):
    world.clock.change(advance=100)
    user_id = world.add_user(["oura", "fitbit"])
    for provider in world.user(world.index_of(user_id)).provider.values():
        for pull in provider.pulled.values():
            assert pull.status == "scheduled"
            assert pull.timeline.scheduled_at == world.clock.now()


def test_an_added_users_backfills_move(world):
    user_id = world.add_user(["oura"])
    world.clock.change(advance=SETTLED_AFTER.total_seconds())
    assert pull_of(world, user_id).status in SETTLED


def test_the_resources_of_an_added_user_can_be_chosen(world):
    user_id = world.add_user({"oura": ["sleep"], "manual": []})
    providers = world.user(world.index_of(user_id)).provider
    assert {name: [*response.pulled] for name, response in providers.items()} == {
        "oura": ["sleep"],
        "manual": [],
    }


@pytest.mark.parametrize("name", sorted(PROVIDER_VALUES))
def test_any_provider_can_be_connected(world, name):
    user_id = world.add_user([name])
    assert world.user(world.index_of(user_id)).provider[name].pulled


def test_the_id_of_an_added_user_can_be_chosen(world):
    wanted = uuid4()
    assert world.add_user(["oura"], user_id=wanted) == wanted


def test_ids_of_added_users_are_version_4_and_differ(world):
    added = [world.add_user(["oura"]) for _ in range(5)]
    assert len({*added}) == 5
    assert {each.version for each in added} == {4}


@pytest.mark.parametrize(
    "arguments",
    [
        ({"providers": ["labcorp"]}),
        ({"providers": ["nobody"]}),
        ({"providers": {"oura": ["dreams"]}}),
        ({"providers": ["oura"], "user_id": SOMEBODY}),
    ],
)
def test_a_user_whom_the_api_could_not_list_is_refused(world, arguments):
    with pytest.raises(ValueError):
        world.add_user(**arguments)
    assert len(world) == 20


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("before", STATUSES)
def test_a_pull_can_be_set_from_any_status_to_any(world, status, before):
    world.set_pull(SOMEBODY, "oura", "sleep", before)
    world.clock.change(advance=100)
    world.set_pull(SOMEBODY, "oura", "sleep", status)
    pull = pull_of(world, SOMEBODY)
    assert pull.status == status
    assert bool(pull.error_details) == (status in {"failure", "retrying"})
    assert bool(pull.timeline.started_at) == (status != "scheduled")


def test_a_set_pull_stays_as_it_was_set(world):
    world.set_pull(SOMEBODY, "oura", "sleep", "scheduled")
    before = pull_of(world, SOMEBODY)
    world.clock.change(advance=SETTLED_AFTER.total_seconds())
    assert pull_of(world, SOMEBODY) == before


def test_a_pull_that_is_not_held_goes_on(world):
    world.set_pull(SOMEBODY, "oura", "sleep", "retrying", held=False)
    assert pull_of(world, SOMEBODY).status == "retrying"
    world.clock.change(advance=SETTLED_AFTER.total_seconds())
    assert pull_of(world, SOMEBODY).status in SETTLED


def test_an_error_can_be_chosen(world):
    (error, *_) = sorted(RETRIABLE_ERROR_VALUES)
    world.set_pull(SOMEBODY, "oura", "sleep", "retrying", error_details=error)
    assert pull_of(world, SOMEBODY).error_details == error


def test_setting_what_was_not_pulled_leaves_it_pulled_only(world):
    name, resource, user_id = next(
        (name, provider.not_pulled[0], user.user_id)
        for user in everyone(world)
        for name, provider in user.provider.items()
        if provider.not_pulled
    )
    world.set_pull(user_id, name, resource, "success")
    provider = world.user(world.index_of(user_id)).provider[name]
    assert resource in provider.pulled
    assert resource not in provider.not_pulled


def test_setting_one_pull_leaves_the_others_alone(world):
    before = everyone(world)
    world.set_pull(SOMEBODY, "zwift", "fat", "success")
    after = everyone(world)
    del after[3].provider["zwift"]
    before[3].provider.pop("zwift", None)
    assert after == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("labcorp", "sleep", "success", None),
        ("oura", "dreams", "success", None),
        ("oura", "sleep", "paused", None),
        ("oura", "sleep", "success", "provider_unavailable"),
        ("oura", "sleep", "failure", "provider_unavailable"),
        ("oura", "sleep", "retrying", "retry_quota_exhausted"),
    ],
)
def test_a_pull_that_the_api_could_not_list_is_refused(world, arguments):
    *names, error = arguments
    with pytest.raises(ValueError):
        world.set_pull(SOMEBODY, *names, error_details=error)
    assert everyone(world) == everyone(POPULATION)


def test_a_pull_of_nobody_is_refused(world):
    with pytest.raises(UnknownUserError):
        world.set_pull(UUID(int=0), "oura", "sleep", "success")


def test_reset_leaves_the_population(world):
    world.add_user(["oura"])
    world.set_pull(SOMEBODY, "oura", "sleep", "failure")
    world.clock.change(advance=9_999)
    for provider in world.user(1).provider.values():
        for pull in provider.pulled.values():
            pull.status = "changed by hand"
    world.reset()
    assert everyone(world) == everyone(POPULATION)
    assert world.clock.now() == NOW
