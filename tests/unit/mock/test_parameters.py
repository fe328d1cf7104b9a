"""The mock reads a query as strictly, and as widely, as the specification describes it."""

from __future__ import annotations

import contextlib
from uuid import UUID

import pytest
from fastapi.exceptions import RequestValidationError
from hypothesis import given
from hypothesis import strategies as st

from junction_introspect import LAB_VALUES, PROVIDER_VALUES
from junction_introspect.mock.cursors import START, Cursors, Position
from junction_introspect.mock.parameters import (
    PROVIDERS,
    PROVIDERS_AND_LABS,
    Listing,
    read_query,
    read_user_id,
)

CURSORS = Cursors(b"key")
UUID_TEXT = "0b6ab5a4-6a62-4d31-a4f8-8a1e4bd7c9d1"
NULLABLE = ("user_id", "provider", "cursor", "next_cursor")


def read(providers=PROVIDERS_AND_LABS, **query):
    return read_query(query, CURSORS, providers)


def refused(**query):
    with pytest.raises(RequestValidationError) as caught:
        read(**query)
    return [problem["loc"] for problem in caught.value.errors()]


def test_an_empty_query_asks_for_the_first_page_of_fifty():
    assert read() == Listing(user_id=None, provider=None, user_limit=50, position=START)


def test_what_the_specification_does_not_name_is_ignored():
    assert read(page="2") == read()


@pytest.mark.parametrize("name", NULLABLE)
@pytest.mark.parametrize("text", ["null", "Null", "NULL"])
def test_null_counts_as_left_out(name, text):
    assert read(**{name: text}) == read()


@pytest.mark.parametrize("text", [UUID_TEXT, UUID_TEXT.upper()])
def test_a_uuid_is_read_in_either_case(text):
    assert read(user_id=text).user_id == UUID(UUID_TEXT)


@pytest.mark.parametrize(
    "text",
    [
        "",
        UUID_TEXT.replace("-", ""),
        f"urn:uuid:{UUID_TEXT}",
        f"{{{UUID_TEXT}}}",
        f" {UUID_TEXT}",
        f"{UUID_TEXT}\n",
        UUID_TEXT.replace("0", "\u0660"),
    ],
)
def test_a_uuid_in_another_spelling_is_refused(text):
    assert refused(user_id=text) == [["query", "user_id"]]


@pytest.mark.parametrize("name", sorted(PROVIDER_VALUES | LAB_VALUES))
def test_every_provider_and_lab_is_a_filter(name):
    assert read(provider=name).provider == name


@pytest.mark.parametrize("text", ["", "Fitbit", "fitbit ", "nokia", "\x00"])
def test_an_unknown_provider_is_refused(text):
    assert refused(provider=text) == [["query", "provider"]]


@given(st.integers(-(10**400), 10**400))
def test_any_integer_is_a_user_limit_and_is_clamped(number):
    assert read(user_limit=str(number)).user_limit == min(max(number, 1), 500)


@pytest.mark.parametrize(
    ("text", "limit"), [("7.0", 7), ("+7", 7), ("007", 7), ("0", 1), ("9" * 9_999, 500), ("-0", 1)]
)
def test_an_integer_may_be_spelled_oddly(text, limit):
    assert read(user_limit=text).user_limit == limit


@pytest.mark.parametrize(
    "text", ["", "null", "x", "1.5", "1_0", " 1", "1\n", "--1", "\u0661", "NaN"]
)
def test_what_is_no_integer_is_no_user_limit(text):
    assert refused(user_limit=text) == [["query", "user_limit"]]


@pytest.mark.parametrize("name", ["cursor", "next_cursor"])
def test_a_cursor_is_read_from_either_parameter(name):
    position = Position(3, 1)
    assert read(**{name: CURSORS.issue(position)}).position == position


def test_next_cursor_counts_when_both_are_there():
    old, new = CURSORS.issue(Position(3, 0)), CURSORS.issue(Position(5, 0))
    assert read(cursor=old, next_cursor=new).position == Position(5, 0)
    assert read(cursor=old, next_cursor="null").position == Position(3, 0)


def test_both_cursors_are_checked_when_both_are_there():
    issued = CURSORS.issue(Position(3, 0))
    assert refused(cursor="foreign", next_cursor=issued) == [["query", "cursor"]]
    assert refused(cursor=issued, next_cursor="foreign") == [["query", "next_cursor"]]


def test_every_fault_is_named_at_once():
    names = ["user_id", "provider", "user_limit", "cursor", "next_cursor"]
    assert refused(**dict.fromkeys(names, "?")) == [["query", name] for name in names]


@given(st.dictionaries(st.sampled_from([*NULLABLE, "user_limit"]), st.text()))
def test_no_text_is_beyond_an_answer(query):
    with contextlib.suppress(RequestValidationError):
        assert isinstance(read(**query), Listing)


def test_a_lab_is_no_filter_where_providers_alone_are_listed():
    assert read(PROVIDERS, provider="oura").provider == "oura"
    assert refused(providers=PROVIDERS, provider="quest") == [["query", "provider"]]


def test_an_id_in_a_path_is_a_uuid():
    assert read_user_id(UUID_TEXT) == UUID(UUID_TEXT)
    for text in ("", "x", UUID_TEXT.replace("-", ""), f"{{{UUID_TEXT}}}"):
        with pytest.raises(RequestValidationError) as caught:
            read_user_id(text)
        assert [problem["loc"] for problem in caught.value.errors()] == [["path", "user_id"]]
