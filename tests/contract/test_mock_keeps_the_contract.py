"""The mock keeps the whole contract: every phase, check and promise, in process and over HTTP."""

from __future__ import annotations

from uuid import uuid4

import pytest

from junction_introspect.mock import create_app
from tests.contract.engine import PHASES
from tests.contract.suite import State, hold


@pytest.fixture(scope="module", params=["in process", "over HTTP"])
def report(request, population, api_key, server):
    if request.param == "in process":
        target = create_app(population, api_key=api_key, access_token=uuid4().hex)
        return hold(target, api_key)
    return hold(server.url, api_key, examples=200)


def test_no_promise_is_broken(report):
    assert [str(finding) for finding in report.of(State.BROKEN)] == []


def test_no_promise_is_left_untested(report):
    assert [str(finding) for finding in report.of(State.UNTESTED)] == []


def test_every_phase_sends_cases(report):
    assert report.cases.keys() == PHASES


def test_pages_are_followed_through_the_link(report):
    assert report.pages_followed > 0


def test_a_thousand_cases_are_sent_unless_fewer_are_asked_for(request, report):
    fewer = "HTTP" in request.node.name
    assert (report.cases.total() >= 1_000) is not fewer


def test_every_answer_that_the_mock_gives_is_reached(report):
    statuses = {
        interaction.response.status_code
        for scenario in report.scenarios
        for interaction in scenario.interactions.values()
        if interaction.response
    }
    assert statuses == {200, 401, 404, 405, 422}
