"""The mock does what openapi/spec.yaml says: all phases, all checks, in process and over HTTP."""

from __future__ import annotations

from uuid import uuid4

import pytest
from conformance import PHASES, judge
from schemathesis.checks import CHECKS, load_all_checks

from junction_introspect.mock import create_app


@pytest.fixture(scope="module", params=["in process", "over HTTP"])
def verdicts(request, population, api_key, server):
    if request.param == "in process":
        target = create_app(population, api_key=api_key, access_token=uuid4().hex)
    else:
        target = server.url
    return (
        judge(target, api_key, examples=400),
        judge(target, api_key, phases={"fuzzing"}, examples=600, credentials_too=False),
    )


def test_no_promise_is_broken(verdicts):
    for verdict in verdicts:
        assert verdict.failures == {}
        assert verdict.errors == []


def test_at_least_a_thousand_cases_are_sent(verdicts):
    assert sum(verdict.cases.total() for verdict in verdicts) >= 1_000


def test_every_phase_sends_cases(verdicts):
    thorough, _ = verdicts
    assert thorough.cases.keys() == PHASES


def test_every_check_judges_responses(verdicts):
    load_all_checks()
    thorough, _ = verdicts
    # max_response_time is built in too, but made from its limit and so in no registry.
    assert thorough.checks.keys() == {*CHECKS.get_all_names(), "max_response_time"}


def test_cases_reach_every_answer_that_the_mock_gives(verdicts):
    thorough, valid_key = verdicts
    assert thorough.statuses.keys() == {200, 401, 405, 422}
    assert valid_key.statuses.keys() == {200, 422}
