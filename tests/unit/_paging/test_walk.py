"""The cursor protocol, without a client."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from junction_introspect._paging.walk import Place, Walk
from junction_introspect.errors import PaginationError
from junction_introspect.pages import Page


def _page(items, next_cursor, *, cursor_missing=False):
    return Page(items, next_cursor, cursor_missing=cursor_missing)


def _items(page):
    return page.data


def _whole(page):
    return (page,)


def _nothing(_):
    return ()


def test_walk_begins_at_the_first_page():
    walk = Walk()

    assert walk.cursor is None
    assert not walk.done
    assert walk.pages == 0


def test_null_cursor_ends_the_walk_when_the_last_item_has_been_taken():
    walk = Walk()
    walk.accept(_page("ab", None), _items)

    assert walk.take(_items) == "a"
    assert not walk.done

    assert walk.take(_items) == "b"
    assert walk.done
    assert walk.cursor is None


def test_cursor_moves_on_with_the_last_item_and_not_before():
    walk = Walk("here")
    walk.accept(_page("ab", "there"), _items)

    assert walk.cursor == "here"
    walk.take(_items)
    assert walk.cursor == "here"
    walk.take(_items)
    assert walk.cursor == "there"
    assert walk.pages == 1


def test_empty_page_does_not_end_the_walk():
    walk = Walk()
    walk.accept(_page("", "more"), _items)

    assert not walk.done
    assert walk.cursor == "more"
    assert walk.take(_items) is None


def test_empty_last_page_ends_the_walk():
    walk = Walk()
    walk.accept(_page("", None), _items)

    assert walk.done


def test_empty_page_is_a_page_to_whoever_asks_for_pages():
    walk = Walk()
    empty = _page("", "more")
    walk.accept(empty, _whole)

    assert walk.take(_whole) is empty


@pytest.mark.parametrize(
    ("cursors", "repeats_at"),
    [
        pytest.param(["A", "A"], 1, id="at once"),
        pytest.param(["A", "B", "A"], 2, id="in a cycle"),
        pytest.param(["None", "None"], 1, id="the string None"),
        pytest.param(["A", "B", "C", "D", "B"], 4, id="in a late cycle"),
    ],
)
def test_repeated_cursor_is_an_error_on_the_first_repeat(cursors, repeats_at):
    walk = Walk()
    for cursor in cursors[:repeats_at]:
        walk.accept(_page("x", cursor), _items)
        walk.take(_items)
    page = _page("y", cursors[repeats_at])

    with pytest.raises(PaginationError) as caught:
        walk.accept(page, _items)

    assert caught.value.page is page
    assert caught.value.cursor == cursors[repeats_at - 1]


def test_cursor_that_the_walk_began_with_counts_as_asked_for():
    walk = Walk("A")

    with pytest.raises(PaginationError):
        walk.accept(_page("x", "A"), _items)


def test_empty_string_is_no_cursor():
    walk = Walk()

    with pytest.raises(PaginationError, match="empty"):
        walk.accept(_page("x", ""), _items)


def test_page_that_does_not_say_whether_there_is_more_is_an_error():
    walk = Walk()

    with pytest.raises(PaginationError, match="no next_cursor"):
        walk.accept(_page("x", None, cursor_missing=True), _items)

    assert not walk.done


def test_refused_page_leaves_the_walk_where_it_was():
    walk = Walk("A")
    walk.accept(_page("x", "B"), _items)
    walk.take(_items)

    with pytest.raises(PaginationError):
        walk.accept(_page("y", "A"), _items)

    assert walk.cursor == "B"
    assert walk.pages == 1
    walk.accept(_page("y", "C"), _items)
    assert walk.take(_items) == "y"


def test_page_that_cannot_be_unpacked_leaves_the_walk_where_it_was():
    walk = Walk("A")

    with pytest.raises(ZeroDivisionError):
        walk.accept(_page("x", "B"), lambda _: [1 / 0])

    assert walk.cursor == "A"
    assert walk.take(_items) is None


def test_change_to_pages_within_a_page_gives_that_page_whole():
    walk = Walk("A")
    page = _page("xyz", "B")
    walk.accept(page, _items)
    walk.take(_items)

    assert walk.take(_whole) is page
    assert walk.cursor == "B"
    assert walk.pages == 1


def test_change_to_a_view_that_has_nothing_of_the_page_goes_on_to_the_next():
    walk = Walk("A")
    walk.accept(_page("xyz", "B"), _items)
    walk.take(_items)

    assert walk.take(_nothing) is None
    assert walk.place == Place("B", 1)


def test_change_to_a_view_that_cannot_be_unpacked_leaves_the_walk_where_it_was():
    walk = Walk("A")
    walk.accept(_page("xy", "B"), _items)
    walk.take(_items)

    with pytest.raises(ZeroDivisionError):
        walk.take(lambda _: [1 / 0])
    assert walk.take(_items) == "y"


def test_what_follows_is_known_while_a_page_is_handed_over():
    walk = Walk("A")
    assert (walk.place, walk.following) == (Place("A", 0), None)

    walk.accept(_page("xy", "B"), _items)
    walk.take(_items)
    assert (walk.place, walk.following) == (Place("A", 0), Place("B", 1))

    walk.take(_items)
    assert (walk.place, walk.following) == (Place("B", 1), None)


def test_nothing_follows_the_last_page():
    walk = Walk()
    walk.accept(_page("x", None), _items)

    assert walk.following is None


def test_nothing_follows_a_page_that_was_refused():
    walk = Walk("A")
    with pytest.raises(PaginationError):
        walk.accept(_page("x", "A"), _items)

    assert walk.following is None


def test_message_holds_no_cursor():
    walk = Walk("secret-1")

    with pytest.raises(PaginationError) as caught:
        walk.accept(_page("x", "secret-1"), _items)

    assert "secret-1" not in str(caught.value)


@given(
    sizes=st.lists(st.integers(min_value=0, max_value=4), max_size=20),
    interruptions=st.sets(st.integers(min_value=0, max_value=40)),
)
def test_resuming_anywhere_repeats_at_most_a_page_and_skips_nothing(sizes, interruptions):
    """Every item is handed over whatever the sizes of pages and wherever a walk is taken up."""
    pages = [[(number, item) for item in range(size)] for number, size in enumerate(sizes)] or [[]]
    walk = Walk()
    taken = []
    steps = 0
    while not walk.done:
        number = int(walk.cursor or 0)
        following = str(number + 1) if number + 1 < len(pages) else None
        walk.accept(_page(pages[number], following), _items)
        while (item := walk.take(_items)) is not None:
            taken.append(item)
            if steps in interruptions and not walk.done:
                steps += 1
                walk = Walk(walk.cursor)
                break
            steps += 1

    everything = [item for page in pages for item in page]
    assert sorted(set(taken)) == everything
    assert len(taken) - len(everything) <= 4 * len(interruptions)
