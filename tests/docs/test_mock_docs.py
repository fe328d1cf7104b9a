"""Every order of docs/mock.md is obeyed, and nothing that there is is missing there."""

from __future__ import annotations

import re
import shlex

import httpx
import pytest

from junction_introspect.mock import MockServer, Population
from junction_introspect.mock.control import documentation
from junction_introspect.testing import JunctionMock
from tests.docs.pages import read, request_of

TEXT = read("docs/mock.md")
COMMANDS = [
    shlex.split(command)
    for block in re.findall(r"```bash\n(.*?)```", TEXT, re.DOTALL)
    for command in re.split(r"\n(?=curl )", block.replace("\\\n", " "))
]


@pytest.fixture(scope="module")
def server():
    with MockServer(Population(2, seed=1), control=True) as running:
        yield running


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
