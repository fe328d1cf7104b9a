"""The mock's one world: connections, backfills and data of a user tell one story in time."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from junction_introspect.mock import Clock, Population, World
from junction_introspect.mock.backfills import NOW
from junction_introspect.mock.connected import external_user_id
from junction_introspect.mock.world import UnknownUserError
from junction_introspect.operations.connections import Connection, ResourceAvailability, Scopes
from junction_introspect.operations.historical_pulls import rows
from junction_introspect.operations.resources import ResourceStatistics
from junction_introspect.tracking import VERDICTS, diagnose

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
NOBODY = UUID(int=0, version=4)
POPULATION = Population(80, seed=1)


def told(value):
    return value or None


def connections(world, user_id):
    """Return a user's connections as rows."""
    for each in world.connections(user_id).providers:
        error = told(each.error_details)
        yield Connection(
            provider=each.slug,
            name=each.name,
            created_on=each.created_on,
            status=each.status,
            error_type=error and error.error_type,
            errored_at=error and error.errored_at,
            resources={
                resource: ResourceAvailability(
                    status=availability.status,
                    denied=Scopes(tuple(scopes.user_denied.required) if scopes else ()),
                )
                for resource, availability in each.resource_availability.items()
                for scopes in (told(availability.scope_requirements),)
            },
        )


def statistics(world, index):
    """Return how a user's data is doing as rows."""
    user = world.resources(index)
    for provider, resources in user.provider.items():
        for resource, each in resources.items():
            attempt = told(each.last_attempt)
            yield ResourceStatistics(
                user_id=user.user_id,
                provider=provider,
                resource=resource,
                last_attempt_at=attempt and attempt.timestamp,
                last_attempt_status=attempt and attempt.status,
                oldest_data=told(each.oldest_data),
                newest_data=told(each.newest_data),
                sent_count=told(each.sent_count),
            )


def diagnosed(world, user_id):
    index = world.index_of(user_id)
    return diagnose(
        connections(world, user_id),
        rows(world.user(index)),
        statistics(world, index),
        world.clock.now(),
        user_id=user_id,
    )


def verdict(world, user_id, provider, resource):
    (found,) = (
        each.verdict
        for each in diagnosed(world, user_id)
        if each.provider == provider and each.resource in {resource, None}
    )
    return found


@pytest.fixture
def world():
    return World(Population(0, seed=1))


@pytest.fixture
def settled(world):
    """Connect a user to everything that is needed, and let all backfills succeed with data."""

    def settle(*providers, resources=("sleep", "workouts", "profile")):
        user_id = world.add_user({name: [*resources] for name in providers})
        world.clock.change(advance=DAY.total_seconds())
        for name in providers:
            for resource in resources:
                world.set_pull(user_id, name, resource, "success")
        world.clock.change(advance=(10 * DAY).total_seconds())
        return user_id

    return settle


@pytest.mark.parametrize("provider", ["garmin", "oura", "wahoo", "apple_health_kit", "polar"])
def test_what_is_well_is_receiving_however_its_data_arrives(world, settled, provider):
    user_id = settled(provider)
    assert {each.verdict for each in diagnosed(world, user_id)} == {"receiving"}
    world.clock.change(advance=(30 * DAY).total_seconds())
    assert {each.verdict for each in diagnosed(world, user_id)} == {"receiving"}


@pytest.mark.parametrize(
    ("order", "provider", "expected"),
    [
        (lambda world, *at: world.disconnect(*at[:2]), "garmin", "not_connected"),
        (lambda world, *at: world.break_connection(*at[:2]), "garmin", "connection_error"),
        (lambda world, *at: world.deny(*at), "garmin", "not_granted"),
        (lambda world, *at: world.deny(*at, scopes=[]), "garmin", "not_available"),
        (lambda world, *at: world.mend(*at[:2]), "garmin", "backfill_waiting"),
        (lambda world, *at: world.connect(*at[:2], []), "garmin", "not_pulled"),
        (lambda world, *at: world.set_pull(*at, "failure"), "garmin", "backfill_failed"),
        (lambda world, *at: world.end_attempts(*at), "garmin", "attempts_failing"),
        (lambda world, *at: world.end_attempts(*at), "wahoo", "attempts_failing"),
        (lambda world, *at: world.end_attempts(*at, failing=False), "wahoo", "polling_late"),
        (lambda world, *at: world.silence(*at), "wahoo", "no_new_data"),
        (lambda world, *at: world.silence(*at), "garmin", "silent"),
        (lambda world, *at: world.silence(*at), "apple_health_kit", "silent"),
        (lambda world, *at: world.silence(*at), "from_no_list", "silent"),
    ],
)
def test_order_comes_to_its_verdict_in_time(world, settled, order, provider, expected):
    provider = "polar" if provider == "from_no_list" else provider
    user_id = settled(provider)
    order(world, user_id, provider, "sleep")
    found = [verdict(world, user_id, provider, "sleep")]
    world.clock.change(advance=(9 * DAY).total_seconds())
    found.append(verdict(world, user_id, provider, "sleep"))
    assert expected in found


@pytest.mark.parametrize("ago", [0, 9 * 86_400])
def test_what_has_been_so_for_a_while_shows_at_once(world, settled, ago):
    user_id = settled("garmin")
    world.silence(user_id, "garmin", "sleep", ago=ago)
    assert verdict(world, user_id, "garmin", "sleep") == ("silent" if ago else "receiving")
    assert verdict(world, user_id, "garmin", "profile") == "receiving"


def test_connection_without_any_resource_cannot_be_told_of(world):
    user_id = world.add_user({"oura": []})
    assert verdict(world, user_id, "oura", None) == "cannot_tell"


def test_stuck_and_empty_backfills_come_to_their_verdicts(world):
    user_id = world.add_user({"oura": ["sleep"]})
    world.set_pull(user_id, "oura", "sleep", "scheduled")
    world.clock.change(advance=3_601)
    assert verdict(world, user_id, "oura", "sleep") == "backfill_stuck"


def test_broken_connection_ends_backfills_and_attempts(world, settled):
    user_id = settled("wahoo")
    world.connect(user_id, "oura", ["sleep"])
    world.break_connection(user_id, "oura", "provider_password_expired")
    world.break_connection(user_id, "wahoo", ago=DAY.total_seconds())
    index = world.index_of(user_id)
    assert world.user(index).provider["oura"].pulled["sleep"].status == "failure"
    world.clock.change(advance=(5 * DAY).total_seconds())
    (broken,) = (each for each in world.connections(user_id).providers if each.slug == "wahoo")
    assert broken.status == "error"
    assert broken.error_details.errored_at == world.clock.now() - 6 * DAY
    for each in world.resources(index).provider["wahoo"].values():
        assert each.last_attempt.timestamp <= broken.error_details.errored_at


def test_mending_grants_all_connects_now_and_schedules_backfills(world, settled):
    user_id = settled("garmin")
    world.deny(user_id, "garmin", "sleep")
    world.silence(user_id, "garmin")
    world.break_connection(user_id, "garmin")
    world.mend(user_id, "garmin")
    (connection,) = world.connections(user_id).providers
    assert connection.status == "connected"
    assert connection.created_on == world.clock.now()
    assert {each.status for each in connection.resource_availability.values()} == {"available"}
    pulls = world.user(world.index_of(user_id)).provider["garmin"].pulled
    assert {pull.status for pull in pulls.values()} == {"scheduled"}
    world.clock.change(advance=DAY.total_seconds())
    assert {pull.status for pull in pulls.values()} <= {"scheduled", "success", "failure"}


def test_what_was_disconnected_stays_in_the_listings(world, settled):
    user_id = settled("garmin", "wahoo")
    before = world.resources(world.index_of(user_id)).provider["garmin"]
    world.disconnect(user_id, "garmin")
    world.clock.change(advance=DAY.total_seconds())
    assert [each.slug for each in world.connections(user_id).providers] == ["wahoo"]
    assert world.resources(world.index_of(user_id)).provider["garmin"] == before


def test_polled_resource_is_asked_for_every_quarter_of_an_hour(world, settled):
    user_id = settled("wahoo")
    index = world.index_of(user_id)
    for _ in range(5):
        world.clock.change(advance=900)
        attempt = world.resources(index).provider["wahoo"]["sleep"].last_attempt
        assert timedelta() <= world.clock.now() - attempt.timestamp < timedelta(minutes=15)


def test_phone_sends_every_hour_while_the_app_is_used(world, settled):
    user_id = settled("health_connect")
    index = world.index_of(user_id)
    attempt = world.resources(index).provider["health_connect"]["sleep"].last_attempt
    assert world.clock.now() - attempt.timestamp < HOUR


@pytest.mark.parametrize("passed", [timedelta(), HOUR, 3 * DAY, 60 * DAY])
def test_drawn_world_does_not_contradict_itself(passed):
    world = World(POPULATION)
    world.clock.change(advance=passed.total_seconds())
    verdicts = Counter()
    for index in range(len(POPULATION)):
        for each in diagnosed(world, POPULATION.user_id(index)):
            assert each.contradictions == ()
            verdicts[each.verdict] += 1
    assert verdicts.keys() <= {*VERDICTS}
    assert verdicts.keys() >= {"receiving", "connection_error", "not_granted", "silent"}


@settings(max_examples=30)
@given(st.integers(0, 79), st.lists(st.integers(0, 9 * 86_400), min_size=2, max_size=4))
def test_data_does_not_go_back_in_time(index, waits):
    world = World(POPULATION)
    before = {}
    for wait in waits:
        world.clock.change(advance=wait)
        for row in statistics(world, index):
            key = (row.provider, row.resource)
            now = (row.newest_data, row.sent_count or 0, row.last_attempt_at)
            if row.newest_data is not None:
                assert row.oldest_data <= row.newest_data <= world.clock.now()
            if key in before:
                assert all(
                    earlier is None or later >= earlier
                    for earlier, later in zip(before[key], now, strict=True)
                )
            before[key] = now


def test_world_is_the_same_for_the_same_seed():
    one, other = World(Population(20, seed=5)), World(Population(20, seed=5))
    for index in range(20):
        user_id = one.population.user_id(index)
        assert one.resources(index) == other.resources(index)
        assert one.connections(user_id) == other.connections(user_id)


def test_population_can_be_drawn_for_any_moment():
    start = datetime.fromisoformat("2031-02-03T04:05:06.7+00:00")
    world = World(Population(20, seed=1, now=start))
    assert world.clock.now() == start.replace(microsecond=0)
    for index in range(20):
        for each in diagnosed(world, world.population.user_id(index)):
            assert each.contradictions == ()
    newest = max(row.last_attempt_at for row in statistics(world, 0) if row.last_attempt_at)
    assert start - newest < 2 * DAY


def test_turning_the_clock_back_makes_undone_what_is_still_to_come(world, settled):
    user_id = settled("garmin")
    before = world.clock.now()
    world.clock.change(advance=HOUR.total_seconds())
    world.break_connection(user_id, "garmin")
    world.deny(user_id, "garmin", "sleep")
    world.clock.change(now=before)
    (connection,) = world.connections(user_id).providers
    assert connection.status == "connected"
    assert connection.resource_availability["sleep"].status == "available"
    assert verdict(world, user_id, "garmin", "sleep") == "receiving"


def test_reset_forgets_what_was_ordered():
    world = World(POPULATION)
    user_id = POPULATION.user_id(0)
    before = diagnosed(world, user_id)
    for provider in world.user(0).provider:
        world.disconnect(user_id, provider)
    world.connect(user_id, "zwift")
    assert diagnosed(world, user_id) != before
    world.reset()
    assert diagnosed(world, user_id) == before


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (lambda world, user_id: world.mend(user_id, "oura"), "has never connected oura"),
        (lambda world, user_id: world.mend(user_id, "nokia"), "'nokia' is not a provider"),
        (lambda world, user_id: world.connect(user_id, "oura", ["x"]), "'x' is not a resource"),
        (
            lambda world, user_id: world.break_connection(user_id, "garmin", "tired"),
            "'tired' is not a connection error of the specification, which lists deregistered_",
        ),
        (lambda world, user_id: world.deny(user_id, "garmin", "hrv"), "connected without hrv"),
        (lambda world, user_id: world.silence(user_id, "garmin", "x"), "'x' is not a resource"),
        (
            lambda world, user_id: world.disconnect(user_id, "garmin", ago=-1),
            "must not be negative",
        ),
        (
            lambda world, user_id: world.silence(user_id, "garmin", ago=float("nan")),
            "must not be negative",
        ),
    ],
)
def test_order_that_cannot_be_is_refused_and_changes_nothing(world, settled, order, said):
    user_id = settled("garmin")
    before = diagnosed(world, user_id)
    with pytest.raises(ValueError, match=said):
        order(world, user_id)
    assert diagnosed(world, user_id) == before


def test_user_without_a_connection_is_said_to_have_none(world):
    with pytest.raises(ValueError, match=r"has never connected oura$"):
        world.mend(world.add_user([]), "oura")


@pytest.mark.parametrize("name", ["mend", "connect", "disconnect", "silence", "break_connection"])
def test_nobody_cannot_be_told_of(world, name):
    with pytest.raises(UnknownUserError, match="there is no user"):
        getattr(world, name)(NOBODY, "oura")
    with pytest.raises(UnknownUserError):
        world.connections(NOBODY)


def test_event_is_not_from_before_the_connection(world, settled):
    user_id = settled("garmin")
    world.break_connection(user_id, "garmin", ago=1e12)
    (connection,) = world.connections(user_id).providers
    assert connection.error_details.errored_at == connection.created_on


@pytest.mark.parametrize(
    ("provider", "ending"),
    [("eight_sleep", "@example.org"), ("peloton", ""), ("garmin", "")],
)
def test_provider_knows_the_user_by_something_personal(provider, ending):
    external = external_user_id(NOBODY, provider)
    assert external == external_user_id(NOBODY, provider)
    assert external.endswith(ending)
    assert external != external_user_id(UUID(int=1), provider)


def test_phone_knows_no_user():
    assert external_user_id(NOBODY, "apple_health_kit") is None


def test_clock_of_a_world_starts_when_its_population_was_drawn():
    assert World(Population(0, seed=1)).clock.start == NOW
    later = NOW + DAY
    assert World(Population(0, seed=1, now=later)).clock.start == later
    clock = Clock(start=later)
    assert World(Population(0, seed=1), clock).clock is clock
