"""Proxies from the environment: they work, and their credentials show nowhere."""

import base64
import logging
import os

import pytest

from junction_introspect import APIConnectionError, APIError, APIStatusError
from tests.faults.behaviours import does, dripping_headers, good, head, status
from tests.faults.expectations import (
    ATTEMPTS,
    assert_clean,
    assert_usable,
    connections_of,
    each,
    failure_of,
    frames_of,
    overdue,
    users,
)
from tests.faults.misbehaving import MisbehavingServer, close, in_turn, reset
from tests.faults.proxying import forward, refusal, tunnel
from tests.support.drivers import KEY

pytestmark = pytest.mark.any_specification

USER, PASSWORD = "someone", "hunter2-5ecret"
PACKED = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
SECRETS = (PASSWORD, PACKED)
ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


async def handshake(exchange):
    """Wait for the first byte of TLS.

    A reset that came before would have Python itself leave the socket to the garbage collector.
    """
    await exchange.reader.readexactly(1)


@pytest.fixture
def through(serve, monkeypatch):
    """Opens a proxy with credentials, and has the environment name it: `through("HTTP", …)`."""

    def open_proxy(scheme, *behaviours):
        proxy = serve(*behaviours)
        address = proxy.url.replace("://", f"://{USER}:{PASSWORD}@")
        monkeypatch.setenv(f"{scheme}_PROXY", address)
        return proxy

    return open_proxy


@pytest.fixture
def target(serve, certified):
    return serve(good, tls=certified("127.0.0.1"))


def test_request_goes_through_the_proxy_with_its_credentials(connect, serve, through):
    server = serve(good)
    proxy = through("HTTP", forward)

    assert users(connect(None, base_url=server.url)) == [1]
    (passed,), (received,) = proxy.requests, server.requests
    assert passed.target.startswith(f"{server.url}/v2/")
    assert passed.headers["proxy-authorization"] == f"Basic {PACKED}"
    assert received.headers["x-vital-api-key"] == KEY
    assert "proxy-authorization" not in received.headers


@pytest.mark.usefixtures("_trusted")
def test_proxy_of_a_tunnel_sees_no_key_and_the_server_no_credentials_of_the_proxy(
    connect, target, through
):
    proxy = through("HTTPS", tunnel)

    assert users(connect(None, base_url=target.url)) == [1]
    (passed,), (received,) = proxy.requests, target.requests
    assert (passed.method, passed.target) == ("CONNECT", f"127.0.0.1:{target.port}")
    assert passed.headers["proxy-authorization"] == f"Basic {PACKED}"
    assert "x-vital-api-key" not in passed.headers
    assert received.headers["x-vital-api-key"] == KEY
    assert "proxy-authorization" not in received.headers


@pytest.mark.usefixtures("_trusted")
def test_pages_come_through_one_tunnel(connect, target, through):
    proxy = through("HTTPS", tunnel)
    junction = connect(None, base_url=target.url)

    assert [users(junction) for _ in range(3)] == [[1]] * 3
    assert len(proxy.requests) == 1


@pytest.mark.parametrize("exempt", ["127.0.0.1", "*", "elsewhere.example, 127.0.0.1"])
def test_address_that_is_exempt_is_reached_without_the_proxy(
    connect, serve, through, monkeypatch, exempt
):
    server = serve(good)
    proxy = through("HTTP", forward)
    monkeypatch.setenv("NO_PROXY", exempt)

    assert users(connect(None, base_url=server.url)) == [1]
    assert proxy.connections == 0
    assert "proxy-authorization" not in server.requests[0].headers


def test_address_that_is_not_exempt_is_reached_through_the_proxy(
    connect, serve, through, monkeypatch
):
    server = serve(good)
    proxy = through("HTTP", forward)
    monkeypatch.setenv("NO_PROXY", "elsewhere.example")

    assert users(connect(None, base_url=server.url)) == [1]
    assert len(proxy.requests) == 1


# Failures.


def test_refusal_by_a_proxy_is_a_status_where_nothing_is_tunnelled(connect, serve, through):
    server = serve(good)
    proxy = through("HTTP", refusal())
    error = failure_of(connect(None, base_url=server.url))

    assert type(error) is APIStatusError
    assert error.status_code == 407
    assert len(proxy.requests) == 1
    assert server.connections == 0
    assert_clean(error, *SECRETS)


@each(
    [
        refusal(),
        refusal(f"denied to {USER} {PASSWORD}"),
        refusal(f"Basic {PACKED}"),
        does("502", head(502, content_length=0), close),
        does("close", close),
        does("reset", reset),
        does("garbage", b"SSH-2.0-OpenSSH_9.6\r\n\r\n", close),
        does("close in the tunnel", ESTABLISHED, handshake, close),
        does("reset in the tunnel", ESTABLISHED, handshake, reset),
        does("garbage in the tunnel", ESTABLISHED, handshake, bytes(64), close),
    ]
)
@pytest.mark.usefixtures("_trusted")
def test_tunnel_that_fails_is_retried_then_a_connection_error(connect, target, through, fault):
    proxy = through("HTTPS", fault)
    junction = connect(None, base_url=target.url)
    error = failure_of(junction)

    assert type(error) is APIConnectionError
    assert error.retriable
    assert len(proxy.requests) == ATTEMPTS
    assert target.connections == 0
    assert_clean(error, *SECRETS)
    # Were they kept, a hundred failures would leave no connection to be had.
    assert len(connections_of(junction)._all) == 0
    proxy.script = in_turn(tunnel)
    assert_usable(junction, target)


def test_certificate_is_verified_in_a_tunnel_as_well(connect, target, through):
    through("HTTPS", tunnel)
    junction = connect(None, base_url=target.url)
    error = failure_of(junction)

    assert not error.retriable
    assert "certificate verify failed" in str(error)
    assert target.connections == 1
    assert not target.requests
    assert_clean(error, *SECRETS)
    assert len(connections_of(junction)._all) == 0


def test_proxy_that_cannot_be_reached_is_retried_then_a_connection_error(
    connect, monkeypatch, told
):
    with MisbehavingServer(in_turn(good)) as gone:
        pass
    monkeypatch.setenv("HTTP_PROXY", gone.url.replace("://", f"://{USER}:{PASSWORD}@"))
    error = failure_of(connect(None, base_url="http://127.0.0.1:1"))

    assert type(error) is APIConnectionError
    assert len(told) == ATTEMPTS - 1
    assert_clean(error, *SECRETS)


# Secrecy.


@pytest.mark.usefixtures("_trusted")
@pytest.mark.parametrize(
    "proxied",
    [
        pytest.param(("HTTP", forward, good), id="forward"),
        pytest.param(("HTTPS", tunnel, good), id="tunnel"),
        pytest.param(("HTTP", refusal(), good), id="refusal"),
        pytest.param(("HTTPS", refusal(), good), id="refusal of a tunnel"),
        pytest.param(("HTTP", forward, status(503)), id="status"),
    ],
)
def test_credentials_of_a_proxy_show_nowhere(  # noqa: PLR0917 - fixtures all
    connect, serve, certified, through, caplog, proxied
):
    scheme, behaviour, answer = proxied
    caplog.set_level(logging.DEBUG)
    server = serve(answer, tls=certified("127.0.0.1") if scheme == "HTTPS" else None)
    proxy = through(scheme, behaviour)
    junction = connect(None, base_url=server.url, max_retries=0)
    failures = []
    try:
        users(junction)
    except APIError as error:
        failures.append(error)

    assert_concealed(proxy, junction, failures, caplog.records)


@pytest.mark.usefixtures("_trusted")
def test_credentials_of_a_proxy_show_nowhere_when_the_deadline_has_passed(
    connect, serve, certified, through, caplog
):
    caplog.set_level(logging.DEBUG)
    server = serve(dripping_headers(120.0), tls=certified("127.0.0.1"))
    error, junction, proxy = overdue(connect, lambda: through("HTTPS", tunnel), base_url=server.url)

    assert_concealed(proxy, junction, [error], caplog.records)


def assert_concealed(proxy, junction, failures, records):
    assert f"Basic {PACKED}" in proxy.requests[0].headers.values()
    client = getattr(junction, "_client", junction)
    shown = [client, vars(client), client._http, vars(client._http), connections_of(junction)]
    for error in failures:
        shown += [error, vars(error), frames_of(error)]
    records = [record for record in records if record.name != "asyncio"]
    assert records
    shown += [vars(record) for record in records] + [record.getMessage() for record in records]
    for secret in SECRETS:
        assert not [thing for thing in shown if secret in repr(thing) or secret in str(thing)]


def test_environment_is_as_it_was():
    assert not [name for name in os.environ if name.lower().endswith("_proxy")]
