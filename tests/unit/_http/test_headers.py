"""Which headers may be added to requests, and which of a response are kept."""

from __future__ import annotations

import httpx
import pytest

from junction_introspect import ConfigurationError
from junction_introspect._http.credentials import Secret
from junction_introspect._http.headers import checked_headers, kept
from junction_introspect.pages import KEPT_HEADERS, REQUEST_ID_HEADERS, request_id_in
from tests.faults.expectations import frames_of

pytestmark = pytest.mark.any_specification

VALUE = "5ecr3t-0f-a-gateway"


def test_headers_of_the_caller_are_returned_hidden():
    checked = checked_headers(Secret({"X-Gateway": VALUE, "traceparent": "00-1-2 3"}))

    assert checked.reveal() == {"X-Gateway": VALUE, "traceparent": "00-1-2 3"}
    assert VALUE not in repr(checked)
    assert checked_headers(None).reveal() == {}


def test_headers_are_a_copy():
    given = {"X-Gateway": VALUE}
    checked = checked_headers(Secret(given))
    given.clear()
    assert checked.reveal() == {"X-Gateway": VALUE}


@pytest.mark.parametrize(
    "name",
    [
        "Authorization", "x-vital-api-key", "X-Vital-API-Key", "Host", "Cookie", "Accept", "TE",
        "Accept-Encoding", "User-Agent", "Content-Length", "Transfer-Encoding", "Connection",
        "Proxy-Authorization", "Expect", "Range", "Upgrade",
    ],
)  # fmt: skip
def test_header_that_the_client_sets_is_refused_by_name(name):
    with pytest.raises(ConfigurationError) as caught:
        checked_headers(Secret({"X-Other": "1", name: VALUE}))
    assert str(caught.value) == (
        f"default_headers: {name} is set by the client and cannot be replaced"
    )


@pytest.mark.parametrize(
    ("headers", "error", "reason"),
    [
        ({"X-A": VALUE, "x-a": VALUE}, ConfigurationError, "x-a is given twice"),
        ({"X-A": f"{VALUE}\r\nHost: evil"}, ConfigurationError, "the value of X-A is empty, or"),
        ({"X-A": f"{VALUE}\0"}, ConfigurationError, "the value of X-A is empty, or"),
        ({"X-A": f" {VALUE}"}, ConfigurationError, "the value of X-A is empty, or"),
        ({"X-A": f"{VALUE}é"}, ConfigurationError, "the value of X-A is empty, or"),
        ({"X-A": ""}, ConfigurationError, "the value of X-A is empty, or"),
        ({f"{VALUE}\n": "x"}, ConfigurationError, "a name is not valid in HTTP"),
        ({"": "x"}, ConfigurationError, "a name is not valid in HTTP"),
        ({7: "x"}, ConfigurationError, "a name is not valid in HTTP"),
        ({"X-A": VALUE.encode()}, TypeError, "the value of X-A must be a string"),
        ({"X-A": None}, TypeError, "the value of X-A must be a string"),
        ([("X-A", VALUE)], TypeError, "must be a mapping"),
        (VALUE, TypeError, "must be a mapping"),
    ],
    ids=str,
)
def test_header_that_is_not_valid_is_refused_and_its_value_not_shown(headers, error, reason):
    with pytest.raises(error, match=reason) as caught:
        checked_headers(Secret(headers))
    assert VALUE not in f"{caught.value} {frames_of(caught.value)}"


def response(said, *, path="", **request):
    sent = {"headers": {"x-vital-api-key": VALUE}, **request}
    made = httpx.Request("GET", f"https://api.example/{path}", **sent)
    return httpx.Response(200, headers=said, request=made)


def test_only_the_listed_headers_are_kept():
    headers = dict.fromkeys(KEPT_HEADERS, "1")
    others = {"set-cookie": "a=b", "server": "nginx", "location": "/", "content-type": "x"}
    assert kept(response({**headers, **others})) == headers
    assert kept(response(others)) == {}


@pytest.mark.parametrize("name", REQUEST_ID_HEADERS)
def test_request_id_is_found_under_each_spelling(name):
    assert request_id_in(kept(response({name.title(): "abc-1"}))) == "abc-1"


def test_first_spelling_counts_and_there_may_be_none():
    assert request_id_in({"cf-ray": "2", "x-request-id": "1"}) == "1"
    assert request_id_in({"date": "today"}) is None


@pytest.mark.parametrize(
    ("value", "request_"),
    [
        (f"id-{VALUE}", {}),
        (VALUE, {"headers": {"authorization": f"Bearer {VALUE}"}}),
        (VALUE, {"headers": {"x-gateway": VALUE}}),
        ("the-cursor-of-a-page", {"params": {"next_cursor": "the-cursor-of-a-page"}}),
        ("x-0d5f6e5e-93d0-4b8f-9d2a-1", {"params": {"user_id": "0d5f6e5e-93d0-4b8f-9d2a-1"}}),
        ("x-0d5f6e5e-93d0-4b8f-9d2a-1", {"path": "v2/user/providers/0d5f6e5e-93d0-4b8f-9d2a-1"}),
        ("a" * 201, {}),
        ("caf\xe9".encode(), {}),
        ("\x1b[31mred", {}),
    ],
)
def test_value_that_could_do_harm_in_a_log_is_left_out(value, request_):
    assert kept(response({"x-request-id": value, "date": "today"}, **request_)) == {"date": "today"}


def test_id_with_the_name_of_a_service_is_kept():
    answer = response({"x-request-id": "introspect-7f3a"}, path="v2/introspect/resources")
    assert kept(answer) == {"x-request-id": "introspect-7f3a"}


def test_id_that_the_caller_chose_is_kept_when_the_server_repeats_it():
    sent = {"headers": {"x-request-id": "chosen-by-the-caller", "host": "chosen-by"}}
    answer = response({"x-request-id": "chosen-by-the-caller"}, **sent)
    assert kept(answer) == {"x-request-id": "chosen-by-the-caller"}
