"""Headers of the caller on requests, and the server's on pages and errors, in both clients."""

from __future__ import annotations

import pickle

import httpx
import pytest

from junction_introspect import (
    APIConnectionError,
    APIError,
    APIStatusError,
    AsyncJunction,
    ConfigurationError,
    Junction,
    PaginationError,
    ResponseDecodeError,
    ResponseTooLargeError,
    UnrecognizedValueError,
)
from tests.faults.expectations import frames_of
from tests.support.payloads import encoded, page, statistics, user

pytestmark = [pytest.mark.any_specification, pytest.mark.usefixtures("_no_waits")]

SECRET = "5ecr3t-0f-a-gateway"
SAID = {
    "X-Request-Id": "req-1",
    "Date": "Sun, 06 Nov 1994 08:49:37 GMT",
    "Set-Cookie": "session=1",
    "Server": "nginx",
}
KEPT = {"x-request-id": "req-1", "date": "Sun, 06 Nov 1994 08:49:37 GMT"}


def test_headers_are_sent_with_every_attempt_beside_our_own(scripted):
    junction, server = scripted(503, encoded(page()), default_headers={"X-Gateway": SECRET})
    list(junction.historical_pulls())

    assert len(server.requests) == 2
    for request in server.requests:
        assert request.headers["x-gateway"] == SECRET
        assert request.headers["x-vital-api-key"]
        assert request.headers["user-agent"].startswith("junction-introspect/")


def test_headers_are_sent_with_the_request_after_a_fresh_token(scripted):
    junction, server = scripted(
        401,
        encoded(page()),
        api_key=None,
        access_token=lambda: "token",
        environment="Sandbox",
        default_headers={"X-Gateway": SECRET},
    )
    list(junction.historical_pulls())
    assert [request.headers["x-gateway"] for request in server.requests] == [SECRET] * 2


@pytest.mark.parametrize("kind", [Junction, AsyncJunction])
def test_header_of_ours_is_refused_before_any_request(kind):
    with pytest.raises(ConfigurationError, match="Authorization") as caught:
        kind(api_key="sk_us_x", default_headers={"Authorization": SECRET})
    assert SECRET not in f"{caught.value!r} {frames_of(caught.value)}"


def test_values_are_not_shown(scripted):
    junction, _ = scripted(
        (500, {"x-request-id": SECRET}, b"{}"), default_headers={"X-Gateway": SECRET}, max_retries=0
    )
    with pytest.raises(APIError) as caught:
        next(junction.historical_pulls())
    client = getattr(junction, "_client", junction)
    shown = (
        *(client, vars(client), client._http, vars(client._http), vars(client._http._auth)),
        *(caught.value, vars(caught.value), str(caught.value), frames_of(caught.value)),
    )
    assert SECRET not in repr(shown)


def test_page_has_what_the_server_said_and_no_cookie(scripted):
    junction, _ = scripted((200, SAID, encoded(page(user()))))
    got = next(junction.historical_pulls().pages())

    assert got.headers == KEPT
    assert got.request_id == "req-1"


def test_page_without_an_id_has_none(scripted):
    junction, _ = scripted(encoded(page(user())))
    got = next(junction.historical_pulls().pages())
    assert (got.headers, got.request_id) == ({}, None)


UNLISTED = encoded(page(user(sleep=statistics(status="paused"))))


@pytest.mark.parametrize(
    ("answer", "options", "kind"),
    [
        ((401, SAID, b"{}"), {}, APIStatusError),
        ((429, SAID, b"{}"), {}, APIStatusError),
        ((503, SAID, b"x"), {}, APIStatusError),
        ((200, SAID, b"<html>"), {}, ResponseDecodeError),
        ((200, SAID, b"null"), {}, ResponseDecodeError),
        ((200, SAID, encoded(page({"user_id": 7}))), {}, ResponseDecodeError),
        ((200, SAID, encoded({"data": []})), {}, PaginationError),
        ((200, SAID, UNLISTED), {"strict_enums": True}, UnrecognizedValueError),
        ((200, SAID, UNLISTED), {"max_response_bytes": 9}, ResponseTooLargeError),
        ((200, SAID, b"{", httpx.ReadError("reset")), {}, APIConnectionError),
    ],
)
def test_every_error_after_a_response_has_what_the_server_said(scripted, answer, options, kind):
    junction, _ = scripted(answer, max_retries=1, **options)
    with pytest.raises(kind) as caught:
        next(junction.historical_pulls())

    assert caught.value.headers == KEPT
    assert caught.value.request_id == "req-1"
    assert str(caught.value).endswith("(request id req-1)")
    copied = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - pickled here
    assert (str(copied), copied.headers) == (str(caught.value), KEPT)


def test_error_without_a_response_has_nothing_of_an_earlier_one(scripted):
    junction, _ = scripted((503, SAID, b"{}"), httpx.ConnectError("refused"), max_retries=1)
    with pytest.raises(APIConnectionError) as caught:
        next(junction.historical_pulls())

    assert (caught.value.headers, caught.value.request_id) == ({}, None)
    assert "request id" not in str(caught.value)


def test_wait_that_was_asked_for_is_kept(scripted):
    junction, _ = scripted((429, {"Retry-After": "500"}, b"{}"))
    with pytest.raises(APIStatusError) as caught:
        next(junction.historical_pulls())
    assert caught.value.headers == {"retry-after": "500"}
