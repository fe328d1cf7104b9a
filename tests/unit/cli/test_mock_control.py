"""`junction-introspect mock --control --speed`, as a process."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx
import pytest

from junction_introspect.cli import main
from junction_introspect.cli.app import loaded
from junction_introspect.mock import MockServer, Population
from junction_introspect.mock.__main__ import main as mock_main
from tests.support.limits import LIMIT

pytestmark = pytest.mark.any_specification

COMMAND = (sys.executable, "-m", "junction_introspect", "mock", "--port", "0", "--users", "3")


@contextmanager
def mock(*arguments):
    with subprocess.Popen(  # noqa: S603
        [*COMMAND, *arguments], stdout=subprocess.PIPE, text=True
    ) as process:
        yield process.stdout.readline().strip()
        process.terminate()


def clock(url, headers=None):
    headers = headers or {"x-vital-api-key": "mock-api-key"}
    return httpx.get(f"{url}/_mock/clock", headers=headers, timeout=LIMIT)


@pytest.mark.parametrize("speed", ["-1", "nan", "inf", "fast"])
def test_a_speed_that_is_none_is_wrong_usage(speed, capsys):
    assert main(["mock", "--port", "0", "--users", "3", "--speed", speed]) == 2
    assert "--speed" in capsys.readouterr().err


def test_it_begins_now_and_time_passes_as_it_does():
    before = datetime.now(UTC).replace(microsecond=0)
    with mock("--control") as url:
        told = clock(url).json()
    assert told["speed"] == 1
    assert before <= datetime.fromisoformat(told["now"]) <= datetime.now(UTC)


def test_clock_begins_and_goes_as_it_is_told_to():
    with mock("--control", "--at", "2025-10-01T12:00:00", "--speed", "0") as url:
        assert clock(url).json() == {"now": "2025-10-01T12:00:00Z", "speed": 0}


@pytest.fixture
def served(monkeypatch):
    """Collects the servers that would have served, and closes them."""
    servers = []
    monkeypatch.setattr(MockServer, "serve", lambda server: servers.append(server))  # noqa: PLW0108
    yield servers
    for server in servers:
        server._socket.close()


def with_typer(*arguments):
    return main(["mock", "--port", "0", *arguments])


def with_argparse(*arguments):
    try:
        return mock_main(["--port", "0", *arguments])
    except SystemExit as exit_:
        return exit_.code


# Every address of this machine.
EVERYWHERE = "0.0.0.0"  # noqa: S104 - what is tested

each_front = pytest.mark.parametrize("front", [with_typer, with_argparse])


@each_front
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--host", EVERYWHERE, "--control"], "give --allow-host and --control-token too"),
        (["--host", EVERYWHERE, "--control", "--allow-host", "mock"], "--control-token too"),
        (["--host", EVERYWHERE, "--control", "--control-token", "t"], "--allow-host and"),
        (["--control-token", "t"], "give --control too"),
        (["--control", "--control-token", ""], "a token that is not empty"),
        (["--api-key", ""], "a key must not be empty"),
        (["--users", str(10**18)], "users must be from 0 to"),
        (["--speed", "-1"], "must not be negative"),
    ],
)
def test_what_cannot_be_served_is_one_line_and_2(front, arguments, said, served, capsys):
    assert front(*arguments) == 2
    assert served == []
    assert said in capsys.readouterr().err.splitlines()[-1]


@each_front
def test_other_machines_may_use_the_mock_and_control_it_with_a_token(front, served):
    exposed = ["--host", EVERYWHERE, "--users", "1"]
    assert front(*exposed) in {None, 0}
    assert front(
        *exposed, "--control", "--allow-host", "mock.test", "--control-token", "secret"
    ) in {None, 0}
    alone, controlled = served
    assert alone.control is None
    with controlled:
        url = controlled.url.replace(EVERYWHERE, "127.0.0.1")
        named = {"Host": "mock.test", "x-vital-api-key": "mock-api-key"}
        assert clock(url, named).status_code == 401
        assert clock(url, {**named, "x-mock-token": "other"}).status_code == 401
        assert clock(url, {**named, "x-mock-token": "secret"}).status_code == 200
        assert clock(url, {"Host": "other.test", "x-mock-token": "secret"}).status_code == 403
        told = httpx.get(f"{url}/_mock/", timeout=LIMIT).json()
        assert told["credential"] == "The header x-mock-token. Only this page needs none."


@each_front
def test_a_port_that_is_taken_is_9(front, capsys):
    with MockServer(Population(0, seed=1)) as taken:
        port = str(httpx.URL(taken.url).port)
        assert front("--port", port) == 9
    assert "cannot listen on 127.0.0.1:" in capsys.readouterr().err


def test_the_module_has_the_options_of_the_command(served):
    at = "2025-10-01T12:00:00"
    every = {
        "--users": "3",
        "--seed": "7",
        "--host": "127.0.0.1",
        "--port": "0",
        "--api-key": "k",
        "--control": None,
        "--control-token": "t",
        "--allow-host": "mock.test",
        "--speed": "0",
        "--at": at,
    }
    options = {name for each in loaded("mock").params for name in each.opts}
    assert options - every.keys() == {"--verbose", "-v"}
    arguments = [word for pair in every.items() for word in pair if word is not None]
    with_typer(*arguments)
    with_argparse(*arguments)
    with_typer()
    with_argparse()
    states = [
        (
            len(server.population),
            server.population.seed,
            server.api_key,
            server.control and server.control.world.clock.now(),
        )
        for server in served
    ]
    assert states[0] == states[1]
    assert states[2] == states[3]
    assert states[0] != states[2]


def test_the_module_serves_as_a_process():
    command = [sys.executable, "-m", "junction_introspect.mock", "--port", "0", "--users", "1"]
    with subprocess.Popen(  # noqa: S603
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        url = process.stdout.readline().strip()
        answer = httpx.get(f"{url}/openapi.json", timeout=LIMIT)
        process.terminate()
        assert process.communicate(timeout=LIMIT) == ("", "")
    assert answer.status_code == 200
    assert process.returncode == 0
