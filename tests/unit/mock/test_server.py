"""The mock API on a real socket: in a thread, and in the foreground."""

from __future__ import annotations

import gc
import signal
import socket
import subprocess
import sys

import httpx
import pytest
import uvicorn

from junction_introspect.mock import MockServer, Population
from junction_introspect.mock.app import PATH
from tests.support.limits import LIMIT

pytestmark = pytest.mark.any_specification

POPULATION = Population(3, seed=1)
SERVE = (
    "from junction_introspect.mock import MockServer, Population;"
    "MockServer(Population(3, seed=1)).serve()"
)


def ask(server, **headers):
    headers = headers or {"x-vital-api-key": server.api_key}
    return httpx.get(server.url + PATH, headers=headers, timeout=LIMIT)


def port_of(server):
    return httpx.URL(server.url).port


def test_requests_are_answered_within_the_block():
    with MockServer(POPULATION) as server:
        assert ask(server).status_code == 200


def test_the_credentials_are_the_ones_it_was_given():
    with MockServer(POPULATION, api_key="key", access_token="token") as server:
        assert ask(server, **{"x-vital-api-key": "key"}).status_code == 200
        assert ask(server, authorization="Bearer token").status_code == 200
        assert ask(server, **{"x-vital-api-key": "other"}).status_code == 401


def test_the_url_is_final_before_the_server_starts():
    server = MockServer(POPULATION)
    url = server.url
    with server:
        assert server.url == url
        assert ask(server).status_code == 200


def test_servers_run_side_by_side():
    with MockServer(Population(0, seed=1)) as one, MockServer(POPULATION) as other:
        assert one.url != other.url
        assert ask(one).json()["data"] == []
        assert ask(other).status_code == 200


def test_the_port_is_free_again_after_the_block():
    with MockServer(POPULATION) as server:
        port = port_of(server)
        ask(server)
    with MockServer(POPULATION, port=port) as again:
        assert ask(again).status_code == 200


def test_the_block_ends_although_a_client_keeps_its_connection():
    with (
        httpx.Client(timeout=LIMIT) as client,
        MockServer(POPULATION) as server,
        socket.create_connection(("127.0.0.1", port_of(server))) as half,
    ):
        half.sendall(b"GET / HTTP/1.1\r\n")
        client.get(server.url, headers={"x-vital-api-key": server.api_key})


def test_a_port_in_use_is_an_os_error_that_names_it():
    with MockServer(POPULATION) as server:
        port = port_of(server)
        with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1:{port}"):
            MockServer(POPULATION, port=port)


def test_a_port_that_does_not_exist_leaves_no_socket_open():
    with pytest.raises(OverflowError, match="0-65535"):
        MockServer(POPULATION, port=65536)
    gc.collect()  # would warn of an open socket, and a warning is an error


def test_a_server_that_does_not_start_is_an_error_and_no_wait(monkeypatch):
    async def startup(server, **_):
        server.should_exit = True

    monkeypatch.setattr(uvicorn.Server, "startup", startup)
    with pytest.raises(RuntimeError, match="did not start"), MockServer(POPULATION):
        pass


def test_an_ipv6_address_is_bracketed_in_the_url():
    try:
        server = MockServer(POPULATION, host="::1")
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with server:
        assert server.url.startswith("http://[::1]:")
        assert ask(server).status_code == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_foreground_server_cleanly(number):
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", SERVE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        url = process.stdout.readline().strip()
        assert httpx.get(url + PATH, timeout=LIMIT).status_code == 401
        process.send_signal(number)
        rest, errors = process.communicate(timeout=LIMIT)
    assert (process.returncode, rest, errors) == (0, "", "")


def test_the_foreground_server_announces_itself_when_it_answers():
    server = MockServer(POPULATION)
    seen = []

    def announce(url):
        seen.append(url)
        signal.raise_signal(signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    server.serve(announce)
    assert seen == [server.url]
    assert signal.getsignal(signal.SIGTERM) is before
