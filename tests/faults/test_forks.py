"""A client that was used before a fork, in the parent and in its children at the same time."""

import asyncio
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.faults.behaviours import does, says
from tests.faults.misbehaving import MisbehavingServer
from tests.support.payloads import encoded, page, user

SCRIPT = Path(__file__).with_name("forking.py")
KINDS = pytest.mark.parametrize("kind", ["sync", "asyncio", "trio"])


# From 3.12 on, Python warns of a fork where there are threads, of which one scenario makes some.
_QUIET = {"PYTHONWARNINGS": "ignore::DeprecationWarning"}


def own(request):
    """Answer with the user that was asked for."""
    return says("own", encoded(page({"user_id": request.query["user_id"], "provider": {}})))


def fork(*arguments):
    """Run a scenario to its end, in which nothing may go wrong."""
    ran = subprocess.run(  # noqa: S603 - this package's own script
        [sys.executable, SCRIPT, *arguments],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | _QUIET,
    )
    assert (ran.stdout, ran.stderr, ran.returncode) == ("", "", 0)


@pytest.fixture(params=["http", "https"])
def server(request, certified):
    tls = certified("127.0.0.1") if request.param == "https" else None
    with MisbehavingServer(own, tls=tls) as running:
        yield running


@pytest.mark.usefixtures("_trusted")
@pytest.mark.proof
@KINDS
def test_each_process_has_connections_of_its_own(server, kind, at_length):
    few_or_many = ["2" if server.url.startswith("https") else "8"]
    for children in at_length(few_or_many, ["2", "8"]):
        fork("at_once", server.url, kind, children, str(at_length(5, 50)))


@pytest.mark.usefixtures("_trusted")
@pytest.mark.parametrize("kind", ["sync", "asyncio"])
def test_client_that_a_child_closes_keeps_the_parents_connections(server, kind):
    fork("closing", server.url, kind)

    assert server.connections == 2


@pytest.mark.parametrize("kind", ["sync", "asyncio"])
def test_locks_that_another_thread_holds_are_not_the_childs(kind):
    with MisbehavingServer(own) as running:
        fork("locked", running.url, kind)


def test_child_fetches_by_itself_what_threads_of_its_parent_are_fetching():
    asked, released = [], threading.Event()

    async def hold(_):
        await asyncio.to_thread(released.wait)

    def script(request):
        if "next_cursor" not in request.query:
            return says("first", encoded(page(user(1), next_cursor="2")))
        asked.append(request)
        if len(asked) == 2:  # the parent's two
            process.stdin.write("\n")
            process.stdin.flush()
        elif len(asked) == 4:  # the child's
            released.set()
        answer = says("second", encoded(page(user(2))))
        return does("held", hold, *answer.steps) if len(asked) <= 2 else answer

    with (
        MisbehavingServer(script) as running,
        subprocess.Popen(  # noqa: S603 - as above
            [sys.executable, SCRIPT, "halfway", running.url, "sync"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | _QUIET,
        ) as process,
    ):
        assert (process.stdout.read(), process.stderr.read()) == ("", "")
    assert process.returncode == 0
    assert len(asked) == 4
