"""What a project that depends on this one writes: it needs nothing but the two fixtures."""

from datetime import timedelta

import httpx
import pytest

from junction_introspect import AuthenticationError, InternalServerError, Junction


def statuses(junction):
    return {row.resource: row.status for row in junction.historical_pulls().rows()}


def test_it_begins_with_nobody(junction):
    assert list(junction.historical_pulls()) == []


def test_an_added_user_is_scheduled(junction_mock, junction):
    user_id = junction_mock.add_user("oura", resources=["sleep", "hrv"])
    assert statuses(junction) == {"sleep": "scheduled", "hrv": "scheduled"}
    assert [user.user_id for user in junction.historical_pulls()] == [user_id]


def test_every_test_has_a_mock_of_its_own(junction):
    assert list(junction.historical_pulls()) == []


def test_a_pull_stands_as_it_was_set(junction_mock, junction):
    user_id = junction_mock.add_user("oura", resources=["sleep"])
    junction_mock.set_pull(
        user_id, "oura", "sleep", "failure", error_details="retry_quota_exhausted"
    )
    (row,) = junction.historical_pulls().rows()
    assert (row.status, row.error_details) == ("failure", "retry_quota_exhausted")
    assert row.settled


def test_backfills_settle_in_time(junction_mock, junction):
    junction_mock.add_user("fitbit")
    before = junction_mock.now
    junction_mock.advance(timedelta(days=1))
    assert {*statuses(junction).values()} <= {"success", "failure"}
    assert junction_mock.now - before == timedelta(days=1)


def test_the_client_survives_what_passes(junction_mock, junction):
    junction_mock.add_user("oura", resources=["sleep"])
    for fault in (503, 429, "reset", "truncated"):
        junction_mock.fail_next(fault)
        assert statuses(junction) == {"sleep": "scheduled"}


def test_what_does_not_pass_is_an_error(junction_mock, junction):
    junction_mock.fail_next(500, times=50)
    with pytest.raises(InternalServerError):
        list(junction.historical_pulls())


def test_a_fault_takes_its_options(junction_mock):
    junction_mock.fail_next(429, retry_after="17")
    junction_mock.fail_next("delay", seconds=0.5)
    for wrong in ("meteorite", 200):
        with pytest.raises(ValueError):
            junction_mock.fail_next(wrong)
    with pytest.raises(ValueError):
        junction_mock.fail_next("reset", seconds=1)


def test_a_client_of_ones_own_connects_too(junction_mock):
    junction_mock.add_user("oura")
    with Junction(access_token=junction_mock.access_token, base_url=junction_mock.url) as own:
        assert len(list(own.historical_pulls())) == 1
    with (
        Junction(api_key="another", base_url=junction_mock.url) as stranger,
        pytest.raises(AuthenticationError),
    ):
        list(stranger.historical_pulls())


def connection(junction_mock, user_id):
    url = f"{junction_mock.url}/v2/user/providers/{user_id}"
    headers = {"x-vital-api-key": junction_mock.api_key}
    (found,) = httpx.get(url, headers=headers).json()["providers"]
    return found


def test_a_connection_breaks_and_is_mended(junction_mock):
    user_id = junction_mock.add_user("oura")
    junction_mock.break_connection(user_id, "oura", "user_not_found", ago=timedelta(minutes=1))
    assert connection(junction_mock, user_id)["status"] == "error"
    junction_mock.mend(user_id, "oura")
    assert connection(junction_mock, user_id)["status"] == "connected"
    junction_mock.disconnect(user_id, "oura")
    junction_mock.connect(user_id, "zwift", ["workouts"])
    assert connection(junction_mock, user_id)["slug"] == "zwift"


def test_a_resource_is_denied_silenced_and_not_attempted(junction_mock):
    user_id = junction_mock.add_user("oura", resources=["sleep"])
    junction_mock.silence(user_id, "oura", ago=9)
    junction_mock.end_attempts(user_id, "oura", "sleep", failing=False)
    junction_mock.deny(user_id, "oura", "sleep", scopes=["a.scope"])
    available = connection(junction_mock, user_id)["resource_availability"]
    assert available["sleep"]["scope_requirements"]["user_denied"]["required"] == ["a.scope"]


def test_a_fault_is_for_one_operation(junction_mock, junction):
    junction_mock.fail_next(500, times=99, operation="providers")
    assert list(junction.historical_pulls()) == []


def test_a_fault_that_there_is_not_is_refused_with_those_that_there_are(junction_mock):
    with pytest.raises(ValueError, match="'comet' is not a kind of fault; use one of status, "):
        junction_mock.fail_next("comet")
