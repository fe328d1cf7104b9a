"""TLS: what is verified, what is retried, and that a connection breaks under it as without."""

from datetime import UTC, datetime, timedelta

import pytest

from junction_introspect import APIConnectionError, APITimeoutError, ResponseTooLargeError
from tests.faults import behaviours
from tests.faults.behaviours import (
    MEBIBYTE,
    PAGE,
    bomb,
    does,
    dripping_body,
    dripping_headers,
    endless,
    good,
    head,
    says,
    silent,
)
from tests.faults.expectations import (
    ATTEMPTS,
    assert_clean,
    assert_usable,
    connections_of,
    each,
    failure_of,
    overdue,
    users,
)
from tests.faults.misbehaving import close, reset
from tests.support.payloads import encoded, page, user

pytestmark = pytest.mark.any_specification

PAST = datetime.now(UTC) - timedelta(days=1)

# RFC 8446, 6: fatal, handshake_failure.
ALERT = b"\x15\x03\x03\x00\x02\x02\x28"


@pytest.mark.usefixtures("_trusted")
def test_certificate_of_a_trusted_authority_is_accepted(connect, serve, certified):
    server = serve(good, tls=certified("127.0.0.1"))

    assert users(connect(None, base_url=server.url)) == [1]


@pytest.mark.parametrize("trusted", ["strangers", "those of httpx"])
def test_certificate_of_an_unknown_authority_is_one_attempt(
    connect, serve, certified, monkeypatch, trusted
):
    server = serve(good, tls=certified("127.0.0.1"))
    if trusted == "those of httpx":
        monkeypatch.delenv("SSL_CERT_FILE")

    assert_unverified(connect(None, base_url=server.url), server)


@pytest.mark.usefixtures("_trusted")
@pytest.mark.parametrize(
    "details",
    [
        pytest.param(("elsewhere.example",), id="another name"),
        pytest.param(("127.0.0.2",), id="another address"),
    ],
)
def test_certificate_of_another_is_one_attempt(connect, serve, certified, details):
    server = serve(good, tls=certified(*details))

    assert_unverified(connect(None, base_url=server.url), server)


@pytest.mark.usefixtures("_trusted")
def test_certificate_out_of_date_is_one_attempt(connect, serve, certified):
    dates = {"not_before": PAST - timedelta(days=1), "not_after": PAST}
    server = serve(good, tls=certified("127.0.0.1", **dates))

    assert_unverified(connect(None, base_url=server.url), server)


def assert_unverified(junction, server):
    error = failure_of(junction)

    assert type(error) is APIConnectionError
    assert not error.retriable
    assert "certificate verify failed" in str(error)
    assert server.connections == 1
    assert not server.requests
    assert_clean(error)
    assert len(connections_of(junction)._all) == 0


@each(
    [
        does("close", close),
        does("reset", reset),
        does("alert", ALERT, close),
        does("garbage", b"\x00" * 64, close),
        says("plain HTTP", b"The plain HTTP request was sent to HTTPS port", 400, close),
    ]
)
def test_handshake_that_fails_is_retried_then_a_connection_error(connect, serve, fault):
    server = serve(fault)
    junction = connect(None, base_url=server.url.replace("http", "https"))
    error = failure_of(junction)

    assert type(error) is APIConnectionError
    assert error.retriable
    assert [request.method for request in server.requests] == ["TLS"] * ATTEMPTS
    assert_clean(error)
    assert len(connections_of(junction)._all) == 0


def test_plain_http_to_a_tls_port_is_retried_then_a_connection_error(connect, serve, certified):
    server = serve(good, tls=certified("127.0.0.1"))
    junction = connect(None, base_url=server.url.replace("https", "http"))
    error = failure_of(junction)

    assert type(error) is APIConnectionError
    assert server.connections == ATTEMPTS
    assert not server.requests
    assert_clean(error)


async def cut(exchange):
    """Close without the goodbye of TLS (RFC 8446, 6.1), as a cable that is pulled."""
    exchange.writer.transport.abort()


@pytest.mark.usefixtures("_trusted")
@each(
    [
        *behaviours.NO_RESPONSE,
        *behaviours.NO_BODY,
        *behaviours.HALF_A_BODY,
        does("cut before the headers", cut),
        does("cut in mid-body", head(200, content_length=len(PAGE)) + PAGE[:9], cut),
    ]
)
def test_connection_that_breaks_under_tls_is_retried_then_a_connection_error(
    connect, serve, certified, fault
):
    server = serve(fault, fault, good, fault, tls=certified("127.0.0.1"))
    junction = connect(None, base_url=server.url)
    assert users(junction) == [1]
    assert len(server.requests) == ATTEMPTS

    error = failure_of(junction)
    assert type(error) is APIConnectionError
    assert len(server.requests) == 2 * ATTEMPTS
    assert_clean(error)
    assert_usable(junction, server)


@pytest.mark.usefixtures("_trusted")
@each([endless(), bomb()])
def test_body_over_the_limit_under_tls_is_not_read_on(connect, serve, certified, fault):
    server = serve(fault, tls=certified("127.0.0.1"))
    junction = connect(None, base_url=server.url, max_response_bytes=MEBIBYTE)
    error = failure_of(junction)

    assert type(error) is ResponseTooLargeError
    assert server.requests[0].client_left()
    assert_clean(error)
    assert_usable(junction, server)


@pytest.mark.usefixtures("_trusted")
@each([dripping_headers(120.0), dripping_body(120.0), silent()])
def test_server_slower_than_the_deadline_is_cut_off_under_tls(connect, serve, certified, fault):
    context = certified("127.0.0.1")
    error, junction, server = overdue(connect, lambda: serve(fault, tls=context))

    assert type(error) is APITimeoutError
    assert "deadline" in str(error)
    assert server.requests[0].client_left()
    assert_clean(error)
    assert_usable(junction, server)


@pytest.mark.usefixtures("_trusted")
def test_body_cut_off_under_tls_is_not_taken_for_its_end(connect, serve, certified):
    fault = does("cut", head(200, connection="close") + PAGE[:-1], cut)
    server = serve(fault, fault, good, tls=certified("127.0.0.1"))

    assert users(connect(None, base_url=server.url)) == [1]
    assert len(server.requests) == ATTEMPTS


def two_answers():
    """Return a response that fills one record of TLS, and what would answer the next request."""
    padding = 16_384 - len(head(200, content_length=10_000)) - len(PAGE)
    first, second = PAGE + b" " * padding, encoded(page(user(9)))
    return (
        head(200, content_length=len(first))
        + first
        + head(200, content_length=len(second))
        + second
    )


@pytest.mark.usefixtures("_trusted")
@pytest.mark.parametrize("encrypted", [True, False])
def test_bytes_beyond_a_response_are_not_taken_for_the_next_one(
    connect, serve, certified, encrypted
):
    tls = certified("127.0.0.1") if encrypted else None
    server = serve(does("two answers", two_answers()), good, tls=tls)
    junction = connect(None, base_url=server.url)

    assert [users(junction) for _ in range(2)] == [[1], [1]]
    assert len(server.requests) == server.connections == 2
    assert_usable(junction, server)
