"""How a listing shows itself, which fetches nothing and shows no cursor and no id of a user."""

from __future__ import annotations

import pytest

from junction_introspect._paging.showing import described, table
from junction_introspect._paging.walk import Walk
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS
from junction_introspect.operations.resources import RESOURCES
from junction_introspect.pages import Page
from tests.support.payloads import encoded, page, statistics, user, user_id
from tests.support.pulls import decode_page

NOBODY = {"user_id": None, "provider": None, "user_limit": 50}


def _items(page):
    return page.data


def walked(*cursors):
    """Return a walk that has taken the pages before these cursors; None ends it."""
    walk = Walk()
    for cursor in cursors:
        walk.accept(Page(["x"], cursor), _items)
        walk.take(_items)
    return walk


@pytest.mark.parametrize(
    ("cursors", "arguments", "expected"),
    [
        ([], {}, "HistoricalPulls 0 pages"),
        (["c1"], {}, "HistoricalPulls 1 page, next_cursor=…set"),
        (
            ["c1", "c2", "c3"],
            {"provider": "oura"},
            "HistoricalPulls provider='oura', 3 pages, next_cursor=…set",
        ),
        (["c1", None], {"user_id": user_id(1)}, "HistoricalPulls user_id=…set, 2 pages, done"),
        ([None], {"provider": "a\nb"}, r"HistoricalPulls provider='a\nb', 1 page, done"),
    ],
)
def test_line_says_what_is_listed_and_how_far(cursors, arguments, expected):
    walk = walked(*cursors)
    assert described(HISTORICAL_PULLS, {**NOBODY, **arguments}, walk) == expected


def test_line_names_the_operation():
    assert described(RESOURCES, NOBODY, Walk(), "Async") == "AsyncResources 0 pages"


def test_line_of_a_resumed_listing_says_that_there_is_a_cursor():
    assert described(RESOURCES, NOBODY, Walk("c9")) == "Resources 0 pages, next_cursor=…set"


def test_table_has_a_row_per_pull_ten_at_most_and_escapes_what_the_server_sent():
    odd = statistics(status="<b>&\x1b[31m")
    records = decode_page(encoded(page(*(user(number, sleep=odd) for number in range(9))))).data
    html = table(HISTORICAL_PULLS, records, "Pulls <1>")

    # Each user has a pull and a resource that was not pulled.
    assert html.count("<tr>") == 1 + 10
    assert "&lt;Pulls &lt;1&gt;&gt; The first 10 rows" in html
    assert "<th>user_id</th><th>provider</th>" in html
    assert "settled" not in html
    assert "<b>" not in html
    assert "&lt;b&gt;&amp;\\u001b[31m" in html
    assert "<td></td>" in html
    assert "None" not in html


def test_table_of_nothing_says_so():
    assert table(HISTORICAL_PULLS, [], "x") == (
        "<p>&lt;x&gt; No row has been fetched yet; displaying a listing fetches none.</p>"
    )
