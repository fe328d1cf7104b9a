"""When requests to an address may go, on a clock of the test's."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from junction_introspect.teams import Budget

pytestmark = pytest.mark.any_specification

SECONDS = st.floats(0, 1000)


def times(budget, asked):
    """Return when requests go that are asked for at these times, one after another."""
    now, gone = 0.0, []
    for at in asked:
        now = max(now, at)
        while wait := budget.take(now):
            now += wait
        gone.append(now)
    return gone


def test_without_a_rate_every_request_goes_at_once():
    assert times(Budget(), [0, 0, 0, 5]) == [0, 0, 0, 5]


def test_requests_keep_the_distance_of_the_rate():
    assert times(Budget(4), [0, 0, 0, 10, 10.125]) == [0, 0.25, 0.5, 10, 10.25]


def test_nothing_goes_while_the_server_wants_to_be_left_alone():
    budget = Budget()
    budget.hold(10, 30, 503)
    assert budget.take(15) == budget.held(15) == 25
    assert budget.take(40) == budget.held(41) == 0


def test_shorter_hold_does_not_cut_a_longer_one_short():
    budget = Budget()
    budget.hold(0, 60, 503)
    budget.hold(1, 5, 429)
    assert budget.held(1) == 59
    assert budget.status_code == 503


def test_rate_goes_on_after_a_hold():
    budget = Budget(2)
    assert budget.take(0) == 0
    budget.hold(0, 10, 429)
    assert times(budget, [1, 1, 1]) == [10, 10.5, 11]


@given(st.floats(0.01, 100), st.lists(SECONDS, max_size=20).map(sorted))
def test_no_two_requests_are_closer_than_the_rate_allows(per_second, asked):
    gone = times(Budget(per_second), asked)
    assert all(
        later - earlier >= (1 / per_second) * (1 - 1e-9) for earlier, later in pairwise(gone)
    )


@given(st.lists(st.tuples(SECONDS, SECONDS)), SECONDS)
def test_request_waits_for_the_longest_hold_and_no_longer(holds, now):
    budget = Budget()
    for at, seconds in holds:
        budget.hold(at, seconds, 429)
    until = max((at + seconds for at, seconds in holds), default=0)
    assert budget.take(now) == max(0.0, until - now)
