"""How the mock's backfills go on: forwards, to an end, and the same way every time."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from junction_introspect import NON_RETRIABLE_ERROR_VALUES, RETRIABLE_ERROR_VALUES
from junction_introspect.mock import Population, courses
from junction_introspect.mock.backfills import ERROR_DETAILS_SINCE, NOW, scheduled
from junction_introspect.mock.courses import SETTLED, SETTLED_AFTER, at

keys = st.text(max_size=8)
STATUSES = {"scheduled", "in_progress", "retrying", "success", "failure"}


def drawn(moment=NOW):
    return scheduled(Random(1), moment)


def course(key, step=timedelta(minutes=10), pull=None):
    pull, moment = pull or drawn(), NOW
    while moment <= NOW + SETTLED_AFTER:
        yield at(pull, NOW, moment, key)
        moment += step


@pytest.fixture(scope="module")
def pulls():
    users = map(Population(60, seed=1).user, range(60))
    return [
        pull
        for user in users
        for provider in user.provider.values()
        for pull in provider.pulled.values()
    ]


def test_nothing_has_happened_at_the_moment_a_pull_was_drawn_for(pulls):
    assert all(at(pull, NOW, NOW, str(n)) is pull for n, pull in enumerate(pulls))


def test_what_was_settled_stays_as_it_is(pulls):
    for pull in pulls:
        if pull.status in SETTLED:
            assert at(pull, NOW, NOW + SETTLED_AFTER, "key") is pull


def test_everything_settles(pulls):
    late = NOW + SETTLED_AFTER
    assert {at(pull, NOW, late, str(n)).status for n, pull in enumerate(pulls)} <= SETTLED


def test_a_course_depends_on_its_key_alone():
    assert [*course("a")] == [*course("a")]
    assert [*course("a")] != [*course("b")]


@given(keys)
def test_a_pull_is_in_progress_before_it_ends(key):
    statuses = [pull.status for pull in course(key, timedelta(minutes=1))]
    order = [status for n, status in enumerate(statuses) if n == 0 or status != statuses[n - 1]]
    assert order[0] == "scheduled"
    assert order[-1] in SETTLED
    assert order[1::2] == ["in_progress"] * (len(order) // 2)
    assert {*order[2:-1:2]} <= {"retrying"}


def test_courses_succeed_and_fail_and_are_retried():
    statuses = {pull.status for n in range(40) for pull in course(str(n))}
    assert statuses == STATUSES


def test_nothing_is_retried_for_ever(monkeypatch):
    monkeypatch.setattr(courses, "MAX_ATTEMPTS", 1)
    statuses = {pull.status for n in range(40) for pull in course(str(n))}
    assert statuses == STATUSES - {"retrying"}


@given(keys)
def test_timestamps_only_ever_grow(key):
    timelines = [pull.timeline for pull in course(key)]
    for name in ("started_at", "ended_at"):
        moments = [getattr(timeline, name) for timeline in timelines if getattr(timeline, name)]
        assert moments == sorted(moments)


@given(keys)
def test_an_error_is_of_the_kind_of_its_status(key):
    kinds = {"failure": NON_RETRIABLE_ERROR_VALUES, "retrying": RETRIABLE_ERROR_VALUES}
    for pull in course(key):
        expected = kinds.get(pull.status)
        assert (pull.error_details in expected) if expected else not pull.error_details


@given(keys)
def test_connections_made_before_may_2025_fail_without_saying_why(key):
    old = drawn(ERROR_DETAILS_SINCE - timedelta(days=1))
    assert not any(pull.error_details for pull in course(key, pull=old))


@given(keys)
def test_days_with_data_fit_the_range(key):
    for pull in course(key):
        days = (pull.range_end - pull.range_start).days if pull.range_end else 0
        assert 0 <= pull.days_with_data <= days
