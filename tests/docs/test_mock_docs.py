"""Every order of docs/mock.md is obeyed, and nothing that there is is missing there."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from junction_introspect.mock import MockServer, Population
from junction_introspect.mock.control import documentation
from junction_introspect.testing import JunctionMock

TEXT = (Path(__file__).parents[2] / "docs" / "mock.md").read_text(encoding="utf-8")
COMMANDS = [
    shlex.split(command)
    for block in re.findall(r"```bash\n(.*?)```", TEXT, re.DOTALL)
    for command in re.split(r"\n(?=curl )", block.replace("\\\n", " "))
]


@pytest.fixture(scope="module")
def server():
    with MockServer(Population(2, seed=1), control=True) as running:
        yield running


def request_of(words, base):
    """Return the request that a curl command sends."""
    options = dict(pairwise(words))
    (url,) = (word for word in words if word.startswith("http"))
    body, header = options.get("-d"), options.get("-H", "")
    name, _, value = header.partition(": ")
    return httpx.Request(
        options.get("-X", "POST" if body else "GET"),
        url.replace("http://127.0.0.1:8080", base),
        headers={name: value} if header else {},
        content=body,
    )


def test_every_command_is_obeyed_in_turn(server):
    assert len(COMMANDS) > 10
    with httpx.Client(trust_env=False) as client:
        answers = [client.send(request_of(words, server.url)) for words in COMMANDS]
    assert {answer.status_code for answer in answers} <= {200, 201}


def test_every_order_is_shown():
    shown = {request_of(words, "http://mock").url.path for words in COMMANDS}
    assert {order.split()[1] for order in documentation()["orders"]} <= shown


def test_every_method_of_the_fixture_is_named():
    methods = {name for name in vars(JunctionMock) if name[0] != "_"} - {"now"}
    assert methods <= {*re.findall(r"`(\w+)`", TEXT)}
