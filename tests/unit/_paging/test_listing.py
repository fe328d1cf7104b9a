"""A listing in progress, in both clients."""

import pickle

import httpx
import pytest

from junction_introspect import (
    APIConnectionError,
    HistoricalPull,
    PaginationError,
    RateLimitError,
    ResponseDecodeError,
    UnprocessableEntityError,
    UnrecognizedValueError,
)
from tests.support.drivers import BOTH_WAYS
from tests.support.payloads import encoded, page, statistics, user, user_id

pytestmark = BOTH_WAYS


class Server:
    """Answers each cursor with its page, or with what a test puts in the page's place."""

    def __init__(self, *pages, cursors=None):
        self.cursors = cursors or [None, *(f"cursor-{n}" for n in range(1, len(pages))), None]
        self.pages = dict(zip(self.cursors, pages, strict=False))
        self.requests = []
        self.instead = []

    def __call__(self, request):
        self.requests.append(request)
        if self.instead and (answer := self.instead.pop(0)) is not None:
            if isinstance(answer, Exception):
                raise answer
            status, content = answer
            return httpx.Response(status, content=content)
        cursor = request.url.params.get("next_cursor")
        following = self.cursors[self.cursors.index(cursor) + 1]
        document = page(*self.pages[cursor], next_cursor=following)
        return httpx.Response(200, content=encoded(document))

    @property
    def asked(self):
        return [request.url.params.get("next_cursor") for request in self.requests]


def _ids(users):
    return [each.user_id for each in users]


@pytest.fixture
def server():
    return Server([user(1), user(2)], [], [user(3)], [user(4), user(5)])


@pytest.fixture
def junction(connect, server):
    return connect(server, max_retries=0)


def _numbers(*numbers):
    return [user_id(number) for number in numbers]


def test_listing_sends_nothing_until_it_is_iterated(junction, server):
    listing = junction.historical_pulls()

    assert listing.next_cursor is None
    assert not listing.done
    assert server.requests == []


def test_every_user_of_every_page_is_listed_in_order(junction):
    assert _ids(junction.historical_pulls()) == _numbers(1, 2, 3, 4, 5)


def test_empty_page_does_not_end_the_listing(junction, server):
    list(junction.historical_pulls())

    assert server.asked == [None, "cursor-1", "cursor-2", "cursor-3"]


def test_pages_are_handed_over_whole_and_empty_ones_too(junction):
    pages = list(junction.historical_pulls().pages())

    assert [len(each.data) for each in pages] == [2, 0, 1, 2]
    assert [each.next_cursor for each in pages] == ["cursor-1", "cursor-2", "cursor-3", None]


def test_rows_are_flat_records_of_every_user(junction):
    rows = list(junction.historical_pulls().rows())

    assert len(rows) == 15
    assert all(isinstance(row, HistoricalPull) for row in rows)
    assert rows[0].user_id == user_id(1)
    assert rows[-1].user_id == user_id(5)


def test_done_listing_asks_for_nothing_more(junction, server):
    listing = junction.historical_pulls()
    list(listing)

    assert listing.done
    assert listing.next_cursor is None
    assert list(listing) == []
    assert len(server.requests) == 4


def test_abandoned_listing_asks_for_nothing_more(junction, server):
    listing = junction.historical_pulls(prefetch=0)
    for each in listing:
        assert each.user_id == user_id(1)
        break
    del listing

    assert len(server.requests) == 1


def test_next_page_is_asked_for_only_when_it_is_needed(junction, server):
    listing = junction.historical_pulls(prefetch=0)
    next(listing)
    next(listing)

    assert len(server.requests) == 1


def test_cursor_to_resume_from_moves_on_with_the_last_user_of_a_page(junction):
    listing = junction.historical_pulls()
    seen = [listing.next_cursor for _ in listing]

    assert seen == [None, "cursor-1", "cursor-3", "cursor-3", None]


def test_cursor_to_resume_from_moves_on_with_the_last_row_of_a_page(junction):
    listing = junction.historical_pulls()
    seen = [listing.next_cursor for _ in listing.rows()]

    assert seen == [None] * 5 + ["cursor-1"] + ["cursor-2"] * 2 + ["cursor-3"] * 6 + [None]


def test_resuming_in_another_client_gives_exactly_the_rest(junction, connect, server):
    listing = junction.historical_pulls()
    first = [next(listing).user_id, next(listing).user_id]
    rest = connect(server).historical_pulls(cursor=listing.next_cursor)

    assert first + _ids(rest) == _numbers(1, 2, 3, 4, 5)


def test_users_rows_and_pages_move_one_listing_on(junction):
    listing = junction.historical_pulls()
    next(listing)
    next(listing)

    assert [len(each.data) for each in listing.pages()] == [0, 1, 2]
    assert listing.done


def test_change_of_view_within_a_page_begins_with_that_page(junction):
    listing = junction.historical_pulls()
    next(listing)

    assert [len(each.data) for each in listing.pages()] == [2, 0, 1, 2]


def test_change_of_view_within_a_page_asks_for_nothing_again(junction, server):
    listing = junction.historical_pulls()
    next(listing)
    list(listing.pages())

    assert server.asked == [None, "cursor-1", "cursor-2", "cursor-3"]


def test_change_of_view_within_a_page_hands_over_no_invalid_record_again(connect, spoilt):
    invalid = []
    listing = connect(spoilt).historical_pulls(on_invalid=invalid.append)
    next(listing)
    list(listing.rows())

    assert len(invalid) == 1


def test_view_tells_where_the_listing_stands(junction):
    listing = junction.historical_pulls()
    pages = listing.pages()
    next(pages)

    assert pages.next_cursor == listing.next_cursor == "cursor-1"
    assert not pages.done


@pytest.mark.parametrize("failing", [0, 1, 2, 3])
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        pytest.param(httpx.ReadError("reset"), APIConnectionError, id="reset"),
        pytest.param((429, b""), RateLimitError, id="429"),
        pytest.param((200, b"<html>"), ResponseDecodeError, id="HTML"),
        pytest.param((200, b"null"), ResponseDecodeError, id="null"),
    ],
)
def test_iterator_used_again_after_an_error_refetches_the_page_that_failed(
    junction, server, failing, fault, error
):
    pages = junction.historical_pulls().pages()
    server.instead = [None] * failing + [fault]
    got = [next(pages) for _ in range(failing)]

    with pytest.raises(error) as caught:
        next(pages)

    assert caught.value.cursor == server.cursors[failing]
    assert pages.next_cursor == server.cursors[failing]
    got.extend(pages)
    assert [len(each.data) for each in got] == [2, 0, 1, 2]
    assert server.asked[failing] == server.asked[failing + 1]


def test_cursor_of_the_error_resumes_with_the_page_that_failed(junction, connect, server):
    server.instead = [None, None, None, (503, b"")]
    listing = junction.historical_pulls()
    got = [next(listing).user_id, next(listing).user_id, next(listing).user_id]
    with pytest.raises(Exception, match="503") as caught:
        next(listing)

    got += _ids(connect(server).historical_pulls(cursor=caught.value.cursor))
    assert got == _numbers(1, 2, 3, 4, 5)


def test_foreign_cursor_is_the_servers_to_refuse(junction, server):
    server.instead = [(422, b'{"detail": []}')]

    with pytest.raises(UnprocessableEntityError) as caught:
        next(junction.historical_pulls(cursor="foreign"))

    assert caught.value.cursor == "foreign"


def test_repeated_cursor_stands_in_the_place_of_its_page_and_carries_it(connect):
    server = Server([user(1)], [user(2)], cursors=[None, "A", "A"])
    listing = connect(server).historical_pulls()

    assert next(listing).user_id == user_id(1)
    with pytest.raises(PaginationError) as caught:
        next(listing)

    assert _ids(caught.value.page.data) == _numbers(2)
    assert caught.value.cursor == listing.next_cursor == "A"


def test_cycle_of_cursors_ends_in_an_error(connect):
    server = Server([user(1)], [user(2)], [user(3)], cursors=[None, "A", "B", "A"])
    listing = connect(server).historical_pulls()

    assert _ids([next(listing), next(listing)]) == _numbers(1, 2)
    with pytest.raises(PaginationError):
        next(listing)
    assert len(server.requests) == 3


def test_page_that_does_not_say_whether_there_is_more_is_an_error_that_carries_it(connect):
    listing = connect(
        lambda _: httpx.Response(200, content=encoded({"data": [user(1)]}))
    ).historical_pulls()

    with pytest.raises(PaginationError) as caught:
        next(listing)

    assert _ids(caught.value.page.data) == _numbers(1)


def test_next_is_followed_where_next_cursor_is_missing(connect):
    documents = {None: {"data": [user(1)], "next": "A"}, "A": {"data": [user(2)], "next": None}}

    def answer(request):
        document = documents[request.url.params.get("next_cursor")]
        return httpx.Response(200, content=encoded(document))

    assert _ids(connect(answer).historical_pulls()) == _numbers(1, 2)


def test_same_user_on_two_pages_is_delivered_twice(connect):
    server = Server([user(1), user(2)], [user(2), user(3)])

    assert _ids(connect(server).historical_pulls()) == _numbers(1, 2, 2, 3)


def test_request_uses_next_cursor_and_never_the_deprecated_cursor(junction, server):
    list(junction.historical_pulls())

    assert all("cursor" not in request.url.params for request in server.requests)


def test_filters_go_with_every_page(junction, server):
    list(junction.historical_pulls(provider="oura", user_limit=2))

    for request in server.requests:
        assert request.url.params["provider"] == "oura"
        assert request.url.params["user_limit"] == "2"
    assert len(server.requests) == 4


def test_lab_may_be_asked_for(junction, server):
    list(junction.historical_pulls(provider="quest"))

    assert server.requests[0].url.params["provider"] == "quest"


def test_provider_that_the_specification_does_not_list_may_be_asked_for(junction, server):
    list(junction.historical_pulls(provider="neo_ring"))

    assert server.requests[0].url.params["provider"] == "neo_ring"


@pytest.fixture
def spoilt():
    return Server([user(1), {"user_id": "x"}, user(2)], [user(3)])


def test_invalid_record_without_a_handler_is_an_error_that_carries_the_good_ones(connect, spoilt):
    listing = connect(spoilt).historical_pulls()

    with pytest.raises(ResponseDecodeError) as caught:
        next(listing)

    error = caught.value
    assert _ids(error.page.data) == _numbers(1, 2)
    assert [record.index for record in error.page.invalid] == [1]
    assert error.path == "$.data[1].user_id"
    assert (error.cursor, error.next_cursor) == (None, "cursor-1")
    assert len(spoilt.requests) == 1


def test_caller_can_go_on_after_an_invalid_record(connect, spoilt):
    junction = connect(spoilt)
    with pytest.raises(ResponseDecodeError) as caught:
        next(junction.historical_pulls())
    page_after = junction.historical_pulls(cursor=caught.value.next_cursor)

    assert _ids([*caught.value.page.data, *page_after]) == _numbers(1, 2, 3)


@pytest.mark.parametrize("view", ["users", "pages", "rows"])
def test_handler_receives_each_invalid_record_once_and_the_listing_goes_on(connect, spoilt, view):
    invalid = []
    listing = connect(spoilt).historical_pulls(on_invalid=invalid.append)
    items = list(listing if view == "users" else getattr(listing, view)())

    assert [record.path for record in invalid] == ["$.data[1].user_id"]
    assert len(items) == {"users": 3, "pages": 2, "rows": 9}[view]


def test_pages_carry_their_invalid_records(connect, spoilt):
    first = next(connect(spoilt).historical_pulls(on_invalid=lambda _: None).pages())

    assert [record.index for record in first.invalid] == [1]


def test_malformed_pull_costs_its_users_record_only(connect):
    server = Server([user(1, sleep=statistics(days_with_data="7"), hrv=statistics()), user(2)])
    invalid = []

    assert _ids(connect(server).historical_pulls(on_invalid=invalid.append)) == _numbers(2)
    assert [record.path for record in invalid] == [
        "$.data[0].provider[...].pulled[...].days_with_data"
    ]


def test_strict_enums_refuse_a_page_with_an_unrecognized_value(connect):
    server = Server([user(1, sleep=statistics(status="paused")), user(2)])

    with pytest.raises(UnrecognizedValueError, match=r"unrecognized \w+ 'paused'") as caught:
        next(connect(server, strict_enums=True).historical_pulls(cursor=None))

    assert (caught.value.enum, caught.value.value) == ("HistoricalPullStatus", "paused")
    assert _ids(caught.value.page.data) == _numbers(1, 2)
    assert len(server.requests) == 1


def test_unrecognized_values_are_delivered_as_sent(connect):
    server = Server([user(1, sleep=statistics(status="paused", error_details="solar_flare"))])
    row = next(connect(server).historical_pulls().rows())

    assert (row.status, row.error_details) == ("paused", "solar_flare")
    assert row.error_kind == "unrecognized"
    assert not row.settled


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"user_id": "not-a-uuid"}, ValueError),
        ({"user_id": 7}, TypeError),
        ({"user_limit": 0}, ValueError),
        ({"user_limit": -1}, ValueError),
        ({"user_limit": True}, TypeError),
        ({"user_limit": "50"}, TypeError),
        ({"user_limit": 2.5}, TypeError),
        ({"cursor": ""}, ValueError),
        ({"cursor": "a\0b"}, ValueError),
        ({"cursor": "\ud800"}, ValueError),
        ({"cursor": 5}, TypeError),
        ({"provider": ""}, ValueError),
        ({"provider": 5}, TypeError),
        ({"prefetch": 2}, ValueError),
        ({"prefetch": -1}, ValueError),
        ({"prefetch": True}, TypeError),
        ({"prefetch": 1.0}, TypeError),
        ({"prefetch": None}, TypeError),
    ],
)
def test_wrong_argument_is_refused_before_any_request(junction, server, arguments, error):
    with pytest.raises(error):
        junction.historical_pulls(**arguments)

    assert server.requests == []


def _shown(listing):
    """Return what a prompt and a notebook show of a listing of either kind."""
    view = getattr(listing, "_view", listing)
    return repr(view).replace("<Async", "<"), view._repr_html_()


def test_listing_shows_itself_without_fetching(junction, server):
    listing = junction.historical_pulls(provider="oura", user_id=None)
    line, html = _shown(listing)
    assert line == "<HistoricalPulls provider='oura', 0 pages>"
    assert "No row has been fetched yet" in html
    assert not server.requests

    next(listing)
    line, html = _shown(listing)
    assert line == "<HistoricalPulls provider='oura', 0 pages>"
    assert str(user_id(1)) in html
    next(listing)
    assert _shown(listing)[0] == "<HistoricalPulls provider='oura', 1 page, next_cursor=…set>"

    list(listing)
    line, html = _shown(listing)
    assert line == "<HistoricalPulls provider='oura', 4 pages, done>"
    # The first rows, although their page was taken long ago.
    assert html.count("<tr>") == 11
    assert str(user_id(1)) in html
    assert _shown(listing.rows())[0] == line


def test_listing_that_has_ended_stays_empty_in_every_view(junction, server):
    listing = junction.historical_pulls()
    assert len(list(listing)) == 5
    asked = len(server.requests)

    for view in (listing, listing.rows(), listing.pages(), iter(listing)):
        assert list(view) == []
    assert listing.done
    assert listing.next_cursor is None
    assert len(server.requests) == asked


def test_listing_is_neither_pickled_nor_copied(junction):
    listing = junction.historical_pulls()

    for view in (listing, listing.rows()):
        view = getattr(view, "_view", view)  # noqa: PLW2901 - the drivers' wrapper is not meant
        with pytest.raises(TypeError, match="list again, from its next_cursor"):
            pickle.dumps(view)
