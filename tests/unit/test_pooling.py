"""Which connection a request is given, by a pool of httpcore's that is told so."""

from types import SimpleNamespace

import httpcore
import httpx
import pytest

from junction_introspect import AsyncJunction, Junction
from junction_introspect._http import pooling
from tests.drivers import KEY

pytestmark = pytest.mark.any_specification

ORIGIN = httpcore.Origin(b"https", b"api.example", 443)
ELSEWHERE = httpcore.Origin(b"https", b"elsewhere.example", 443)


class Connection:
    def __init__(self, state="idle", origin=ORIGIN):
        self.state = state
        self.origin = origin
        self.looked_at = 0

    def is_closed(self):
        return self.state == "closed"

    def is_idle(self):
        return self.state in {"idle", "expired"}

    def has_expired(self):
        self.looked_at += 1
        return self.state == "expired"

    def can_handle_request(self, origin):
        return origin == self.origin


class Request:
    def __init__(self, connection=None, origin=ORIGIN):
        self.request = SimpleNamespace(url=SimpleNamespace(origin=origin))
        self.connection = connection

    def is_queued(self):
        return self.connection is None

    def assign_to_connection(self, connection):
        self.connection = connection


class Pool:
    def __init__(self, *connections, requests=(), most=100, kept=100):
        self._connections = list(connections)
        self._requests = list(requests)
        self._max_connections = most
        self._max_keepalive_connections = kept

    def create_connection(self, origin):
        return Connection("connecting", origin)

    @property
    def given(self):
        return [request.connection for request in self._requests]


def assign(pool):
    return pooling._assigning(pool)()


def test_everybody_who_waits_is_given_a_connection_of_their_own():
    idle = [Connection(), Connection()]
    pool = Pool(*idle, requests=[Request(), Request(), Request()])

    assert assign(pool) == []
    assert set(pool.given[:2]) == set(idle)
    assert pool.given[2].state == "connecting"
    assert pool._connections == [*idle, pool.given[2]]


def test_connection_that_was_given_away_is_neither_given_again_nor_closed():
    taken = Connection()
    pool = Pool(taken, requests=[Request(taken), Request()], kept=0)

    assert assign(pool) == []
    assert pool.given[1] is not taken


def test_connection_that_is_in_use_is_left_alone():
    active = Connection("active")
    pool = Pool(active, requests=[Request()], kept=0)

    assert assign(pool) == []
    assert pool._connections[0] is active
    assert pool.given != [active]


def test_connection_that_has_expired_is_closed_and_another_given():
    expired, idle = [Connection("expired"), Connection("expired")], Connection()
    pool = Pool(idle, *expired, requests=[Request()])

    assert sorted(assign(pool), key=id) == sorted(expired, key=id)
    assert pool.given == [idle]
    assert pool._connections == [idle]


def test_connection_that_was_closed_is_forgotten():
    pool = Pool(Connection("closed"))

    assert assign(pool) == []
    assert pool._connections == []


def test_idle_connections_beyond_those_that_are_kept_are_closed():
    idle, active = [Connection(), Connection(), Connection()], [Connection("active")] * 3
    pool = Pool(*active, *idle, kept=1)

    assert assign(pool) == idle[:2]
    assert pool._connections == [*active, idle[2]]


def test_nobody_is_given_more_connections_than_there_may_be():
    active = [Connection("active"), Connection("active")]
    pool = Pool(*active, requests=[Request(), Request()], most=2)

    assert assign(pool) == []
    assert pool.given == [None, None]
    assert pool._connections == active


def test_connection_to_elsewhere_makes_room_for_one_that_is_needed():
    other = Connection(origin=ELSEWHERE)
    pool = Pool(other, requests=[Request()], most=1)

    assert assign(pool) == [other]
    assert pool.given == pool._connections
    assert pool.given[0].origin == ORIGIN


def test_idle_connections_are_not_all_looked_at():
    idle = [Connection() for _ in range(64)]
    assign(Pool(*idle, requests=[Request()]))

    assert sum(each.looked_at for each in idle) == 2


@pytest.mark.parametrize("client", [Junction, AsyncJunction])
def test_pools_of_a_client_assign_so(client, monkeypatch):
    """The names are httpcore's own, private, and called by it."""
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    http = client(api_key=KEY)._http
    transports = [http._transport, *filter(None, http._mounts.values())]
    pools = [transport._pool for transport in transports]

    assert len(pools) == 2
    for pool in pools:
        assert pool._assign_requests_to_connections.__module__ == pooling.__name__
        assert pool._assign_requests_to_connections() == []
        assert (pool._max_connections, pool._max_keepalive_connections) == (100, 100)
    names = {httpcore.ConnectionPool, httpcore.AsyncConnectionPool}
    assert all("_assign_requests_to_connections" in vars(name) for name in names)


def test_transport_of_the_callers_own_is_left_as_it_is():
    transport = httpx.HTTPTransport()
    with Junction(api_key=KEY, transport=transport):
        assert transport._pool._assign_requests_to_connections.__module__ != pooling.__name__
