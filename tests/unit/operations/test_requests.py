"""The operation that lists pulls: arguments, requests, errors."""

import json
from http import HTTPStatus
from uuid import UUID

import pytest

from junction_introspect import (
    APIStatusError,
    AuthenticationError,
    InternalServerError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    UnprocessableEntityError,
)
from junction_introspect._http.statuses import status_error
from junction_introspect._paging.arguments import check_text
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS
from openapi.documents import SPEC, load_plain
from tests.support.payloads import encoded

# The phrase changed between versions of Python.
UNPROCESSABLE = f"422 {HTTPStatus(422).phrase}"
USER = UUID("0b6ab5a4-6a62-4d31-a4f8-8a1e4bd7c9d1")


def checked(**given):
    return HISTORICAL_PULLS.arguments(
        **{"user_id": None, "provider": None, "user_limit": 50, **given}
    )


def request(cursor=None, **given):
    return HISTORICAL_PULLS.request(**checked(**given), next_cursor=cursor)


def test_request_is_that_of_the_specification():
    sent = request()

    assert sent["url"] == "/v2/introspect/historical_pull"
    assert sent["method"] in load_plain(SPEC)["paths"][sent["url"]]


def test_what_was_not_asked_for_is_not_sent():
    assert request()["params"] == {"user_limit": 50}


def test_everything_asked_for_is_sent():
    sent = request("c", user_id=USER, provider="oura", user_limit=7)

    assert sent["params"] == {
        "user_id": str(USER),
        "provider": "oura",
        "user_limit": 7,
        "next_cursor": "c",
    }


@pytest.mark.parametrize("spelling", [str(USER), str(USER).upper(), USER.hex, f"{{{USER}}}"])
def test_user_id_is_sent_in_its_canonical_form_however_it_is_spelt(spelling):
    assert request(user_id=spelling)["params"]["user_id"] == str(USER)


@pytest.mark.parametrize("user_id", ["", "x", str(USER)[:-1], f"{USER}\n", f"{USER}0", "\ud800"])
def test_user_id_that_is_no_uuid_is_refused_and_not_repeated(user_id):
    with pytest.raises(ValueError, match=r"^user_id is not a UUID$") as caught:
        checked(user_id=user_id)

    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("user_id", [7, USER.bytes, USER.int, [USER], True])
def test_user_id_of_another_type_is_refused(user_id):
    with pytest.raises(TypeError, match="user_id"):
        checked(user_id=user_id)


@pytest.mark.parametrize("user_limit", [True, False, "50", 2.5, 50.0, None])
def test_user_limit_that_is_no_integer_is_refused(user_limit):
    with pytest.raises(TypeError, match="user_limit"):
        checked(user_limit=user_limit)


@pytest.mark.parametrize("user_limit", [0, -1])
def test_user_limit_below_one_is_refused(user_limit):
    with pytest.raises(ValueError, match="user_limit"):
        checked(user_limit=user_limit)


@pytest.mark.parametrize("user_limit", [1, 50, 10**6])
def test_user_limit_has_no_upper_end_here(user_limit):
    assert checked(user_limit=user_limit)["user_limit"] == user_limit


@pytest.mark.parametrize("value", ["", "\0", "a\0b", "\ud800", "a\udfffb"])
def test_text_that_no_query_can_carry_is_refused_and_not_repeated(value):
    with pytest.raises(ValueError, match=r"^cursor ") as caught:
        check_text("cursor", value)
    with pytest.raises(ValueError, match=r"^provider "):
        checked(provider=value)

    assert caught.value.__cause__ is None
    assert not value or value not in str(caught.value)


@pytest.mark.parametrize("value", [5, b"a", True, ["a"]])
def test_text_of_another_type_is_refused(value):
    with pytest.raises(TypeError, match="cursor must be a string or None"):
        check_text("cursor", value)
    with pytest.raises(TypeError, match="provider"):
        checked(provider=value)


@pytest.mark.parametrize("value", ["a", " ", "None", "é", "\U0001f600", "a b&c=d\n"])
def test_any_other_text_is_for_the_server_to_judge(value):
    check_text("cursor", value)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (304, APIStatusError),
        (400, APIStatusError),
        (401, AuthenticationError),
        (403, PermissionDeniedError),
        (404, NotFoundError),
        (405, APIStatusError),
        (408, APIStatusError),
        (409, APIStatusError),
        (422, UnprocessableEntityError),
        (429, RateLimitError),
        (499, APIStatusError),
        (500, InternalServerError),
        (501, InternalServerError),
        (503, InternalServerError),
        (599, InternalServerError),
        (999, InternalServerError),
    ],
)
def test_status_has_its_error(status, kind):
    error = status_error(status, b"", 1.5)

    assert type(error) is kind
    assert error.status_code == status
    assert error.retry_after == 1.5
    assert str(error).startswith(str(status))


PROBLEMS = [{"loc": ["query", "user_limit"], "msg": "too small", "type": "value_error"}]


@pytest.mark.parametrize(
    "detail", [PROBLEMS, [], "Not found", {"reason": ["a", 1, None]}, 5, 1.5, True, "", None]
)
def test_detail_is_given_whatever_its_shape(detail):
    assert status_error(422, encoded({"detail": detail, "more": 1}), None).detail == detail


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b'{"message": "no"}',
        b"null",
        b'"detail"',
        b'["detail"]',
        b"5",
        b"<html>",
        b'{"detail": "cut',
        b'{"detail": "\xff"}',
        b'{"detail": "\\ud800"}',
        b'{"detail": NaN}',
        b'{"detail": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b"[" * 100_000,
    ],
)
def test_no_body_is_a_failure_of_its_own(body):
    error = status_error(422, body, None)

    assert error.detail is None
    assert str(error) == UNPROCESSABLE


def summary_of(*locations):
    problems = [{"loc": location, "msg": "secret", "type": "secret"} for location in locations]
    text = str(status_error(422, encoded({"detail": problems}), None))
    return text.removeprefix(UNPROCESSABLE).removeprefix(": ")


def test_refused_parameter_is_named():
    assert summary_of(["query", "user_limit"]) == "query.user_limit"


def test_every_refused_parameter_is_named_once_in_order():
    assert summary_of(
        ["query", "user_limit"], ["query", "next_cursor"], ["query", "user_limit"]
    ) == ("query.next_cursor, query.user_limit")


def test_no_more_than_five_parameters_are_named():
    assert summary_of(*(["query", name] for name in "abcdefg")) == (
        "query.a, query.b, query.c, query.d, query.e"
    )


@pytest.mark.parametrize(
    "part",
    [
        str(USER),
        "eyJvZmZzZXQiOjUwfQ",
        "a b",
        "a\n",
        "é",
        "a" * 41,
        "",
        7,
        "a.b",
        "user@example.com",
    ],
)
def test_nothing_but_a_name_is_repeated(part):
    assert summary_of(["query", part]) == "query"
    assert summary_of([part]) == ""


@pytest.mark.parametrize(
    "detail",
    [
        "query.user_limit",
        {"loc": ["query", "user_limit"]},
        [{"msg": "no loc"}],
        [{"loc": "query"}],
        [{"loc": [None]}],
        [["query"]],
        [],
    ],
)
def test_detail_of_another_shape_names_nothing(detail):
    body = json.dumps({"detail": detail}).encode()

    assert str(status_error(422, body, None)) == UNPROCESSABLE
