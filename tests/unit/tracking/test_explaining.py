"""Asking the three operations about one user: of the mock's world, and of servers that fail."""

from datetime import timedelta
from functools import partial

import httpx
import pytest

from junction_introspect import (
    InternalServerError,
    NotFoundError,
    ResponseDecodeError,
    tracking,
)
from tests.support.drivers import DrivenClient
from tests.support.payloads import encoded, page, user, user_id

DAY = timedelta(days=1)


@pytest.fixture
def explain(junction_mock, connect):
    """Explains a user of the mock, as of the mock's time, with a client of each kind."""
    client = connect(api_key=junction_mock.api_key, base_url=junction_mock.url, max_retries=0)

    def ask(user_id, **options):
        return explained(client, user_id, **{"now": junction_mock.now, **options})

    return ask


def explained(client, user_id, **options):
    if isinstance(client, DrivenClient):
        return client._portal.call(
            partial(tracking.explain_async, client._client, user_id, **options)
        )
    return tracking.explain(client, user_id, **options)


def verdicts(diagnoses):
    return {(each.provider, each.resource): (each.verdict, each.turn) for each in diagnoses}


@pytest.fixture
def settled(junction_mock):
    """A user whose backfills of two resources have succeeded."""
    person = junction_mock.add_user("garmin", resources=["sleep", "steps"])
    for resource in ("sleep", "steps"):
        junction_mock.set_pull(person, "garmin", resource, "success")
    junction_mock.advance(DAY)
    return person


def test_user_who_is_well(explain, settled):
    assert {turn for _, turn in verdicts(explain(settled)).values()} == {"nobody"}


def test_broken_connection_is_one_diagnosis(explain, settled, junction_mock):
    junction_mock.break_connection(settled, "garmin", "provider_password_expired", ago=2 * DAY)

    (diagnosis,) = explain(settled)

    assert (diagnosis.verdict, diagnosis.turn) == ("connection_error", "user")
    assert diagnosis.resource is None


def test_denied_scope_failed_backfill_and_silence(explain, settled, junction_mock):
    junction_mock.deny(settled, "garmin", "sleep")
    junction_mock.silence(settled, "garmin", "steps", ago=10 * DAY)

    found = verdicts(explain(settled))

    assert found["garmin", "sleep"] == ("not_granted", "user")


def test_failed_backfill(explain, settled, junction_mock):
    junction_mock.set_pull(settled, "garmin", "steps", "failure")

    assert verdicts(explain(settled))["garmin", "steps"] == ("backfill_failed", "team")


def test_provider_that_was_never_connected(explain, settled):
    (diagnosis,) = explain(settled, provider="oura")

    assert (diagnosis.provider, diagnosis.verdict) == ("oura", "not_connected")


def test_thresholds_are_the_callers(explain, junction_mock):
    person = junction_mock.add_user("garmin", resources=["sleep"])
    junction_mock.set_pull(person, "garmin", "sleep", "scheduled")
    junction_mock.advance(2 * 60 * 60)

    patient = tracking.Thresholds(scheduled=DAY)

    assert verdicts(explain(person))["garmin", "sleep"][0] == "backfill_stuck"
    assert verdicts(explain(person, thresholds=patient))["garmin", "sleep"][0] == "backfill_waiting"


def test_connections_are_handed_over_to_whoever_asks(explain, settled):
    connections = []

    explain(settled, on_connection=connections.append)

    assert [each.provider for each in connections] == ["garmin"]


def test_user_whom_the_api_does_not_know(explain):
    with pytest.raises(NotFoundError):
        explain(user_id(99))


@pytest.mark.parametrize("failing", ["providers", "historical_pull", "resources"])
def test_failure_of_any_of_the_three_is_raised_as_it_is(connect, failing):
    def answer(request):
        if failing in request.url.path:
            return httpx.Response(500)
        body = {"providers": []} if "providers" in request.url.path else page()
        return httpx.Response(200, content=encoded(body))

    with pytest.raises(InternalServerError):
        explained(connect(answer, max_retries=0), user_id(1))


def test_invalid_records_raise_unless_they_are_received(connect):
    def answer(request):
        bad = {"user_id": "nobody"}
        body = {"providers": [bad]} if "providers" in request.url.path else page(bad)
        return httpx.Response(200, content=encoded(body))

    client = connect(answer)
    invalid = []

    assert explained(client, user_id(1), on_invalid=invalid.append) == []
    assert len(invalid) == 3
    with pytest.raises(ResponseDecodeError):
        explained(client, user_id(1))


def test_wrong_id_is_refused_before_a_request(connect):
    def refuse(_):
        raise AssertionError("something was sent")

    with pytest.raises(ValueError, match="user_id is not a UUID"):
        explained(connect(refuse), "me")


def test_answers_are_measured_up_to_now_unless_told_otherwise(connect):
    def answer(request):
        body = {"providers": []} if "providers" in request.url.path else page()
        if "historical_pull" in request.url.path:
            body = page(user(1))
        return httpx.Response(200, content=encoded(body))

    (diagnosis,) = explained(connect(answer), user_id(1))

    assert diagnosis.verdict == "not_connected"
