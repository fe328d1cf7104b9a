"""`make demo`: what it shows, and that it leaves nothing behind."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from junction_introspect.mock import demo
from tests.support.limits import LIMIT

pytestmark = pytest.mark.any_specification

DEMO = (sys.executable, "-m", "junction_introspect.mock.demo")


@pytest.fixture
def environ():
    # Without coverage, which would triple what a process takes.
    return {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE_")}


def test_demo_lists_120_users_and_asks_a_store_of_them_whatever_is_set_around_it(environ):
    settings = {
        "JUNCTION_API_KEY": "sk_us_0123456789",
        "JUNCTION_ENVIRONMENT": "Production",
        "JUNCTION_BASE_URL": "http://127.0.0.1:1",
        "HTTP_PROXY": "http://127.0.0.1:1",
        "http_proxy": "http://127.0.0.1:1",
        "ALL_PROXY": "http://127.0.0.1:1",
    }
    done = subprocess.run(  # noqa: S603 - this package
        DEMO, env=environ | settings, capture_output=True, text=True, timeout=LIMIT, check=False
    )

    assert done.returncode == 0
    assert re.fullmatch(
        r"junction-introspect: run 1 of team default: 120 users, [\d,]+ pulls, \d pages;"
        r" [\d,]+ appeared\n",
        done.stderr,
    )
    first, *lines = done.stdout.splitlines()
    assert first.startswith(
        "A mock of the API with 120 made-up users is running at http://127.0.0.1:"
    )
    assert any(line.startswith("120 users, ") for line in lines)
    answered = next(at for at, line in enumerate(lines) if line.endswith("LIMIT 3;"))
    rows = [line.split() for line in lines[answered + 1 : answered + 4]]
    assert all(int(pulls) >= int(users) > 0 for _, pulls, users in rows)
    _, _, explained = done.stdout.partition("$ junction-introspect explain ")
    user_id, headline, *_ = explained.splitlines()
    assert headline.startswith(f"{user_id}: ")
    assert "need" in headline
    assert "docs/tutorial.md" in explained
    # A screen, to the end of which nobody has to scroll back.
    assert len(lines) < 40


@pytest.mark.proof(only=True)
def test_demo_ends_quietly_when_its_reader_has_seen_enough(environ):
    with subprocess.Popen(  # noqa: S603 - this package
        DEMO, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline()
        process.stdout.close()
        assert process.wait(LIMIT) == 141
        assert process.stderr.read() == ""


def test_demo_whose_reader_is_gone_says_nothing(environ):
    reading, writing = os.pipe()
    os.close(reading)
    code = (
        "import sys; from junction_introspect.mock import demo;"
        " demo._CLI = (sys.executable, '-c', 'print(0)'); sys.exit(demo.main())"
    )
    with os.fdopen(writing, "w") as out:
        done = subprocess.run(  # noqa: S603 - this package
            [sys.executable, "-c", code],
            env=environ,
            stdout=out,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, done.stderr) == (141, b"")


def test_demo_whose_server_does_not_start_returns_its_status(monkeypatch):
    monkeypatch.setattr(demo, "_CLI", (sys.executable, "-c", "raise SystemExit(3)"))
    assert demo.main() == 3


def test_demo_whose_server_says_nothing_is_no_success(monkeypatch):
    monkeypatch.setattr(demo, "_CLI", (sys.executable, "-c", ""))
    assert demo.main() == 1


def test_interrupted_demo_stops_its_server(monkeypatch):
    servers = []

    class Recorded(subprocess.Popen):
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            servers.append(self)

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess, "Popen", Recorded)
    monkeypatch.setattr(subprocess, "run", interrupt)
    assert demo.main() == 130
    (server,) = servers
    assert server.returncode == 0
