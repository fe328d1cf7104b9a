"""The endpoints under `/_mock/`, over HTTP: what they take, what they refuse, who may call them."""

from __future__ import annotations

import json

import httpx
import pytest

from junction_introspect.mock import MockServer, Population
from junction_introspect.mock.app import PATH
from junction_introspect.mock.backfills import NOW
from junction_introspect.mock.control import PREFIX
from tests.support.limits import LIMIT

POPULATION = Population(4, seed=1)
SOMEBODY = str(POPULATION.user_id(0))


@pytest.fixture(scope="module")
def server():
    with MockServer(POPULATION, control=True) as running:
        yield running


@pytest.fixture
def client(server):
    headers = {"x-vital-api-key": server.api_key}
    with httpx.Client(base_url=server.url, headers=headers, timeout=LIMIT) as client:
        yield client
    server.control.reset()


def listed(client):
    return client.get(PATH, params={"user_id": SOMEBODY}).json()["data"][0]


def everybody(client):
    cursor, users = None, []
    while True:
        page = client.get(PATH, params={"next_cursor": cursor or "null"}).json()
        users += page["data"]
        cursor = page["next_cursor"]
        if cursor is None:
            return users


def test_a_user_is_added_and_listed(client):
    response = client.post(f"{PREFIX}/users", json={"providers": {"oura": ["sleep"]}})
    assert response.status_code == 201
    assert response.json().items() >= everybody(client)[-1].items()


def test_a_pull_is_set(client):
    asked = {"user_id": SOMEBODY, "provider": "oura", "resource": "sleep", "status": "failure"}
    response = client.post(f"{PREFIX}/pulls", json=asked)
    assert response.status_code == 200
    assert response.json().items() >= listed(client).items()
    assert listed(client)["provider"]["oura"]["pulled"]["sleep"]["status"] == "failure"


def test_the_clock_is_read_and_set_and_advanced(client):
    assert client.get(f"{PREFIX}/clock").json() == {"now": "2025-10-01T12:00:00Z", "speed": 0.0}
    asked = {"now": "2025-10-02T12:00:00+00:00", "advance": 60}
    assert client.post(f"{PREFIX}/clock", json=asked).json()["now"] == "2025-10-02T12:01:00Z"


def test_reset_makes_everything_as_it_was(client):
    before = everybody(client)
    client.post(f"{PREFIX}/users", json={"providers": ["oura"]})
    client.post(f"{PREFIX}/clock", json={"advance": 99_999})
    client.post(f"{PREFIX}/faults", json={"kind": "reset"})
    assert client.post(f"{PREFIX}/reset").json()["now"] == NOW.isoformat().replace("+00:00", "Z")
    assert everybody(client) == before


def test_faults_that_are_waiting_can_be_forgotten(client):
    assert client.post(f"{PREFIX}/faults", json={"kind": "reset", "times": 3}).json() == {
        "waiting": 3
    }
    assert client.delete(f"{PREFIX}/faults").json() == {"waiting": 0}
    assert client.get(PATH).status_code == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("users", {}),
        ("users", {"providers": ["labcorp"]}),
        ("users", {"providers": ["oura"], "user_id": SOMEBODY}),
        ("users", {"providers": ["oura"], "surprise": 1}),
        ("pulls", {"user_id": SOMEBODY}),
        (
            "pulls",
            {"user_id": SOMEBODY, "provider": "oura", "resource": "sleep", "status": "paused"},
        ),
        ("clock", {"advance": -1}),
        ("clock", {"now": "2020-01-01T00:00:00Z"}),
        ("clock", {"speed": "fast"}),
        ("faults", {}),
        ("faults", {"kind": "meteorite"}),
        ("faults", {"kind": "status", "status": 200}),
        ("faults", {"kind": "status", "retry_after": "1\r\nx: y"}),
        ("faults", {"kind": "delay", "seconds": -1}),
        ("faults", {"kind": "reset", "times": 0}),
    ],
)
def test_what_cannot_be_done_is_422_says_why_and_changes_nothing(client, path, body):
    before = everybody(client)
    response = client.post(f"{PREFIX}/{path}", json=body)
    assert response.status_code == 422
    assert isinstance(response.json()["detail"], str)
    assert everybody(client) == before


def test_what_is_no_json_is_422(client):
    assert client.post(f"{PREFIX}/users", content=b"{").status_code == 422


def test_a_pull_of_nobody_is_404(client):
    asked = {"user_id": "0b6ab5a4-6a62-4d31-a4f8-8a1e4bd7c9d1", "provider": "oura"}
    asked |= {"resource": "sleep", "status": "success"}
    assert client.post(f"{PREFIX}/pulls", json=asked).status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "users"),
        ("POST", "pulls"),
        ("GET", "clock"),
        ("POST", "clock"),
        ("POST", "faults"),
        ("DELETE", "faults"),
        ("POST", "reset"),
    ],
)
def test_control_takes_the_key(server, method, path):
    url = f"{server.url}{PREFIX}/{path}"
    response = httpx.request(method, url, content=json.dumps({}), timeout=LIMIT)
    assert response.status_code == 401


@pytest.mark.parametrize("path", ["users", "pulls", "clock", "faults", "reset"])
def test_there_is_no_control_unless_it_is_asked_for(path):
    with MockServer(POPULATION) as plain:
        headers = {"x-vital-api-key": plain.api_key}
        url = f"{plain.url}{PREFIX}/{path}"
        assert httpx.post(url, headers=headers, timeout=LIMIT).status_code == 404
        assert plain.control is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com"])  # noqa: S104
def test_control_is_for_loopback_only(host):
    with pytest.raises(ValueError, match="needs allow_hosts and control_token"):
        MockServer(POPULATION, host=host, control=True)


def test_localhost_is_loopback():
    with MockServer(POPULATION, host="localhost", control=True) as server:
        assert httpx.get(f"{server.url}/openapi.yaml", timeout=LIMIT).status_code == 200


def test_a_speed_makes_backfills_move_without_control():
    with MockServer(Population(20, seed=1), speed=1e9) as server:
        headers = {"x-vital-api-key": server.api_key}
        with httpx.Client(base_url=server.url, headers=headers, timeout=LIMIT) as client:
            statuses = {
                pull["status"]
                for user in everybody(client)
                for provider in user["provider"].values()
                for pull in provider["pulled"].values()
            }
    assert statuses == {"success", "failure"}


HOSTS = [
    "127.0.0.1",
    "127.0.0.1:1",
    "localhost",
    "LOCALHOST.:80",
    "[::1]:80",
    "mock.test",
    "Mock.Test:1",
]


@pytest.mark.parametrize("host", HOSTS)
def test_control_answers_to_the_names_of_this_machine(host):
    with MockServer(POPULATION, control=True, allow_hosts=["mock.test"]) as server:
        headers = {"x-vital-api-key": server.api_key, "Host": host}
        answer = httpx.get(f"{server.url}{PREFIX}/clock", headers=headers, trust_env=False)
        assert answer.status_code == 200


@pytest.mark.parametrize("host", ["attacker.test", "localhost.attacker.test", "mock.test", "[x"])
def test_control_is_refused_under_any_other_name(host):
    with MockServer(POPULATION, control=True) as server:
        headers = {"x-vital-api-key": server.api_key, "Host": host}
        url = f"{server.url}{PREFIX}"
        with httpx.Client(headers=headers, trust_env=False) as client:
            assert client.get(f"{url}/clock").status_code == 403
            assert client.post(f"{url}/reset", content=b"{}").status_code == 403
            # What the vendor documents is served under any name.
            listing = f"{server.url}/v2/introspect/historical_pull"
            assert client.get(listing).status_code == 200


@pytest.mark.parametrize(
    ("path", "order", "hint"),
    [
        ("users", {"providers": ["ourra"]}, "did you mean `oura`?"),
        ("users", {"providers": {"oura": ["slep"]}}, "did you mean `sleep`?"),
        ("faults", {"kind": "resett"}, "did you mean `reset`?"),
    ],
)
def test_slip_is_refused_with_what_was_meant(client, path, order, hint):
    answer = client.post(f"{PREFIX}/{path}", json=order)
    assert answer.status_code == 422
    assert hint in answer.json()["detail"]


def test_slip_in_a_status_is_refused_with_what_was_meant(client):
    user_id = client.post(f"{PREFIX}/users", json={"providers": ["oura"]}).json()["user_id"]
    order = {"user_id": user_id, "provider": "oura", "resource": "sleep", "status": "sucess"}
    answer = client.post(f"{PREFIX}/pulls", json=order)
    assert (answer.status_code, answer.json()["detail"]) == (
        422,
        "'sucess' is not a status of the specification; did you mean `success`?",
    )


def connection(client, user_id=SOMEBODY):
    """Return the user's connections by provider."""
    found = client.get(f"/v2/user/providers/{user_id}").json()["providers"]
    return {each["slug"]: each for each in found}


@pytest.fixture
def user_id(client):
    """Somebody who has just connected garmin."""
    added = client.post(f"{PREFIX}/users", json={"providers": {"garmin": ["sleep", "hrv"]}})
    return added.json()["user_id"]


def test_connection_is_broken_mended_and_removed(client, user_id):
    at = {"user_id": user_id, "provider": "garmin"}
    broken = client.post(f"{PREFIX}/break", json={**at, "error_type": "user_not_found"})
    assert broken.status_code == 200
    assert broken.json()["connections"] == [connection(client, user_id)["garmin"]]
    assert broken.json()["connections"][0]["error_details"]["error_type"] == "user_not_found"
    client.post(f"{PREFIX}/mend", json=at)
    assert connection(client, user_id)["garmin"]["status"] == "connected"
    client.post(f"{PREFIX}/disconnect", json=at)
    assert connection(client, user_id) == {}
    client.post(f"{PREFIX}/connections", json={**at, "resources": ["sleep"]})
    assert connection(client, user_id).keys() == {"garmin"}


def test_resource_is_denied_silenced_and_not_attempted(client, user_id):
    at = {"user_id": user_id, "provider": "garmin", "resource": "sleep"}
    client.post(f"{PREFIX}/deny", json={**at, "scopes": ["a.scope"]})
    denied = connection(client, user_id)["garmin"]["resource_availability"]["sleep"]
    assert denied["status"] == "unavailable"
    assert denied["scope_requirements"]["user_denied"] == {"required": ["a.scope"], "optional": []}
    assert client.post(f"{PREFIX}/silence", json={**at, "ago": 60}).status_code == 200
    client.post(f"{PREFIX}/pulls", json={**at, "resource": "hrv", "status": "success"})
    client.post(f"{PREFIX}/clock", json={"advance": 200_000})
    told = client.post(f"{PREFIX}/attempts", json={**at, "resource": "hrv"}).json()
    assert told["resources"]["garmin"]["hrv"]["last_attempt"]["status"] == "failure"


def test_control_documents_itself_without_a_key(server):
    document = httpx.get(f"{server.url}{PREFIX}/", trust_env=False).json()
    assert document["orders"][f"POST {PREFIX}/break"]["takes"] == {
        "user_id": "required",
        "provider": "required",
        "error_type": "token_refresh_failed",
        "ago": 0.0,
    }
    assert document["faults"]["status"]["status"] == 503
    assert all(order["does"] for order in document["orders"].values())
    assert httpx.get(f"{server.url}{PREFIX}", trust_env=False).json() == document


def test_every_order_that_is_documented_is_there(client):
    for order in client.get(f"{PREFIX}/").json()["orders"]:
        method, path = order.split()
        assert client.request(method, path, json={}).status_code in {200, 422}


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        (
            "faults",
            {"kind": "meteorite"},
            "use one of status, delay, reset, truncated, unknown_val",
        ),
        ("faults", {}, "None is not a kind of fault"),
        ("faults", {"kind": "delay", "status": 3}, "delay takes times, operation, seconds"),
        ("faults", {"kind": "reset", "operation": "x"}, "Invalid enum value 'x'"),
        ("faults", [], "Expected `object`"),
        ("break", {"user_id": SOMEBODY}, "this takes user_id, provider, error_type, ago"),
        (
            "pulls",
            {"user_id": SOMEBODY, "provider": "nokia", "resource": "hrv", "status": "success"},
            "which lists abbott_libreview, accuchek_ble",
        ),
        (
            "pulls",
            {"user_id": SOMEBODY, "provider": "oura", "resource": "hrv", "status": "done"},
            "which lists failure, in_progress, retrying, scheduled, success",
        ),
        (
            "pulls",
            {
                "user_id": SOMEBODY,
                "provider": "oura",
                "resource": "hrv",
                "status": "failure",
                "error_details": "provider_unavailable",
            },
            "which lists non_retriable_error, retry_quota_exhausted, unexpected_error",
        ),
    ],
)
def test_refusal_names_what_there_is(client, path, body, said):
    response = client.post(f"{PREFIX}/{path}", json=body)
    assert response.status_code == 422
    assert said in response.json()["detail"]
