"""Cursors that a server did not issue: the one thing the specification allows and it must refuse.

The conformance runs send issued cursors only, so this is where the others are tested.
"""

from __future__ import annotations

import httpx
import pytest

from junction_introspect.mock import MockServer, Population
from junction_introspect.mock.app import PATH
from tests.support.limits import LIMIT

pytestmark = [
    pytest.mark.any_specification,
    pytest.mark.parametrize("name", ["cursor", "next_cursor"]),
]


@pytest.fixture(scope="module")
def client(server):
    headers = {"x-vital-api-key": server.api_key}
    with httpx.Client(base_url=server.url, headers=headers, timeout=LIMIT) as client:
        yield client


@pytest.fixture(scope="module")
def issued(client):
    return client.get(PATH, params={"user_limit": 1}).json()["next_cursor"]


def assert_refused(response, name):
    assert response.status_code == 422
    (problem,) = response.json()["detail"]
    assert problem.keys() == {"loc", "msg", "type"}
    assert problem["loc"] == ["query", name]


def test_an_issued_cursor_is_accepted(client, issued, name):
    assert client.get(PATH, params={name: issued}).status_code == 200


@pytest.mark.parametrize(
    "cursor", ["", "0", "None", "undefined", "eyJvZmZzZXQiOjUwfQ", "a\x00b", "\u00fc", "A" * 32]
)
def test_a_made_up_cursor_is_refused(client, name, cursor):
    assert_refused(client.get(PATH, params={name: cursor}), name)


def test_a_cursor_with_any_character_altered_is_refused(client, issued, name):
    for place, character in enumerate(issued):
        altered = issued[:place] + ("B" if character == "A" else "A") + issued[place + 1 :]
        assert_refused(client.get(PATH, params={name: altered}), name)


@pytest.mark.parametrize("alter", [str.swapcase, "{}=".format, " {}".format, "{}\n".format])
def test_a_cursor_in_another_spelling_is_refused(client, issued, name, alter):
    assert_refused(client.get(PATH, params={name: alter(issued)}), name)


def test_a_cursor_of_another_server_is_refused(client, server, name):
    with MockServer(Population(24, seed=99), api_key=server.api_key) as other:
        foreign = httpx.get(
            other.url + PATH,
            params={"user_limit": 1},
            headers={"x-vital-api-key": server.api_key},
            trust_env=False,
            timeout=LIMIT,
        ).json()["next_cursor"]
    assert_refused(client.get(PATH, params={name: foreign}), name)


def test_a_foreign_cursor_is_refused_beside_an_issued_one(client, issued, name):
    (other,) = {"cursor", "next_cursor"} - {name}
    assert_refused(client.get(PATH, params={name: "made-up", other: issued}), name)
