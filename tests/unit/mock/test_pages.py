"""How the mock cuts the listing into pages."""

from __future__ import annotations

from itertools import pairwise
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from junction_introspect.mock import Population
from junction_introspect.mock.cursors import START, Cursors, Position
from junction_introspect.mock.pages import page
from junction_introspect.mock.parameters import Listing

POPULATION = Population(60, seed=1)
CURSORS = Cursors(b"key")


def walk(population=POPULATION, position=START, **filters):
    while True:
        one = page(population, population.user, CURSORS, Listing(position=position, **filters))
        yield one
        if one.next_cursor is None:
            return
        position = CURSORS.read(one.next_cursor)


def users(pages):
    return [user for one in pages for user in one.data]


def everyone():
    return [POPULATION.user(index) for index in range(len(POPULATION))]


@pytest.mark.parametrize("user_limit", [1, 7, 50, 500])
def test_all_pages_together_hold_everyone_once_whatever_their_size(user_limit):
    assert users(walk(user_limit=user_limit)) == everyone()


@given(st.integers(), st.integers(0, 30), st.integers(1, 40))
def test_everyone_is_listed_for_any_seed(seed, size, user_limit):
    population = Population(size, seed)
    pages = list(walk(population, user_limit=user_limit))
    assert [user.user_id for user in users(pages)] == [
        population.user_id(index) for index in range(size)
    ]


@pytest.mark.parametrize("user_limit", [1, 7, 50])
def test_no_page_holds_more_than_the_limit(user_limit):
    assert all(len(one.data) <= user_limit for one in walk(user_limit=user_limit))


def test_some_pages_are_short_and_some_empty_while_more_follow():
    sizes = [len(one.data) for one in walk(user_limit=5) if one.next_cursor]
    assert 0 in sizes
    assert 5 in sizes
    assert set(sizes) - {0, 5}


def test_an_empty_page_is_not_followed_by_another():
    sizes = [len(one.data) for one in walk(user_limit=1)]
    assert 0 in sizes
    assert (0, 0) not in pairwise(sizes)


def test_a_page_is_the_same_every_time():
    assert list(walk(user_limit=5)) == list(walk(user_limit=5))


def test_no_cursor_is_issued_twice_in_a_walk():
    cursors = [one.next_cursor for one in walk(user_limit=1)]
    assert len(set(cursors)) == len(cursors)


def test_a_filter_by_provider_leaves_that_provider_of_those_who_have_it():
    found = users(walk(provider="fitbit", user_limit=7))
    expected = [user for user in everyone() if "fitbit" in user.provider]
    assert [user.user_id for user in found] == [user.user_id for user in expected]
    assert [user.provider for user in found] == [
        {"fitbit": user.provider["fitbit"]} for user in expected
    ]


def test_a_filter_by_a_lab_finds_nobody_unless_it_is_manual():
    assert users(walk(provider="labcorp", user_limit=7)) == []
    assert users(walk(provider="manual", user_limit=7))


def test_a_filter_by_user_gives_that_user_on_one_page():
    user = POPULATION.user(30)
    (one,) = walk(user_id=user.user_id, user_limit=1)
    assert one.data == [user]


def test_a_filter_by_user_and_provider_holds_both():
    user = POPULATION.user(30)
    (provider, *_) = user.provider
    (one,) = walk(user_id=user.user_id, provider=provider)
    assert [each.provider.keys() for each in one.data] == [{provider}]
    (other,) = walk(user_id=user.user_id, provider="labcorp")
    assert other.data == []


def test_a_filter_by_a_stranger_finds_nobody():
    (one,) = walk(user_id=uuid4())
    assert one.data == []


def test_a_cursor_means_the_same_place_under_every_filter():
    place = Position(31, 0)
    before, after = POPULATION.user(30), POPULATION.user(31)
    assert users(walk(position=place, user_id=before.user_id)) == []
    assert users(walk(position=place, user_id=after.user_id)) == [after]
    found = users(walk(position=place, provider="fitbit"))
    numbers = [POPULATION.index_of(user.user_id) for user in found]
    assert numbers == [i for i in range(31, 60) if "fitbit" in POPULATION.user(i).provider]


def test_a_cursor_of_a_larger_population_of_the_seed_ends_the_listing():
    (one,) = walk(position=Position(1_000, 0))
    assert one.data == []
