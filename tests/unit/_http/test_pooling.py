"""Which request has which connection, by what decides for both pools."""

import httpcore
import pytest

from junction_introspect._http.pooling import Connection, Connections

ORIGIN = httpcore.Origin(b"https", b"api.example", 443)
ELSEWHERE = httpcore.Origin(b"https", b"elsewhere.example", 443)


class Http:
    def __init__(self, origin):
        self.origin = origin
        self.state = "new"
        self.looked_at = 0

    def is_idle(self):
        return self.state in {"idle", "expired", "failed"}

    def is_closed(self):
        return self.state in {"closed", "failed"}

    def has_expired(self):
        self.looked_at += 1
        return self.state == "expired"

    def can_handle_request(self, origin):
        return origin == self.origin


class Network:
    unread = False

    def has_unread(self):
        return self.unread


class Event:
    happened = False

    def set(self):
        self.happened = True


def pool(most=None, most_idle=None):
    return Connections(lambda origin: Connection(Http(origin), Network()), most, most_idle)


def returned(connections, origin=ORIGIN, state="idle"):
    """Take a connection and give it back as it is after its response."""
    connection = connections.take(origin)
    connection.http.state = state
    connections.give_back(connection)
    return connection


def counts(connections):
    return connections.taken, connections.idle, connections.waiting


def test_every_request_has_a_connection_to_itself():
    connections = pool()
    given = [connections.take(ORIGIN) for _ in range(3)]

    assert len(set(given)) == 3
    assert counts(connections) == (3, 0, 0)


def test_idle_connection_that_was_used_last_is_used_again():
    connections = pool()
    first, last = connections.take(ORIGIN), connections.take(ORIGIN)
    for each in (first, last):
        each.http.state = "idle"
        connections.give_back(each)

    assert connections.take(ORIGIN) is last
    assert connections.take(ORIGIN) is first
    assert connections.take(ORIGIN) not in {first, last}


@pytest.mark.parametrize("state", ["new", "active", "closed", "failed"])
def test_connection_without_a_whole_response_is_given_up(state):
    connections = pool()
    connection = returned(connections, state=state)

    assert counts(connections) == (0, 0, 0)
    assert connections.to_close() == [connection]
    assert connections.to_close() == []


def test_connection_with_bytes_beyond_its_response_is_given_up():
    connections = pool()
    in_tls, in_http = connections.take(ORIGIN), connections.take(ORIGIN)
    in_tls.network.unread = True
    in_http.http._h11_state = type("Protocol", (), {"trailing_data": (b"HTTP/1.1 200", False)})
    for each in (in_tls, in_http):
        each.http.state = "idle"
        connections.give_back(each)

    assert connections.to_close() == [in_tls, in_http]


def test_connection_that_has_expired_is_given_up_and_another_given():
    connections = pool()
    expired = [connections.take(ORIGIN) for _ in range(2)]
    for each in expired:
        each.http.state = "idle"
        connections.give_back(each)
        each.http.state = "expired"

    assert connections.take(ORIGIN) not in expired
    assert sorted(connections.to_close(), key=id) == sorted(expired, key=id)


def test_idle_connections_are_not_all_looked_at():
    connections = pool()
    idle = [connections.take(ORIGIN) for _ in range(64)]
    for each in idle:
        each.http.state = "idle"
        connections.give_back(each)
    connections.take(ORIGIN)

    assert sum(each.http.looked_at for each in idle) == 2


def test_idle_connections_beyond_those_that_are_kept_are_given_up():
    connections = pool(most_idle=1)
    first, second = connections.take(ORIGIN), connections.take(ORIGIN)
    for each in (first, second):
        each.http.state = "idle"
        connections.give_back(each)

    assert counts(connections) == (0, 1, 0)
    assert connections.to_close() == [first]
    assert connections.take(ORIGIN) is second


def test_no_more_connections_are_made_than_there_may_be():
    connections = pool(most=1)

    assert connections.take(ORIGIN) is not None
    assert connections.take(ORIGIN) is None
    assert len(connections._all) == 1


def test_connection_to_elsewhere_makes_way_for_one_that_is_needed():
    connections = pool(most=1)
    other = returned(connections, ELSEWHERE)

    assert connections.take(ORIGIN).http.origin == ORIGIN
    assert connections.to_close() == [other]
    assert len(connections._all) == 1


def test_who_waits_is_given_what_comes_back_in_turn():
    connections = pool(most=1)
    taken = connections.take(ORIGIN)
    waiters = [connections.wait(ORIGIN, Event()) for _ in range(2)]
    taken.http.state = "idle"
    connections.give_back(taken)

    assert [each.connection for each in waiters] == [taken, None]
    assert [each.event.happened for each in waiters] == [True, False]
    assert counts(connections) == (1, 0, 1)


def test_who_waits_is_given_a_new_connection_for_one_that_is_given_up():
    connections = pool(most=1)
    taken = connections.take(ORIGIN)
    waiter = connections.wait(ORIGIN, Event())
    connections.give_back(taken)

    assert waiter.connection not in {None, taken}
    assert connections.to_close() == [taken]


def test_who_leaves_is_given_nothing():
    connections = pool(most=1)
    taken = connections.take(ORIGIN)
    waiter = connections.wait(ORIGIN, Event())
    connections.leave(waiter)
    taken.http.state = "idle"
    connections.give_back(taken)

    assert waiter.connection is None
    assert counts(connections) == (0, 1, 0)


def test_who_leaves_with_a_connection_gives_it_back():
    connections = pool(most=1)
    taken = connections.take(ORIGIN)
    waiter = connections.wait(ORIGIN, Event())
    next_in_turn = connections.wait(ORIGIN, Event())
    taken.http.state = "idle"
    connections.give_back(taken)
    connections.leave(waiter)

    assert next_in_turn.connection is taken


def test_closing_gives_up_all_and_what_comes_back_later():
    connections = pool()
    idle = returned(connections)
    taken = [connections.take(ORIGIN), connections.take(ORIGIN)]
    connections.close()

    assert set(connections.to_close()) == {idle, *taken}
    for each in taken:
        each.http.state = "idle"
        connections.give_back(each)
    assert (counts(connections), connections.to_close()) == ((0, 0, 0), [])
    later = returned(connections)
    assert connections.to_close() == [later]


def test_connection_of_another_pool_is_left_alone():
    connections, of_the_parent = pool(), pool()
    inherited = of_the_parent.take(ORIGIN)
    inherited.http.state = "idle"
    connections.give_back(inherited)

    assert counts(connections) == (0, 0, 0)
    assert connections.to_close() == []
