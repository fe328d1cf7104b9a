"""The mock keeps the whole contract: every phase, check and promise, in process and over HTTP."""

from __future__ import annotations

from uuid import uuid4

import pytest

from junction_introspect.contract.engine import PHASES
from junction_introspect.contract.suite import State, check_server
from junction_introspect.mock import create_app

pytestmark = [pytest.mark.any_specification, pytest.mark.proof]


def put_to(target, api_key, examples):
    """Put the whole contract to a server, of which no part may be broken, untested or left out."""
    report = check_server(target, api_key, examples=examples)
    assert [str(finding) for finding in report.of(State.BROKEN)] == []
    assert [str(finding) for finding in report.of(State.UNTESTED)] == []
    assert report.cases.keys() == PHASES
    assert report.cases.total() >= examples
    assert report.pages_followed > 0
    return report


# Not a test for each of these and a run for all: workers that share the tests would each run it.
def test_every_promise_is_kept_in_process_by_every_answer_that_the_mock_gives(
    population, api_key, at_length
):
    target = create_app(population, api_key=api_key, access_token=uuid4().hex)
    report = put_to(target, api_key, at_length(20, 5_000))
    assert {
        interaction.response.status_code
        for scenario in report.scenarios
        for interaction in scenario.interactions.values()
        if interaction.response
    } == {200, 401, 404, 405, 422}


# In short, test_runner.py and the page docs/how-to/contract-in-ci.md put it to a server over HTTP.
@pytest.mark.proof(only=True)
def test_every_promise_is_kept_over_http(server, api_key, at_length):
    put_to(server.url, api_key, at_length(30, 500))
