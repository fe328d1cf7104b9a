"""Which failure is retried and how long is waited: decisions, without a client."""

import math
import time
from email.utils import format_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from junction_introspect import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    PaginationError,
    ResponseDecodeError,
    ResponseTooLargeError,
    Retries,
    UnrecognizedValueError,
)
from junction_introspect._http.statuses import status_error
from junction_introspect.pages import Page
from junction_introspect.retries import as_retries, decide, is_retriable, parse_retry_after

pytestmark = pytest.mark.any_specification

# Sun, 06 Nov 1994 08:49:37 GMT, the date of RFC 9110's examples.
NOW = 784111777.0
PAGE = Page([], None)


def no_chance(low, _high):
    return low


def all_chance(_low, high):
    return high


def decided(error, *, retries=5, attempt=1, remaining=100.0, uniform=no_chance):
    return decide(
        error,
        retries=as_retries(retries),
        attempt=attempt,
        remaining=remaining,
        uniform=uniform,
    )


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_status_that_may_pass_is_retriable(status):
    assert is_retriable(status_error(status, b"", None))


@pytest.mark.parametrize(
    "status",
    [100, 201, 204, 301, 304, 307, 400, 401, 403, 404, 405, 409, 410, 418, 422, 425, 501, 505, 599],
)
def test_status_that_will_not_change_is_not_retriable(status):
    assert not is_retriable(status_error(status, b"", 1.0))


@pytest.mark.parametrize(
    ("error", "retriable"),
    [
        (APIConnectionError("x"), True),
        (APIConnectionError("x", retriable=False), False),
        (APITimeoutError("x"), True),
        (APITimeoutError("x", retriable=False), False),
        (ResponseDecodeError("x", well_formed=False), True),
        (ResponseDecodeError("x"), False),
        (ResponseTooLargeError(1), False),
        (PaginationError("x", page=PAGE), False),
        (UnrecognizedValueError("status", "x", page=PAGE), False),
        (ValueError("x"), False),
    ],
)
def test_fault_of_the_transport_is_retriable_and_a_fault_of_the_content_is_not(error, retriable):
    assert is_retriable(error) is retriable


def test_error_that_is_not_ours_is_given_up():
    assert decided(ValueError("x")) is False


def test_error_that_cannot_pass_is_given_up():
    assert decided(status_error(404, b"", None)) is False


@pytest.mark.parametrize("retries", [0, 1, 4])
def test_number_is_that_of_the_retries(retries):
    error = APIConnectionError("x")

    assert as_retries(retries).attempts == retries + 1
    assert decided(error, retries=retries, attempt=retries + 1) is False
    if retries:
        assert decided(error, retries=retries, attempt=retries) > 0


def test_default_policy_is_four_retries_from_half_a_second_to_half_a_minute():
    assert Retries() == as_retries(4)
    assert Retries() == Retries(attempts=5, wait_initial=0.5, wait_max=30.0, jitter=1.0)


def test_policy_is_taken_as_it_is():
    policy = Retries(attempts=3)

    assert as_retries(policy) is policy


@pytest.mark.parametrize("retries", [True, False, 2.0, "2", None])
def test_what_is_neither_number_nor_policy_is_refused(retries):
    with pytest.raises(TypeError, match="retries"):
        as_retries(retries)


def test_negative_number_of_retries_is_refused():
    with pytest.raises(ValueError, match="negative"):
        as_retries(-1)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"attempts": 0}, ValueError),
        ({"attempts": 2.0}, TypeError),
        ({"wait_initial": -1}, ValueError),
        ({"wait_initial": math.nan}, ValueError),
        ({"wait_max": -1}, ValueError),
        ({"jitter": -0.1}, ValueError),
        ({"jitter": "1"}, TypeError),
    ],
)
def test_impossible_policy_is_refused(arguments, error):
    with pytest.raises(error):
        Retries(**arguments)


def test_backoff_doubles_up_to_its_longest():
    policy = Retries(wait_initial=0.5, wait_max=5.0)

    waits = [policy.backoff(attempt, no_chance) for attempt in range(1, 7)]

    assert waits == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0]


def test_jitter_is_added_to_the_backoff():
    assert Retries(wait_initial=0.5, jitter=0.25).backoff(2, all_chance) == 1.25


@given(
    attempt=st.integers(1, 10**6),
    wait_initial=st.floats(0, 1e6),
    wait_max=st.floats(0, 1e6),
    jitter=st.floats(0, 1e6),
    chance=st.floats(0, 1),
)
def test_backoff_is_never_longer_than_its_longest(attempt, wait_initial, wait_max, jitter, chance):
    policy = Retries(wait_initial=wait_initial, wait_max=wait_max, jitter=jitter)

    wait = policy.backoff(attempt, lambda low, high: low + (high - low) * chance)

    assert 0 <= wait <= wait_max


@pytest.mark.parametrize("status", [429, 500, 503])
@pytest.mark.parametrize("asked", [0.0, 0.25, 45.0])
def test_wait_that_the_server_asks_for_is_taken_as_it_is(status, asked):
    assert decided(status_error(status, b"", asked), uniform=all_chance) == asked


@pytest.mark.parametrize(
    ("error", "wait"),
    [(APIConnectionError("x"), 0.5), (status_error(429, b"", 7.0), 7.0)],
)
def test_wait_that_would_use_up_the_deadline_is_not_begun(error, wait):
    assert decided(error, remaining=wait + 0.001) == wait
    assert decided(error, remaining=wait) is False
    assert decided(error, remaining=-1.0) is False


def parsed(**headers):
    return parse_retry_after({name.replace("_", "-"): text for name, text in headers.items()}, NOW)


def test_no_header_asks_for_nothing():
    assert parsed() is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0.0), ("120", 120.0), ("1.5", 1.5), (" 3 ", 3.0), ("0.001", 0.001)],
)
def test_retry_after_may_be_seconds_or_a_fraction(text, seconds):
    assert parsed(retry_after=text) == seconds


@pytest.fixture(params=["UTC0", "EST+5", "IST-5:30"])
def _zone(request, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setenv("TZ", request.param)
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("_zone")
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Sun, 06 Nov 1994 08:50:07 GMT", id="IMF-fixdate"),
        pytest.param("Sunday, 06-Nov-94 08:50:07 GMT", id="RFC 850"),
        pytest.param("Sun Nov  6 08:50:07 1994", id="asctime"),
    ],
)
def test_retry_after_may_be_a_date_in_any_form_of_http_wherever_the_client_is(text):
    assert parsed(retry_after=text) == 30.0


@given(st.datetimes(timezones=st.timezones()))
def test_any_date_with_a_zone_is_read_and_none_is_negative(moment):
    seconds = parsed(retry_after=format_datetime(moment))

    assert seconds is None or seconds >= 0


def test_date_in_the_past_asks_for_no_wait():
    assert parsed(retry_after="Sun, 06 Nov 1994 08:49:00 GMT") == 0.0


@pytest.mark.parametrize(("text", "seconds"), [("1500", 1.5), ("0", 0.0), ("0.5", 0.0005)])
def test_milliseconds_beat_seconds(text, seconds):
    assert parsed(retry_after_ms=text) == seconds
    assert parsed(retry_after_ms=text, retry_after="60") == seconds


@pytest.mark.parametrize("text", ["", "soon", "-1", "inf", "nan"])
def test_unreadable_milliseconds_leave_the_seconds(text):
    assert parsed(retry_after_ms=text) is None
    assert parsed(retry_after_ms=text, retry_after="60") == 60.0


@pytest.mark.parametrize(
    "text",
    [
        *["", " ", "soon", "-1", "-0.5", "inf", "-inf", "infinity", "nan", "1e999", "5, 5", "5s"],
        "Sun, 06 Nov 1994",
        "Sun, 99 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 99999 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 +9999",
        "x" * 10_000,
        "9" * 10_000,
        "1_0",
        "\u0665",
    ],
)
def test_unreadable_retry_after_asks_for_nothing(text):
    assert parsed(retry_after=text) is None


@given(st.text())
@example("0\x1f")
def test_no_header_makes_an_error_or_a_wait_that_is_no_number(text):
    for seconds in (parsed(retry_after=text), parsed(retry_after_ms=text)):
        assert seconds is None or (math.isfinite(seconds) and seconds >= 0)


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_looked_up_in_any_status(status):
    assert isinstance(status_error(status, b"", parsed(retry_after="3")), APIStatusError)
    assert status_error(status, b"", parsed(retry_after="3")).retry_after == 3.0


@pytest.mark.parametrize("attempt", [5, 6, 1000])
def test_no_attempt_at_or_beyond_the_last_is_followed_by_another(attempt):
    assert decided(APIConnectionError("reset"), retries=4, attempt=attempt) is False
