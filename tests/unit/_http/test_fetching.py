"""One page, from the request to the answer: what both clients decide alike, without either."""

import gzip
import math
import socket
import ssl

import httpx
import pytest

from junction_introspect import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    Drift,
    Junction,
    RateLimitError,
    ResponseDecodeError,
    ResponseTooLargeError,
    Retries,
    UnrecognizedValueError,
)
from junction_introspect._http.fetching import Fetch, Options
from junction_introspect._paging.walk import Place
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS
from tests.support.payloads import encoded, page, statistics, user

pytestmark = pytest.mark.any_specification

ARGUMENTS = {"user_id": None, "provider": None, "user_limit": 50}
REQUEST = httpx.Request("GET", "https://api.example:8443/v2?next_cursor=cursor-1")
EMPTY = encoded(page())


def options(**changes):
    return Options(
        **{
            "timeout": 30.0,
            "deadline": 120.0,
            "retries": 4,
            "max_response_bytes": 1_000_000,
            "strict_enums": False,
            **changes,
        }
    )


@pytest.fixture
def fetched(clock):
    """Begins to fetch a page: `fetched(cursor=…, pages=…, drift=…, **options)`."""

    def begin(*, cursor=None, pages=0, drift=None, **changes):
        changes = {"clock": clock, **changes}
        drift = Drift() if drift is None else drift
        return Fetch(HISTORICAL_PULLS, ARGUMENTS, Place(cursor, pages), options(**changes), drift)

    return begin


def every(seconds):
    return dict.fromkeys(["connect", "read", "write", "pool"], seconds)


@pytest.mark.parametrize(
    ("timeout", "expected"),
    [
        (5.0, every(5.0)),
        (None, every(None)),
        (httpx.Timeout(5.0, connect=1.0), every(5.0) | {"connect": 1.0}),
    ],
)
def test_timeout_may_be_seconds_none_or_that_of_httpx(timeout, expected):
    assert options(timeout=timeout).timeout.as_dict() == expected


def test_options_change_where_something_is_given_and_stay_otherwise():
    before = options()
    after = before.changed(timeout=None, deadline=5.0, retries=0, max_response_bytes=None)

    assert after == options(deadline=5.0, retries=0)
    assert before == options()
    assert before.changed() == before


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"deadline": 0}, ValueError),
        ({"max_response_bytes": -1}, ValueError),
        ({"retries": -1}, ValueError),
        ({"retries": True}, TypeError),
    ],
)
def test_changed_options_are_checked_as_the_first_were(changes, error):
    with pytest.raises(error):
        options().changed(**changes)


def test_request_asks_for_the_page_at_the_place_as_json_or_gzip(fetched):
    request = fetched(cursor="cursor-1").request()

    assert request["params"]["next_cursor"] == "cursor-1"
    assert request["headers"] == {"Accept": "application/json", "Accept-Encoding": "gzip"}


@pytest.mark.parametrize(
    ("timeout", "passed", "expected"),
    [
        (30.0, 0.0, every(30.0)),
        (30.0, 100.0, every(20.0)),
        (None, 100.0, every(20.0)),
        (httpx.Timeout(30.0, connect=1.0, pool=None), 100.0, every(20.0) | {"connect": 1.0}),
        (httpx.Timeout(None), 0.0, every(120.0)),
    ],
)
def test_timeouts_of_an_attempt_are_cut_to_what_is_left(fetched, clock, timeout, passed, expected):
    fetch = fetched(timeout=timeout, deadline=120.0)
    clock.advance(passed)

    assert fetch.request()["timeout"].as_dict() == expected


@pytest.mark.parametrize("passed", [10.0, 11.0])
def test_no_attempt_begins_after_the_deadline(fetched, clock, passed):
    fetch = fetched(deadline=10.0)
    clock.advance(passed)

    with pytest.raises(APITimeoutError, match="deadline of 10 s") as caught:
        fetch.request()
    assert not caught.value.retriable


@pytest.mark.parametrize("deadline", [math.inf, 1e12, 3e6])
@pytest.mark.parametrize("timeout", [None, math.inf, 1e12])
def test_socket_takes_the_timeouts_of_a_deadline_of_any_length(fetched, deadline, timeout):
    limits = fetched(deadline=deadline, timeout=timeout).request()["timeout"].as_dict()

    with socket.socket() as unconnected:
        for limit in limits.values():
            unconnected.settimeout(limit)
            assert unconnected.gettimeout() == limit > 1e6


def test_deadline_is_not_reached_before_its_time(fetched, clock):
    fetch = fetched(deadline=10.0)
    clock.advance(9.5)

    fetch.check_deadline()
    assert fetch.remaining == 0.5


def test_abandoned_page_has_no_attempt_left(fetched):
    fetch = fetched(deadline=10.0)
    fetch.abandon()

    with pytest.raises(APITimeoutError):
        fetch.request()
    assert fetch.decide(APIConnectionError("x")) is False


def read(fetch, response):
    body = fetch.body(response)
    if not response.is_stream_consumed:
        for chunk in response.iter_raw():
            body.feed(chunk)
    return fetch.finish(response, body.finish())


def streamed(status, content, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(
        status,
        headers=headers,
        stream=httpx.ByteStream(content),
        request=httpx.Request("GET", "https://api.example"),
    )


def test_body_may_be_streamed_or_have_been_read_by_the_transport(fetched):
    plain, packed = EMPTY, gzip.compress(EMPTY)

    for response in (
        streamed(200, plain),
        streamed(200, packed, content_encoding="gzip"),
        httpx.Response(200, content=plain),
        httpx.Response(200, content=packed, headers={"content-encoding": "gzip"}),
    ):
        assert read(fetched(), response).data == []


def test_limit_holds_for_a_body_that_the_transport_has_read(fetched):
    with pytest.raises(ResponseTooLargeError):
        read(fetched(max_response_bytes=10), httpx.Response(200, content=EMPTY))


def test_limit_of_the_client_is_not_that_of_an_errors_body(fetched):
    with pytest.raises(APIStatusError) as caught:
        read(fetched(max_response_bytes=1), streamed(400, b'{"detail": "no"}'))

    assert caught.value.detail == "no"


def test_encoding_of_an_errors_body_is_no_failure_of_its_own(fetched):
    with pytest.raises(RateLimitError) as caught:
        read(fetched(), streamed(429, b"?", content_encoding="br"))

    assert caught.value.detail is None


def test_date_to_retry_after_is_measured_from_the_wall_clock(fetched):
    response = streamed(429, b"", retry_after="Sun, 06 Nov 1994 08:49:37 GMT")

    with pytest.raises(RateLimitError) as caught:
        read(fetched(wall_clock=lambda: 784111777.0 - 12.5), response)
    assert caught.value.retry_after == 12.5


PAUSED = encoded(page(user(1, sleep=statistics(status="paused"))))


@pytest.mark.parametrize("strict", [False, True])
def test_unrecognized_value_is_counted_whether_it_is_refused_or_not(fetched, strict):
    drift = Drift()
    fetch = fetched(pages=1, drift=drift, strict_enums=strict)

    if strict:
        with pytest.raises(UnrecognizedValueError) as caught:
            read(fetch, streamed(200, PAUSED))
        assert (caught.value.enum, caught.value.value) == ("HistoricalPullStatus", "paused")
        assert len(caught.value.page.data) == 1
    else:
        assert len(read(fetch, streamed(200, PAUSED)).data) == 1
    assert drift.unrecognized_values == {"HistoricalPullStatus": {"paused": 1}}


def test_page_of_recognized_values_passes_strict_enums(fetched):
    assert len(read(fetched(strict_enums=True), streamed(200, encoded(page(user(1))))).data) == 1


def test_error_of_ours_is_given_the_cursor_and_loses_its_past(fetched):
    error = ResponseDecodeError("x")
    error.__cause__ = httpx.ReadError("x", request=REQUEST)
    error.__context__ = httpx.ReadError("x", request=REQUEST)

    failure = fetched(cursor="cursor-1").failure(error)

    assert failure is error
    assert failure.cursor == "cursor-1"
    assert failure.__cause__ is None
    assert failure.__context__ is None


@pytest.mark.parametrize(
    "kind",
    [httpx.ConnectTimeout, httpx.ReadTimeout, httpx.WriteTimeout, httpx.PoolTimeout],
)
def test_timeout_of_httpx_is_a_timeout_of_ours(fetched, kind):
    failure = fetched(cursor="cursor-1").failure(kind("private", request=REQUEST))

    assert type(failure) is APITimeoutError
    assert failure.retriable
    assert failure.cursor == "cursor-1"
    assert str(failure) == f"api.example:8443 timed out ({kind.__name__})"


@pytest.mark.parametrize(("passed", "overdue"), [(9.5, False), (10.0, True), (11.0, True)])
def test_timeout_at_the_deadline_is_told_as_the_deadline(fetched, clock, passed, overdue):
    fetch = fetched(deadline=10.0, cursor="cursor-1")
    clock.advance(passed)
    failure = fetch.failure(httpx.ReadTimeout("", request=REQUEST))

    assert type(failure) is APITimeoutError
    assert ("deadline of 10 s" in str(failure)) is overdue
    assert failure.retriable is not overdue
    assert failure.cursor == "cursor-1"


def test_other_error_at_the_deadline_is_told_as_what_it_is(fetched, clock):
    fetch = fetched(deadline=10.0)
    clock.advance(11.0)

    assert type(fetch.failure(httpx.ReadError("", request=REQUEST))) is APIConnectionError


@pytest.mark.parametrize(
    "kind",
    [
        httpx.ReadError,
        httpx.WriteError,
        httpx.CloseError,
        httpx.RemoteProtocolError,
        httpx.LocalProtocolError,
        httpx.DecodingError,
    ],
)
def test_error_of_httpx_that_may_quote_the_traffic_is_not_repeated(fetched, kind):
    failure = fetched(cursor="cursor-1").failure(kind("private", request=REQUEST))

    assert type(failure) is APIConnectionError
    assert failure.retriable
    assert failure.cursor == "cursor-1"
    assert str(failure) == f"no complete response from api.example:8443 ({kind.__name__})"


@pytest.mark.parametrize("kind", [httpx.ConnectError, httpx.ProxyError])
def test_reason_why_no_connection_came_about_is_told(fetched, kind):
    failure = fetched().failure(kind("Connection refused", request=REQUEST))

    assert str(failure) == (
        f"no complete response from api.example:8443 ({kind.__name__}: Connection refused)"
    )


def test_reason_that_httpx_does_not_know_leaves_no_gap(fetched):
    failure = fetched().failure(httpx.ConnectError("", request=REQUEST))

    assert str(failure) == "no complete response from api.example:8443 (ConnectError)"


def connect_error(reason, *, through):
    error = httpx.ConnectError("handshake failed", request=REQUEST)
    between = OSError("handshake failed")
    setattr(error, through, between)
    setattr(between, through, reason)
    return error


@pytest.mark.parametrize("through", ["__cause__", "__context__"])
@pytest.mark.parametrize(
    ("reason", "retriable"),
    [
        (ssl.SSLCertVerificationError(1, "certificate verify failed"), False),
        (ssl.SSLError(1, "bad record"), True),
        (ConnectionResetError(104, "reset"), True),
    ],
)
def test_failed_verification_of_a_certificate_alone_is_not_retriable(
    fetched, through, reason, retriable
):
    failure = fetched().failure(connect_error(reason, through=through))

    assert type(failure) is APIConnectionError
    assert failure.retriable is retriable


def test_attempts_are_counted_by_the_failures(fetched):
    fetch = fetched(retries=Retries(attempts=3, jitter=0))
    error = APIConnectionError("x")

    assert [fetch.decide(error) for _ in range(3)] == [0.5, 1.0, False]


def test_chance_decides_the_jitter(fetched):
    fetch = fetched(uniform=lambda _, high: high / 2)

    assert fetch.decide(APIConnectionError("x")) == 1.0


def test_wait_is_held_against_what_is_left(fetched, clock):
    fetch = fetched(deadline=10.0, retries=Retries(wait_initial=1.0, jitter=0))
    clock.advance(9.5)

    assert fetch.decide(APIConnectionError("x")) is False


def test_instrumentation_is_told_the_operation_and_no_argument(fetched, monkeypatch):
    told = []

    class Attempts:
        def with_name(self, *told_of):
            told.append(told_of)

    monkeypatch.setattr("stamina.retry_context", lambda **_: Attempts())
    fetched(cursor="cursor-1").attempts()

    assert told == [("junction_introspect.list_historical_pulls", (), {})]


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"timeout": "30"}, TypeError),
        ({"timeout": True}, TypeError),
        ({"timeout": 0}, ValueError),
        ({"timeout": -1}, ValueError),
        ({"timeout": float("nan")}, ValueError),
        ({"deadline": "120"}, TypeError),
        ({"deadline": 0}, ValueError),
        ({"deadline": float("nan")}, ValueError),
        ({"max_response_bytes": 2.5}, TypeError),
        ({"max_response_bytes": True}, TypeError),
        ({"max_response_bytes": 0}, ValueError),
        ({"max_retries": -1}, ValueError),
        ({"max_retries": 1.5}, TypeError),
    ],
    ids=str,
)
def test_absurd_option_is_refused_when_the_client_is_made(options, error):
    with pytest.raises(error):
        Junction(api_key="sk_us_x", **options)
    with Junction(api_key="sk_us_x") as junction, pytest.raises(error):
        junction.with_options(**options)


@pytest.mark.parametrize("wrong", [{"attempts": True}, {"attempts": 2.0}, {"jitter": "1"}], ids=str)
def test_policy_of_the_wrong_type_is_refused(wrong):
    with pytest.raises(TypeError):
        Retries(**wrong)
