"""A client that was used before a fork, in the parent and in its children at the same time."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.behaviours import says
from tests.faults.misbehaving import MisbehavingServer
from tests.payloads import encoded, page

SCRIPT = Path(__file__).with_name("forking.py")


def own(request):
    """Answer with the user that was asked for."""
    user = {"user_id": request.query["user_id"], "provider": {}}
    return says("own", encoded(page(user)))


@pytest.mark.parametrize("children", ["2", "8"])
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_each_process_has_connections_of_its_own(kind, children):
    with MisbehavingServer(own) as server:
        # In a process with one thread: forking one with several is what Python warns of.
        ran = subprocess.run(  # noqa: S603 - this package's own script
            [sys.executable, SCRIPT, server.url, kind, children, "25"],
            check=False,
            capture_output=True,
            text=True,
        )
    assert (ran.stdout, ran.stderr, ran.returncode) == ("", "", 0)
