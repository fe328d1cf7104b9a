"""Faults on demand, as a client meets them on the wire."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging

import httpx
import pytest

from junction_introspect import (
    APIConnectionError,
    APITimeoutError,
    Junction,
    PaginationError,
    RateLimitError,
    ResponseDecodeError,
    Retries,
    rows,
)
from junction_introspect.mock import Control, MockServer, Population, World, create_app
from junction_introspect.mock.app import PATH
from junction_introspect.mock.faults import (
    UNKNOWN_AVAILABILITY,
    UNKNOWN_ERROR,
    UNKNOWN_PROVIDER,
    UNKNOWN_RESOURCE,
    UNKNOWN_STATUS,
    Delay,
    Faults,
    LoopingCursor,
    MalformedRecord,
    Reset,
    Status,
    Truncated,
    UnknownValues,
)
from tests.support.limits import LIMIT

POPULATION = Population(12, seed=3)


@pytest.fixture(scope="module")
def server():
    with MockServer(POPULATION, control=True) as running:
        yield running


@pytest.fixture
def faults(server):
    yield server.control.faults
    server.control.reset()


@pytest.fixture
def junction(server):
    once = Retries(attempts=1)
    with Junction(api_key=server.api_key, base_url=server.url, max_retries=once) as client:
        yield client


def listed(junction, **options):
    return [*junction.historical_pulls(**options)]


def test_a_status_is_answered_with_its_retry_after(faults, junction):
    faults.add(Status(status=429, retry_after="17"))
    with pytest.raises(RateLimitError) as caught:
        listed(junction)
    assert caught.value.retry_after == 17


@pytest.mark.parametrize(("status", "expected"), [(429, "0"), (503, "0"), (500, None)])
def test_retry_after_is_there_where_the_specification_wants_it(faults, server, status, expected):
    faults.add(Status(status=status))
    response = httpx.get(server.url + PATH, timeout=LIMIT)
    assert response.status_code == status
    assert response.headers.get("retry-after") == expected
    assert response.json().keys() == {"detail"}


def test_a_reset_is_a_connection_error(faults, junction):
    faults.add(Reset())
    with pytest.raises(APIConnectionError):
        listed(junction)


def test_a_truncated_body_is_a_connection_error(faults, junction):
    faults.add(Truncated())
    with pytest.raises(APIConnectionError):
        listed(junction)


def test_a_delay_longer_than_patience_is_a_timeout(faults, server):
    faults.add(Delay(seconds=600))
    with (
        Junction(
            api_key=server.api_key, base_url=server.url, timeout=0.2, max_retries=0
        ) as junction,
        pytest.raises(APITimeoutError),
    ):
        listed(junction)


def test_after_a_delay_the_right_answer_comes(faults, junction):
    faults.add(Delay(seconds=0.001))
    assert len(listed(junction)) == 12


def test_unknown_values_reach_the_caller_as_sent(faults, junction):
    faults.add(UnknownValues())
    found = {row for user in listed(junction) for row in rows(user)}
    (odd,) = [row for row in found if row.status == UNKNOWN_STATUS]
    assert (odd.provider, odd.resource) == (UNKNOWN_PROVIDER, UNKNOWN_RESOURCE)
    assert odd.error_details == UNKNOWN_ERROR


def test_a_malformed_record_costs_its_neighbours_nothing(faults, junction):
    faults.add(MalformedRecord())
    invalid = []
    users = listed(junction, on_invalid=invalid.append)
    assert (len(users), len(invalid)) == (11, 1)


def test_a_malformed_record_is_an_error_without_a_handler(faults, junction):
    faults.add(MalformedRecord())
    with pytest.raises(ResponseDecodeError):
        listed(junction)


def test_a_looping_cursor_is_a_pagination_error(faults, junction):
    faults.add(LoopingCursor())
    with pytest.raises(PaginationError):
        listed(junction, user_limit=2)
    assert len(faults) == 0


def test_a_fault_waits_for_a_page_that_it_can_be_committed_on(faults, server):
    faults.add(MalformedRecord())
    headers = {"x-vital-api-key": server.api_key}
    empty = {"user_id": "0b6ab5a4-6a62-4d31-a4f8-8a1e4bd7c9d1"}
    page = httpx.get(server.url + PATH, params=empty, headers=headers, timeout=LIMIT).json()
    assert page["data"] == []
    assert len(faults) == 1


def test_error_is_answered_as_it_is_and_leaves_the_fault_to_the_next_request(faults, server):
    faults.add(UnknownValues())
    assert httpx.get(server.url + PATH, timeout=LIMIT).status_code == 401
    assert len(faults) == 1


def test_faults_are_met_in_turn_as_often_as_they_say(faults, server):
    faults.add(Status(status=500, times=2))
    faults.add(Status(status=502))
    statuses = [httpx.get(server.url + PATH, timeout=LIMIT).status_code for _ in range(4)]
    assert statuses == [500, 500, 502, 401]


def test_other_paths_meet_no_fault(faults, server):
    faults.add(Status())
    assert httpx.get(f"{server.url}/openapi.yaml", timeout=LIMIT).status_code == 200
    assert len(faults) == 1


def test_faults_leave_nothing_in_the_servers_log(faults, server, caplog):
    caplog.set_level(logging.WARNING)
    for fault in (Reset(), Truncated(), Status()):
        faults.add(fault)
    for _ in range(3):
        with contextlib.suppress(httpx.HTTPError):
            httpx.get(server.url + PATH, timeout=LIMIT)
    assert caplog.records == []


@pytest.mark.parametrize("fault", [Reset(), Truncated()])
def test_in_process_a_broken_connection_is_an_exception(fault):
    control = Control(World(POPULATION))
    control.faults.add(fault)
    app = create_app(control.world, control=control)

    async def ask():
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
            await client.get(f"http://mock{PATH}")

    with pytest.raises(ConnectionResetError):
        asyncio.run(ask())


def test_an_endless_delay_is_refused():
    with pytest.raises(ValueError, match="finite"):
        Faults().add(Delay(seconds=float("inf")))


def test_a_status_fault_has_a_json_body(faults, server):
    faults.add(Status(status=418))
    response = httpx.get(server.url + PATH, timeout=LIMIT)
    assert response.headers["content-type"] == "application/json"
    assert json.loads(response.content)


RESOURCES = "/v2/introspect/resources"
CONNECTIONS = f"/v2/user/providers/{POPULATION.user_id(0)}"


@pytest.fixture
def client(server):
    headers = {"x-vital-api-key": server.api_key}
    with httpx.Client(base_url=server.url, headers=headers) as client:
        yield client


@pytest.mark.parametrize("path", [PATH, RESOURCES, CONNECTIONS])
def test_every_operation_meets_faults(faults, client, path):
    faults.add(Status(status=500))
    assert [client.get(path).status_code for _ in range(2)] == [500, 200]
    faults.add(Truncated())
    with pytest.raises(httpx.RemoteProtocolError):
        client.get(path)
    faults.add(Reset())
    with pytest.raises(httpx.TransportError):
        client.get(path)


def test_fault_is_for_the_operation_that_it_names(faults, client):
    faults.add(Status(status=404, times=2, operation="resources"))
    faults.add(Status(status=500, operation="providers"))
    assert client.get(PATH).status_code == 200
    assert client.get(CONNECTIONS).status_code == 500
    assert [client.get(RESOURCES).status_code for _ in range(3)] == [404, 404, 200]


def test_unknown_values_of_statistics(faults, client):
    faults.add(UnknownValues(operation="resources"))
    (of_it,) = (
        resources[UNKNOWN_RESOURCE]
        for user in client.get(RESOURCES).json()["data"]
        for name, resources in user["provider"].items()
        if name == UNKNOWN_PROVIDER
    )
    assert of_it["last_attempt"]["status"] == UNKNOWN_STATUS


def test_unknown_values_of_connections(faults, server, client):
    faults.add(UnknownValues(operation="providers"))
    (first, *_) = client.get(CONNECTIONS).json()["providers"]
    assert first["status"] == UNKNOWN_STATUS
    assert first["resource_availability"][UNKNOWN_RESOURCE]["status"] == UNKNOWN_AVAILABILITY
    server.control.world.break_connection(POPULATION.user_id(0), first["slug"])
    faults.add(UnknownValues(operation="providers"))
    (first, *_) = client.get(CONNECTIONS).json()["providers"]
    assert first["error_details"]["error_type"] == UNKNOWN_ERROR


def test_malformed_records_of_the_other_operations(faults, client):
    faults.add(MalformedRecord(times=2))
    assert "user_id" not in client.get(RESOURCES).json()["data"][0]
    assert "slug" not in client.get(CONNECTIONS).json()["providers"][0]


def test_connections_have_no_pages_to_loop_over(faults, client):
    faults.add(LoopingCursor())
    assert client.get(CONNECTIONS).json()["providers"]
    page = client.get(RESOURCES, params={"user_limit": 1, "cursor": "null"}).json()
    again = client.get(RESOURCES, params={"next_cursor": page["next_cursor"]}).json()
    assert again["next_cursor"] == again["next"] == page["next_cursor"]
    assert len(faults) == 0


def test_user_without_connections_cannot_be_spoiled(faults, server, client):
    user_id = server.control.world.add_user([])
    faults.add(MalformedRecord())
    assert client.get(f"/v2/user/providers/{user_id}").json() == {"providers": []}
    assert len(faults) == 1


def test_first_record_is_malformed_even_if_nothing_was_pulled(faults, server, client):
    user_id = server.control.world.add_user({"oura": []})
    faults.add(MalformedRecord())
    (record,) = client.get(PATH, params={"user_id": str(user_id)}).json()["data"]
    assert (record.keys(), len(faults)) == ({"provider"}, 0)


def test_unknown_values_need_a_resource_and_make_do_without_an_attempt(faults, server, client):
    nothing = server.control.world.add_user({"oura": []})
    scheduled = server.control.world.add_user({"oura": ["sleep"]})
    faults.add(UnknownValues())
    (user,) = client.get(PATH, params={"user_id": str(nothing)}).json()["data"]
    assert (user["provider"].keys(), len(faults)) == ({"oura"}, 1)
    (user,) = client.get(RESOURCES, params={"user_id": str(scheduled)}).json()["data"]
    assert user["provider"].keys() == {UNKNOWN_PROVIDER}
    assert not user["provider"][UNKNOWN_PROVIDER][UNKNOWN_RESOURCE].get("last_attempt")
