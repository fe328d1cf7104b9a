"""Errors: their tree, their text, and their way through a pickle."""

import copy
import pickle
import re
from uuid import UUID

import pytest

import junction_introspect
from junction_introspect import errors
from junction_introspect._http.statuses import status_error
from junction_introspect.operations.historical_pulls import rows
from tests.support.payloads import encoded, page, user, user_id
from tests.support.pulls import decode_page

pytestmark = pytest.mark.any_specification

CURSOR = "cursor-0123456789"
PRIVATE = "somebody@example.com"

# A good record, one without an id, and the cursor after them.
PAGE = decode_page(
    encoded(page(user(1), {"user_id": PRIVATE, "provider": {}}, next_cursor=CURSOR + "-next")),
)


def status(code):
    error = status_error(code, encoded({"detail": [{"loc": ["query"], "input": PRIVATE}]}), 2.5)
    error.cursor = CURSOR
    return error


EXAMPLES = [
    errors.JunctionError("something"),
    errors.ConfigurationError("something"),
    errors.BackfillTimeoutError(60, rows=list(rows(PAGE.data[0])), missing=["hrv"]),
    errors.APIError("something", cursor=CURSOR),
    errors.APIConnectionError("something", cursor=CURSOR, retriable=False),
    errors.APITimeoutError("something", cursor=CURSOR),
    *(status(code) for code in (400, 401, 403, 404, 422, 429, 503)),
    errors.ResponseDecodeError(
        "something", path="$.data", page=PAGE, well_formed=False, cursor=CURSOR
    ),
    errors.ResponseDecodeError("something"),
    errors.ResponseTooLargeError(1024, cursor=CURSOR),
    errors.PaginationError("something", page=PAGE, cursor=CURSOR),
    errors.UnrecognizedValueError("status", "paused", page=PAGE, cursor=CURSOR),
]

each_error = pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)


def test_every_public_error_is_in_the_examples():
    public = {name for name in junction_introspect.__all__ if name.endswith("Error")}

    assert {type(error).__name__ for error in EXAMPLES} == public


def test_tree_in_the_docstring_is_that_of_the_classes():
    drawn, branch = {}, []
    for stem, name in re.findall(r"^    ([│├└─ ]*)(\w+Error)\b", errors.__doc__, re.MULTILINE):
        depth = len(stem) // 4
        branch[depth:] = [name]
        drawn[name] = branch[depth - 1] if depth else "Exception"

    assert drawn == {
        name: kind.__bases__[0].__name__
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, Exception)
    }


@pytest.mark.parametrize(
    "error",
    [
        errors.APIError("x", cursor=CURSOR),
        errors.APIConnectionError("x", cursor=CURSOR),
        errors.APITimeoutError("x", cursor=CURSOR),
        errors.APIStatusError(400, cursor=CURSOR),
        errors.ResponseDecodeError("x", cursor=CURSOR),
        errors.ResponseTooLargeError(1, cursor=CURSOR),
        errors.PaginationError("x", page=PAGE, cursor=CURSOR),
        errors.UnrecognizedValueError("status", "x", page=PAGE, cursor=CURSOR),
    ],
    ids=lambda error: type(error).__name__,
)
def test_error_of_a_page_carries_the_cursor_to_ask_again_with(error):
    assert error.cursor == CURSOR


def test_error_is_of_the_first_page_and_of_the_everyday_kind_unless_told():
    assert errors.APIError("x").cursor is None
    assert errors.APIConnectionError("x").retriable
    assert errors.APITimeoutError("x").retriable
    assert errors.ResponseDecodeError("x").well_formed
    assert errors.ResponseDecodeError("x").path == "$"
    assert errors.APIStatusError(400).detail is None
    assert errors.APIStatusError(400).retry_after is None


@each_error
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_error_survives_a_pickle_with_everything_it_carries(error, protocol):
    again = pickle.loads(pickle.dumps(error, protocol))  # noqa: S301 - our own

    assert type(again) is type(error)
    assert again.args == error.args
    assert str(again) == str(error)
    assert vars(again) == vars(error)


@each_error
@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_error_can_be_copied(error, duplicate):
    again = duplicate(error)

    assert (type(again), again.args, vars(again)) == (type(error), error.args, vars(error))


@each_error
def test_note_survives_a_pickle(error):
    noted = copy.copy(error)
    noted.add_note("while exporting")

    assert pickle.loads(pickle.dumps(noted)).__notes__ == ["while exporting"]  # noqa: S301 - our own


@each_error
def test_text_is_one_line(error):
    assert str(error)
    assert len(str(error).splitlines()) == 1
    assert len(repr(error).splitlines()) == 1


@each_error
def test_text_holds_no_cursor_no_id_and_nothing_of_a_body(error):
    for text in (str(error), repr(error)):
        assert CURSOR not in text
        assert PRIVATE not in text
        assert str(user_id(1)) not in text
        assert "oura" not in text


def test_page_that_an_error_carries_shows_no_data():
    (invalid,) = PAGE.invalid

    assert repr(PAGE) == "<Page of 1 records, 1 invalid>"
    assert PRIVATE in invalid.raw.decode()
    assert PRIVATE not in repr(invalid)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (401, "401 Unauthorized"),
        (503, "503 Service Unavailable"),
        (418, "418 I'm a Teapot"),
        (599, "599"),
        (999, "999"),
    ],
)
def test_status_is_told_with_its_phrase_where_it_has_one(code, text):
    assert str(status_error(code, b"", None)) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0, "0 s"), (0.25, "0.25 s"), (120.0, "120 s"), (1e9, "1e+09 s")]
)
def test_wait_that_was_asked_for_is_told(seconds, text):
    assert str(status_error(429, b"", seconds)) == f"429 Too Many Requests (retry after {text})"


def test_next_cursor_is_that_of_the_page():
    assert errors.ResponseDecodeError("x", page=PAGE).next_cursor == PAGE.next_cursor
    assert errors.ResponseDecodeError("x").next_cursor is None


def test_unrecognized_value_is_told_on_one_line_and_at_a_bearable_length():
    error = errors.UnrecognizedValueError("status", "a\n" * 1000, page=PAGE)

    assert len(str(error)) < 400
    assert "\n" not in str(error)
    assert error.value == "a\n" * 1000


def test_limit_is_told_so_that_it_can_be_read():
    assert str(errors.ResponseTooLargeError(64 * 1024 * 1024)) == (
        "the response is larger than 67,108,864 bytes"
    )


def test_ids_in_a_page_are_whole_after_a_pickle():
    error = pickle.loads(pickle.dumps(errors.PaginationError("x", page=PAGE)))  # noqa: S301 - our own

    assert isinstance(error.page.data[0].user_id, UUID)
    assert error.page == PAGE


def test_what_an_error_carries_is_given_by_name_alone():
    for kind in (errors.APIError, errors.APIConnectionError, errors.ResponseDecodeError):
        with pytest.raises(TypeError):
            kind("message", "cursor")
    with pytest.raises(TypeError):
        errors.APIStatusError(404, "summary")
    with pytest.raises(TypeError):
        errors.ResponseTooLargeError(1, "cursor")
