"""The operations beside the first meet the faults of the wire as it does: none costs a record."""

import pytest

from junction_introspect import APIConnectionError, NotFoundError, RateLimitError
from tests.faults import behaviours
from tests.faults.behaviours import says, status
from tests.faults.expectations import ATTEMPTS, each
from tests.support.payloads import encoded, page, user_id

pytestmark = pytest.mark.any_specification

PASSING = [*behaviours.NO_RESPONSE, *behaviours.NO_BODY, *behaviours.HALF_A_BODY, status(503)]
RESOURCES = says(
    "resources", encoded(page({"user_id": str(user_id(1)), "provider": {"oura": {"sleep": {}}}}))
)
CONNECTION = {
    "name": "Oura",
    "slug": "oura",
    "logo": "",
    "created_on": "2026-01-01T00:00:00Z",
    "status": "connected",
    "resource_availability": {},
}
CONNECTIONS = says("connections", encoded({"providers": [CONNECTION]}))


def resources(junction):
    return [row.resource for row in junction.resources().rows()]


def connections(junction):
    return [connection.provider for connection in junction.connections(user_id(1))]


OPERATIONS = pytest.mark.parametrize(
    "operation",
    [(resources, RESOURCES, ["sleep"]), (connections, CONNECTIONS, ["oura"])],
    ids=["resources", "connections"],
)


@OPERATIONS
@each(PASSING)
def test_fault_that_passes_is_not_seen(connect, serve, operation, fault):
    ask, good, answer = operation
    server = serve(fault, fault, good)

    assert ask(connect(None, base_url=server.url)) == answer
    assert len(server.requests) == ATTEMPTS


FAULTS_THAT_STAY = {
    APIConnectionError: behaviours.NO_RESPONSE[0],
    RateLimitError: status(429),
    NotFoundError: status(404),
}


@OPERATIONS
@pytest.mark.parametrize("kind", FAULTS_THAT_STAY)
def test_fault_that_stays_is_raised_without_an_id_and_the_client_works_on(
    connect, serve, operation, kind
):
    ask, good, answer = operation
    fault = FAULTS_THAT_STAY[kind]
    retried = kind is not NotFoundError
    server = serve(*[fault] * (ATTEMPTS if retried else 1), good)
    junction = connect(None, base_url=server.url)

    with pytest.raises(kind) as caught:
        ask(junction)

    assert str(user_id(1)) not in str(caught.value)
    assert ask(junction) == answer
