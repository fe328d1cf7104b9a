"""The mock keeps the contract whatever it was told to do, as long as no fault is waiting."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from junction_introspect.contract.api import Api, UntestedError
from junction_introspect.contract.promises import PROMISES, broken
from junction_introspect.contract.suite import State, check_server
from junction_introspect.mock import Control, Population, World, create_app
from junction_introspect.mock.backfills import NOW
from junction_introspect.mock.connecting import ERROR_TYPES
from junction_introspect.mock.faults import Delay, Reset, Status, UnknownValues
from junction_introspect.mock.names import ERRORS

pytestmark = pytest.mark.any_specification

STATUSES = ("scheduled", "in_progress", "retrying", "success", "failure")
POPULATION = Population(9, seed=3)


@pytest.fixture
def control():
    return Control(World(POPULATION))


def add_a_user(control):
    control.world.add_user({"oura": ["sleep", "hrv"], "fitbit": []})


def set_pulls(control):
    for index in range(len(control.world)):
        user_id = control.world.user(index).user_id
        for status in STATUSES:
            for error in (None, *ERRORS.get(status, ())[:1]):
                resource = ("sleep", "hrv", "steps", "weight", "fat")[STATUSES.index(status)]
                control.world.set_pull(user_id, "oura", resource, status, error_details=error)


def let_pulls_go_on(control):
    for status in STATUSES:
        user_id = control.world.add_user(["garmin"])
        control.world.set_pull(user_id, "garmin", "sleep", status, held=False)
    advance(control)


def connect(control):
    control.world.connect(control.world.user(0).user_id, "strava")
    control.world.connect(control.world.user(1).user_id, "zwift", ["workouts"])
    control.world.connect(control.world.user(1).user_id, "zwift", [])


def mend(control):
    for index in range(4):
        user = control.world.user(index)
        for provider in user.provider:
            control.world.mend(user.user_id, provider)


def break_connections(control):
    for index in range(4):
        user = control.world.user(index)
        for number, provider in enumerate(user.provider):
            control.world.break_connection(
                user.user_id, provider, ERROR_TYPES[index], ago=number * 86_400
            )


def disconnect(control):
    user = control.world.user(2)
    control.world.disconnect(user.user_id, next(iter(user.provider)), ago=9_999_999_999)


def deny(control):
    for index in range(6):
        user = control.world.user(index)
        for provider, each in user.provider.items():
            for number, resource in enumerate((*each.pulled, *each.not_pulled)):
                scopes = [None, [], ["a.scope"]][number % 3]
                control.world.deny(user.user_id, provider, resource, scopes=scopes, ago=index)


def silence(control):
    for index in range(6):
        user = control.world.user(index)
        for provider in user.provider:
            control.world.silence(user.user_id, provider, ago=index * 86_400)


def end_attempts(control):
    for index in range(6):
        user = control.world.user(index)
        for number, provider in enumerate(user.provider):
            control.world.end_attempts(
                user.user_id, provider, failing=bool(number % 2), ago=index * 86_400
            )


def advance(control):
    control.world.clock.change(advance=2_000)


def turn_back(control):
    add_a_user(control)
    advance(control)
    control.world.clock.change(now=NOW)


def let_it_run(control):
    control.world.clock.change(speed=600)


def commit_faults(control):
    for fault in (Status(), UnknownValues(), Delay(seconds=0)):
        control.faults.add(fault)
    app = create_app(control.world, api_key="key", control=control)
    with Api(app, "key") as api:
        requests = (
            api.get,
            api.resources.get,
            partial(api.connections_of, control.world.user(0).user_id),
        )
        for request in requests * 20:
            with suppress(UntestedError):
                request()
    assert len(control.faults) == 0


def forget_faults(control):
    control.faults.add(Reset(times=9))
    control.faults.clear()


def reset(control):
    set_pulls(control)
    control.reset()


DEEDS = (
    add_a_user,
    set_pulls,
    let_pulls_go_on,
    connect,
    break_connections,
    disconnect,
    deny,
    silence,
    end_attempts,
    mend,
    advance,
    turn_back,
    commit_faults,
    forget_faults,
    reset,
)


# What a server that is on its way keeps its promises after, in any order.
ORDERS = DEEDS[: DEEDS.index(advance) + 1]


def said_of(promise, api):
    try:
        return broken(promise, api)
    except UntestedError:
        return None


def broken_promises(control):
    app = create_app(control.world, api_key="key", control=control)
    with Api(app, "key") as api:
        return {
            promise.name: said
            for promise in PROMISES.values()
            if (said := said_of(promise, api)) is not None
        }


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.__name__)
def test_every_promise_is_kept_after_each_control_call(control, deed):
    deed(control)
    assert broken_promises(control) == {}


@settings(max_examples=settings.default.max_examples // 10)
@given(st.lists(st.sampled_from(ORDERS), max_size=6))
def test_every_promise_is_kept_after_any_control_calls(deeds):
    control = Control(World(POPULATION))
    for deed in deeds:
        deed(control)
    assert broken_promises(control) == {}


@pytest.mark.proof
@pytest.mark.usefixtures("_without_links")
def test_the_whole_suite_holds_after_all_control_calls(control, at_length):
    for deed in (*DEEDS, add_a_user, set_pulls, let_pulls_go_on, let_it_run):
        deed(control)
    app = create_app(control.world, api_key="key", control=control)
    # While time runs the server is not quiet, and what it says of a user changes between requests.
    control.world.clock.change(speed=0)
    report = check_server(app, "key", examples=at_length(25, 1_000))
    assert [str(finding) for finding in report.of(State.BROKEN)] == []


def test_pulls_of_all_statuses_are_there_while_time_passes(control):
    for _ in range(5):
        control.world.add_user(["garmin", "oura"])
    seen = set()
    for _ in range(40):
        control.world.clock.change(advance=timedelta(minutes=5).total_seconds())
        for index in range(9, 14):
            for response in control.world.user(index).provider.values():
                seen |= {pull.status for pull in response.pulled.values()}
    assert seen == {*STATUSES}
