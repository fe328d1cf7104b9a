"""The page ahead of a walk, without a client."""

import pytest

from junction_introspect._paging.lookahead import Lookahead
from junction_introspect._paging.walk import Place

SECOND, THIRD = Place("B", 1), Place("C", 2)
GET = "get"


class Running:
    is_usable = True

    def __init__(self):
        self.dropped = 0

    def drop(self):
        self.dropped += 1


class Ahead(list):
    """Starts fetches, and keeps them."""

    def start(self, get, fetch):
        assert (get, fetch) == (GET, "fetch")
        self.append(Running())
        return self[-1]


@pytest.fixture
def started():
    return Ahead()


@pytest.fixture
def lookahead(started):
    return Lookahead(lambda _: "fetch", GET, started)


def test_nothing_is_begun_by_itself(lookahead, started):
    assert lookahead._begun(SECOND) is None
    assert started == []


def test_what_was_begun_belongs_to_its_place_alone(lookahead, started):
    lookahead.begin(SECOND)

    assert lookahead._begun(SECOND) is started[0]
    assert lookahead._begun(THIRD) is None
    assert lookahead._begun(Place("B", 5)) is None


def test_page_that_was_begun_is_not_begun_again(lookahead, started):
    lookahead.begin(SECOND)
    lookahead.begin(SECOND)

    assert len(started) == 1


def test_another_page_takes_the_place_of_the_first_which_is_dropped(lookahead, started):
    lookahead.begin(SECOND)
    lookahead.begin(THIRD)

    assert [each.dropped for each in started] == [1, 0]
    assert lookahead._begun(THIRD) is started[1]


def test_what_is_settled_is_begun_anew_and_not_dropped(lookahead, started):
    lookahead.begin(SECOND)
    lookahead._settle()
    assert lookahead._begun(SECOND) is None

    lookahead.begin(SECOND)
    assert [each.dropped for each in started] == [0, 0]


def test_what_could_not_be_begun_is_not_there(lookahead, started, monkeypatch):
    monkeypatch.setattr(started, "start", lambda *_: None, raising=False)
    lookahead.begin(SECOND)

    assert lookahead._begun(SECOND) is None


def test_what_cannot_be_used_is_not_there_but_is_still_dropped(lookahead, started):
    lookahead.begin(SECOND)
    started[0].is_usable = False
    assert lookahead._begun(SECOND) is None

    lookahead.begin(THIRD)
    assert started[0].dropped == 1


def test_nothing_is_begun_where_nothing_starts_it():
    lookahead = Lookahead(lambda _: "fetch", GET, None)
    lookahead.begin(SECOND)

    assert lookahead._begun(SECOND) is None


def test_lookahead_that_is_let_go_drops_what_it_began(lookahead, started):
    lookahead.begin(SECOND)
    lookahead._drop()
    lookahead._drop()
    assert started[0].dropped == 1

    another = Lookahead(lambda _: "fetch", GET, started)
    another.begin(THIRD)
    del another
    assert started[1].dropped == 1


def test_lookahead_that_an_interrupt_leaves_unmade_is_collected_without_a_word():
    lookahead = Lookahead.__new__(Lookahead)
    lookahead.__del__()
