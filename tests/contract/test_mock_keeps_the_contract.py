"""The mock keeps the whole contract: every phase, check and promise, in process and over HTTP."""

from __future__ import annotations

from uuid import uuid4

import pytest

from junction_introspect.contract.engine import PHASES
from junction_introspect.contract.suite import State, check_server
from junction_introspect.mock import create_app

pytestmark = [pytest.mark.any_specification, pytest.mark.proof]


@pytest.fixture(scope="module", params=["in process", "over HTTP"])
def report(request, population, api_key, server, at_length):
    if request.param == "in process":
        target = create_app(population, api_key=api_key, access_token=uuid4().hex)
        return check_server(target, api_key, examples=at_length(150, 5_000))
    return check_server(server.url, api_key, examples=at_length(50, 500))


def test_no_promise_is_broken(report):
    assert [str(finding) for finding in report.of(State.BROKEN)] == []


def test_no_promise_is_left_untested(report):
    assert [str(finding) for finding in report.of(State.UNTESTED)] == []


def test_every_phase_sends_cases(report):
    assert report.cases.keys() == PHASES


def test_pages_are_followed_through_the_link(report):
    assert report.pages_followed > 0


def test_as_many_cases_are_sent_as_were_asked_for(request, report, at_length):
    asked = at_length(50, 500) if "HTTP" in request.node.name else at_length(150, 5_000)
    assert report.cases.total() >= asked


def test_every_answer_that_the_mock_gives_is_reached(report):
    statuses = {
        interaction.response.status_code
        for scenario in report.scenarios
        for interaction in scenario.interactions.values()
        if interaction.response
    }
    assert statuses == {200, 401, 404, 405, 422}
