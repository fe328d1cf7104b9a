"""What goes wrong, and what a caller of either client then gets."""

import gzip
import re
import ssl
import subprocess
import sys
import tracemalloc
import zlib
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import anyio
import attrs
import httpx
import pytest
import stamina
from stamina.instrumentation import set_on_retry_hooks

from junction_api import SPEC_VERSION
from junction_introspect import (
    APIConnectionError,
    APIError,
    APIStatusError,
    APITimeoutError,
    AsyncJunction,
    AuthenticationError,
    InternalServerError,
    Junction,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ResponseDecodeError,
    ResponseTooLargeError,
    Retries,
    UnprocessableEntityError,
    __version__,
)
from tests.support.payloads import encoded, page, statistics, user, user_id

pytestmark = [pytest.mark.any_specification, pytest.mark.usefixtures("_no_waits")]

KEY = "sk_us_0123456789"
EMPTY = encoded(page())
MEBIBYTE = 1024 * 1024
GZIP = {"content-encoding": "gzip"}


def failure_of(junction, **query):
    with pytest.raises(APIError) as caught:
        next(junction.historical_pulls(**query))
    return caught.value


def assert_clean(error):
    """An exception of httpx would bring the request along, and with it the credential."""
    assert error.__cause__ is None
    assert error.__context__ is None


# Statuses.


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_status_that_may_pass_is_retried(scripted, status):
    junction, server = scripted(status, status, EMPTY)

    assert list(junction.historical_pulls()) == []
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (408, APIStatusError),
        (429, RateLimitError),
        (500, InternalServerError),
        (502, InternalServerError),
        (503, InternalServerError),
        (504, InternalServerError),
    ],
)
def test_status_that_does_not_pass_is_raised_with_the_cursor(scripted, status, kind):
    junction, server = scripted(status, max_retries=2)
    error = failure_of(junction, cursor="cursor-1")

    assert type(error) is kind
    assert (error.status_code, error.cursor) == (status, "cursor-1")
    assert len(server.requests) == 3
    assert_clean(error)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (204, APIStatusError),
        (206, APIStatusError),
        (400, APIStatusError),
        (401, AuthenticationError),
        (403, PermissionDeniedError),
        (404, NotFoundError),
        (405, APIStatusError),
        (409, APIStatusError),
        (422, UnprocessableEntityError),
        (501, InternalServerError),
        (505, InternalServerError),
    ],
)
def test_status_that_will_not_change_is_raised_at_once(scripted, status, kind):
    junction, server = scripted(status)
    error = failure_of(junction, cursor="cursor-1")

    assert type(error) is kind
    assert (error.status_code, error.cursor) == (status, "cursor-1")
    assert len(server.requests) == 1
    assert_clean(error)


def test_every_attempt_asks_for_the_same_page(scripted):
    junction, server = scripted(503, EMPTY)
    list(junction.historical_pulls(cursor="cursor-1", user_limit=7))

    assert server.requests[0].url == server.requests[1].url
    assert server.requests[0].url.params["next_cursor"] == "cursor-1"


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b'{"detail": [{"loc": ["query", "user_limit"], "msg": "m", "type": "t"}]}', list),
        (b'{"detail": "no"}', str),
        (b'{"detail": {"reason": "no"}}', dict),
        (b"{}", type(None)),
        (b"<html>", type(None)),
        (b"", type(None)),
        (b'{"detail": "\xff"}', type(None)),
        (b'{"detail": ' + b"[" * 100_000, type(None)),
    ],
)
def test_detail_is_carried_whatever_its_shape(scripted, body, detail):
    junction, _ = scripted((422, {}, body))
    error = failure_of(junction)

    assert isinstance(error, UnprocessableEntityError)
    assert type(error.detail) is detail


@pytest.mark.parametrize(
    "chunks",
    [
        pytest.param([b'{"detail": "', *[b"x" * 65536] * 32, b'"}'], id="too large"),
        pytest.param([b'{"detail": "n', b'o"}'], id="in chunks"),
    ],
)
def test_status_is_what_counts_however_large_its_body(scripted, chunks):
    junction, _ = scripted((400, {}, *chunks))
    error = failure_of(junction)

    assert error.status_code == 400
    assert error.detail == ("no" if len(chunks) == 2 else None)


def test_detail_may_be_compressed(scripted):
    junction, _ = scripted((422, GZIP, gzip.compress(b'{"detail": "no"}')))

    assert failure_of(junction).detail == "no"


# Redirects.


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
@pytest.mark.parametrize(
    "location",
    [
        "https://elsewhere.example/v2",
        "http://api.sandbox.us.junction.com/v2",
        "https://api.sandbox.us.junction.com:8443/v2",
        "/v2/introspect/historical_pull/",
        "",
        "https://elsewhere.example:port/",
        "https://xn--/",
    ],
)
def test_redirect_is_never_followed(scripted, status, location):
    junction, server = scripted((status, {"location": location}), EMPTY)
    error = failure_of(junction)

    assert type(error) is APIStatusError
    assert error.status_code == status
    assert [request.url.host for request in server.requests] == ["api.sandbox.us.junction.com"]


def test_redirect_is_not_followed_by_a_client_that_was_told_to(scripted):
    junction, server = scripted((307, {"location": "https://elsewhere.example/"}), EMPTY)
    junction._http.follow_redirects = True

    assert failure_of(junction).status_code == 307
    assert len(server.requests) == 1


# Connections.


@pytest.mark.parametrize(
    "fault",
    [
        httpx.ConnectError("refused"),
        httpx.ReadError("reset"),
        httpx.WriteError("reset"),
        httpx.RemoteProtocolError("closed"),
        httpx.ProxyError("502 Bad Gateway"),
        httpx.ConnectTimeout(""),
        httpx.ReadTimeout(""),
        httpx.WriteTimeout(""),
        httpx.PoolTimeout(""),
    ],
    ids=lambda fault: type(fault).__name__,
)
@pytest.mark.parametrize("place", ["before the headers", "before the body", "in the body"])
def test_broken_connection_is_retried_and_then_raised(scripted, fault, place):
    answer = {
        "before the headers": fault,
        "before the body": (200, {}, fault),
        "in the body": (200, {}, EMPTY[:9], fault),
    }[place]
    kind = APITimeoutError if isinstance(fault, httpx.TimeoutException) else APIConnectionError

    junction, server = scripted(answer, answer, EMPTY)
    assert list(junction.historical_pulls()) == []
    assert len(server.requests) == 3

    junction, server = scripted(answer, max_retries=1)
    error = failure_of(junction, cursor="cursor-1")
    assert type(error) is kind
    assert error.cursor == "cursor-1"
    assert len(server.requests) == 2
    assert_clean(error)


def test_failed_verification_of_a_certificate_is_not_retried(scripted):
    def refuse(_):
        raise httpx.ConnectError("certificate verify failed") from ssl.SSLCertVerificationError()

    junction, server = scripted(refuse)
    error = failure_of(junction)

    assert type(error) is APIConnectionError
    assert "certificate verify failed" in str(error)
    assert len(server.requests) == 1
    assert_clean(error)


@pytest.mark.parametrize("status", [401, 503])
def test_connection_that_breaks_in_the_body_of_an_error_is_retried(scripted, status):
    junction, server = scripted((status, {}, b'{"det', httpx.ReadError("reset")), EMPTY)

    assert list(junction.historical_pulls()) == []
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("refused"),
        httpx.ConnectError("refused", request=httpx.Request("GET", "https://tokens.example")),
    ],
    ids=["without a request", "with one"],
)
def test_connection_that_breaks_while_a_token_is_minted_is_a_named_error(scripted, error):
    def mint():
        raise error

    junction, server = scripted(EMPTY, api_key=None, access_token=mint, environment="Sandbox")

    assert type(failure_of(junction)) is APIConnectionError
    assert server.requests == []


# Bodies.

NO_JSON = [
    pytest.param(b"", id="nothing"),
    pytest.param(b"<html>502 Bad Gateway</html>", id="HTML"),
    pytest.param(encoded(page(user(1)))[:-1], id="truncated"),
    pytest.param(b'{"data": [], "next_cursor": "\xff"}', id="invalid UTF-8"),
    pytest.param(b'{"data": [], "next_cursor": NaN}', id="NaN"),
    pytest.param(b'{"data": [], "next_cursor": "\\ud800"}', id="lone surrogate"),
    pytest.param(b'{"data": [], "next_cursor": null} {}', id="more than one document"),
]


@pytest.mark.parametrize("body", NO_JSON)
def test_body_that_is_no_json_is_retried_and_then_raised(scripted, body):
    junction, server = scripted(body, body, EMPTY)
    assert list(junction.historical_pulls()) == []
    assert len(server.requests) == 3

    junction, server = scripted(body, max_retries=1)
    error = failure_of(junction, cursor="cursor-1")
    assert type(error) is ResponseDecodeError
    assert not error.well_formed
    assert error.cursor == "cursor-1"
    assert len(server.requests) == 2
    assert_clean(error)


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b"null", "$"),
        (b"[]", "$"),
        (b'"data"', "$"),
        (b"{}", "$"),
        (b'{"next_cursor": null}', "$"),
        (b'{"data": null, "next_cursor": null}', "$.data"),
        (b'{"data": {}, "next_cursor": null}', "$.data"),
        (b'{"data": [], "next_cursor": 5}', "$.next_cursor"),
    ],
)
def test_json_of_the_wrong_shape_is_raised_at_once_with_its_path(scripted, body, path):
    junction, server = scripted(body)
    error = failure_of(junction, cursor="cursor-1")

    assert type(error) is ResponseDecodeError
    assert error.well_formed
    assert error.path == path
    assert error.page is None
    assert error.cursor == "cursor-1"
    assert len(server.requests) == 1
    assert_clean(error)


# Python 3.14 refuses what does not fit onto the stack; 100,000 levels of a skipped field do.
_DEEP = 500_000


@pytest.mark.parametrize(
    "body",
    [
        b"[" * _DEEP + b"]" * _DEEP,
        b'{"next_cursor": null, "data": ' + b"[" * _DEEP + b"]" * _DEEP + b"}",
        b'{"a": ' * _DEEP + b"1" + b"}" * _DEEP,
        b'{"data": [], "next_cursor": null, "x": ' + b"[" * _DEEP + b"]" * _DEEP + b"}",
    ],
    ids=["lists", "in a field", "objects", "in an unknown field"],
)
def test_nesting_without_end_is_raised_at_once(scripted, body):
    junction, server = scripted(body)
    error = failure_of(junction)

    assert type(error) is ResponseDecodeError
    assert error.well_formed
    assert len(server.requests) == 1
    assert_clean(error)


_ODD = [rb'"\ud83d"', b"1e400", b"1" * 5000, b'"\xff"', b"NaN", b"[" * 1100 + b"]" * 1100]


def _odd_page(odd):
    record = user(2, sleep=statistics(days_with_data="ODD"))
    return encoded(page(user(1), record, user(3), next_cursor="c")).replace(b'"ODD"', odd)


@pytest.mark.parametrize("odd", _ODD, ids=["surrogate", "1e400", "long", "UTF-8", "NaN", "nested"])
def test_odd_value_costs_its_record_alone_and_no_second_attempt(scripted, odd):
    junction, server = scripted(_odd_page(odd), encoded(page(user(4))))
    invalid = []
    users = list(junction.historical_pulls(on_invalid=invalid.append))

    assert [each.user_id for each in users] == [user_id(1), user_id(3), user_id(4)]
    assert [(each.index, each.raw.count(odd)) for each in invalid] == [(1, 1)]
    assert len(server.requests) == 2


@pytest.mark.parametrize("odd", _ODD, ids=["surrogate", "1e400", "long", "UTF-8", "NaN", "nested"])
def test_error_for_an_odd_value_carries_its_neighbours_and_the_cursor(scripted, odd):
    junction, server = scripted(_odd_page(odd))
    error = failure_of(junction)

    assert type(error) is ResponseDecodeError
    assert [each.user_id for each in error.page.data] == [user_id(1), user_id(3)]
    assert error.next_cursor == "c"
    assert error.path.startswith("$.data[1]")
    assert len(server.requests) == 1
    assert_clean(error)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, b"\xef\xbb\xbf" + EMPTY),
        (GZIP, gzip.compress(EMPTY) + b"\0"),
        (GZIP, gzip.compress(EMPTY) + b"\r\n"),
        (GZIP, gzip.compress(b"\xef\xbb\xbf" + EMPTY)),
        ({"content-encoding": "utf-8"}, EMPTY),
        ({"content-encoding": "none"}, EMPTY),
        ({"content-encoding": "identity"}, EMPTY),
    ],
    ids=["mark", "zero", "CRLF", "mark in gzip", "utf-8", "none", "identity"],
)
def test_body_in_a_form_that_others_pass_over_is_read_at_once(scripted, headers, body):
    junction, server = scripted((200, headers, body))

    assert list(junction.historical_pulls()) == []
    assert len(server.requests) == 1


def test_encoding_that_was_not_asked_for_is_raised_at_once(scripted):
    junction, server = scripted((200, {"content-encoding": "br"}, b"?"))
    error = failure_of(junction)

    assert type(error) is ResponseDecodeError
    assert len(server.requests) == 1
    assert server.requests[0].headers["accept-encoding"] == "gzip"
    assert_clean(error)


@pytest.mark.parametrize(
    "chunks",
    [
        pytest.param([gzip.compress(EMPTY)], id="whole"),
        pytest.param([bytes([byte]) for byte in gzip.compress(EMPTY)], id="byte by byte"),
        pytest.param([gzip.compress(EMPTY[:9]) + gzip.compress(EMPTY[9:])], id="two members"),
    ],
)
def test_compressed_body_is_inflated(scripted, chunks):
    junction, server = scripted((200, GZIP, *chunks))

    assert list(junction.historical_pulls()) == []
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(gzip.compress(EMPTY)[:-1], id="truncated"),
        pytest.param(EMPTY, id="garbage"),
        pytest.param(gzip.compress(EMPTY)[:-8] + bytes(8), id="wrong checksum"),
    ],
)
def test_broken_compression_is_retried_and_then_raised(scripted, body):
    junction, server = scripted((200, GZIP, body), EMPTY)
    assert list(junction.historical_pulls()) == []
    assert len(server.requests) == 2

    junction, server = scripted((200, GZIP, body), max_retries=1)
    error = failure_of(junction)
    assert type(error) is ResponseDecodeError
    assert not error.well_formed
    assert len(server.requests) == 2
    assert_clean(error)


@pytest.mark.parametrize("packed", [False, True])
def test_body_at_the_limit_is_taken_and_one_over_it_is_raised_at_once(scripted, packed):
    answer = (200, GZIP, gzip.compress(EMPTY)) if packed else EMPTY

    junction, _ = scripted(answer, max_response_bytes=len(EMPTY))
    assert list(junction.historical_pulls()) == []

    junction, server = scripted(answer, max_response_bytes=len(EMPTY) - 1)
    error = failure_of(junction, cursor="cursor-1")
    assert type(error) is ResponseTooLargeError
    assert (error.limit, error.cursor) == (len(EMPTY) - 1, "cursor-1")
    assert len(server.requests) == 1
    assert_clean(error)


@pytest.mark.parametrize("rest", [b" " * 1000, httpx.ReadError("closed")], ids=["more", "closed"])
def test_what_comes_after_the_limit_does_not_matter(scripted, rest):
    junction, server = scripted((200, {}, b" " * 1000, b" ", rest), max_response_bytes=1000)

    assert type(failure_of(junction)) is ResponseTooLargeError
    assert len(server.requests) == 1


@pytest.fixture(scope="module")
def bomb():
    """300 MiB in some 300 kB, in the chunks that httpx would read."""
    compressor = zlib.compressobj(9, wbits=31)
    zeros = bytes(MEBIBYTE)
    data = b"".join(compressor.compress(zeros) for _ in range(300)) + compressor.flush()
    return [data[start : start + 65536] for start in range(0, len(data), 65536)]


@pytest.fixture
def memory():
    """Tells how much memory was held at most."""
    tracemalloc.start()
    yield lambda: tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()


@pytest.mark.parametrize("limit", [MEBIBYTE, 64 * MEBIBYTE], ids=["small", "default"])
def test_bomb_is_raised_before_the_memory_is_spent(scripted, bomb, memory, limit):
    junction, server = scripted((200, GZIP, *bomb), max_response_bytes=limit)

    assert type(failure_of(junction)) is ResponseTooLargeError
    assert len(server.requests) == 1
    assert memory() < 100 * MEBIBYTE


@pytest.mark.parametrize("status", [401, 422])
def test_bomb_in_the_body_of_an_error_is_left_aside(scripted, bomb, memory, status):
    junction, _ = scripted((status, GZIP, *bomb))

    assert failure_of(junction).status_code == status
    assert memory() < 100 * MEBIBYTE


def test_bomb_in_the_refusal_of_a_token_is_left_aside(scripted, bomb, memory):
    junction, server = scripted(
        (401, GZIP, *bomb), EMPTY, api_key=None, access_token=lambda: "token", environment="Sandbox"
    )

    assert list(junction.historical_pulls()) == []
    assert len(server.requests) == 2
    assert memory() < 100 * MEBIBYTE


def test_cursor_too_long_for_a_url_is_a_named_error(scripted):
    junction, _ = scripted(encoded(page(user(1), next_cursor="c" * 70_000)))
    listing = junction.historical_pulls()
    next(listing)

    with pytest.raises(APIError) as caught:
        next(listing)
    assert caught.value.cursor == "c" * 70_000
    assert "ccc" not in str(caught.value)


# Waiting.


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.25"}, 0.25),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "Sun, 06 Nov 1994 08:49:37 GMT"}, 12.5),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "1500", "retry-after": "7"}, 1.5),
        ({"Retry-After": "7"}, 7.0),
    ],
)
def test_wait_is_as_long_as_the_server_asks(scripted, first_wait, status, headers, seconds):
    junction, _ = scripted(
        (status, headers), EMPTY, wall_clock=lambda: 784111777.0 - 12.5, uniform=max
    )

    assert first_wait(lambda: list(junction.historical_pulls())) == seconds


@pytest.mark.parametrize("text", ["-1", "inf", "nan", "soon", ""])
def test_wait_that_cannot_be_read_is_the_clients_own(scripted, first_wait, text):
    junction, _ = scripted((429, {"retry-after": text}), EMPTY, uniform=min)

    assert first_wait(lambda: list(junction.historical_pulls())) == 0.5


def test_wait_after_a_broken_connection_is_the_policys(scripted, first_wait):
    junction, _ = scripted(
        httpx.ReadError("reset"),
        max_retries=Retries(attempts=2, wait_initial=3.0, jitter=2.0),
        uniform=max,
    )

    assert first_wait(lambda: list(junction.historical_pulls())) == 5.0


@pytest.mark.parametrize(("status", "kind"), [(429, RateLimitError), (503, InternalServerError)])
@pytest.mark.parametrize("asked", ["120", "3600", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_wait_longer_than_the_deadline_is_not_begun(scripted, status, kind, asked):
    junction, server = scripted((status, {"retry-after": asked}), EMPTY, deadline=120.0)
    error = failure_of(junction, cursor="cursor-1")

    assert type(error) is kind
    assert error.retry_after >= 120.0
    assert error.cursor == "cursor-1"
    assert len(server.requests) == 1


def test_server_that_asks_for_no_wait_is_not_asked_for_ever(scripted):
    junction, server = scripted((429, {"retry-after": "0"}), max_retries=3)

    assert type(failure_of(junction)) is RateLimitError
    assert len(server.requests) == 4


def test_no_retries_are_one_attempt(scripted):
    junction, server = scripted(503, EMPTY, max_retries=0)

    assert failure_of(junction).status_code == 503
    assert len(server.requests) == 1


def test_instrumentation_is_told_of_each_retry_and_no_argument(scripted):
    told = []
    set_on_retry_hooks([told.append])
    try:
        junction, _ = scripted(503, httpx.ReadError("reset"), EMPTY)
        list(junction.historical_pulls(cursor="cursor-1"))
    finally:
        set_on_retry_hooks(None)

    assert [(each.name, each.args, each.kwargs) for each in told] == [
        ("junction_introspect.list_historical_pulls", (), {})
    ] * 2
    assert [type(each.caused_by) for each in told] == [InternalServerError, APIConnectionError]


def test_each_retry_is_one_record_that_tells_attempt_wait_and_cause(scripted, caplog):
    junction, _ = scripted(503, httpx.ReadError("reset"), EMPTY, max_retries=3)
    list(junction.historical_pulls(cursor="cursor-1"))

    assert [(each.name, each.levelname) for each in caplog.records] == [
        ("junction_introspect", "WARNING")
    ] * 2
    first, second = (each.getMessage() for each in caplog.records)
    assert re.fullmatch(
        r"list_historical_pulls: attempt 1 of 4 failed, the next is in \d\.\d s:"
        r" 503 Service Unavailable",
        first,
    )
    assert "attempt 2 of 4 failed" in second
    assert "no complete response" in second


def test_error_that_is_not_retried_leaves_no_record(scripted, caplog):
    junction, _ = scripted(503, 503, max_retries=0)
    failure_of(junction)

    assert not caplog.records


def test_retries_of_others_are_still_logged_by_stamina(scripted, caplog):
    junction, _ = scripted(503, EMPTY)
    list(junction.historical_pulls())
    caplog.clear()

    failures = [OSError()]
    for attempt in stamina.retry_context(on=OSError).with_name("theirs", (), {}):
        with attempt:
            if failures:
                raise failures.pop()

    assert [(each.name, each.getMessage()) for each in caplog.records] == [
        ("stamina", "stamina.retry_scheduled")
    ]


def test_retries_print_nothing_where_logging_is_not_configured():
    program = """
import httpx
from junction_introspect import Junction
answers = [httpx.Response(503, headers={"retry-after": "0"}), httpx.Response(200, content=PAGE)]
transport = httpx.MockTransport(lambda _: answers.pop(0))
with Junction(api_key="sk_us_0123456789", transport=transport) as junction:
    print(len(list(junction.historical_pulls())), len(answers))
""".replace("PAGE", repr(EMPTY))

    done = subprocess.run(  # noqa: S603 - this very interpreter
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("0 0\n", "")


@pytest.fixture
def _no_retries_anywhere():
    stamina.set_active(False)
    yield
    stamina.set_active(True)


@pytest.mark.usefixtures("_no_retries_anywhere")
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (503, InternalServerError),
        (httpx.ReadError("reset"), APIConnectionError),
        (httpx.ReadTimeout(""), APITimeoutError),
        (b"<html>", ResponseDecodeError),
        (b"null", ResponseDecodeError),
    ],
)
def test_error_is_the_same_where_retrying_is_switched_off(scripted, answer, kind):
    junction, server = scripted(answer, EMPTY)
    error = failure_of(junction, cursor="cursor-1")

    assert type(error) is kind
    assert error.cursor == "cursor-1"
    assert len(server.requests) == 1
    assert_clean(error)


@pytest.mark.usefixtures("_no_retries_anywhere")
def test_page_is_listed_where_retrying_is_switched_off(scripted):
    junction, _ = scripted(EMPTY)

    assert list(junction.historical_pulls()) == []


# The deadline.


def test_timeouts_are_cut_to_what_is_left_of_the_deadline(scripted, clock):
    def answer(_):
        clock.advance(6.0)
        return httpx.Response(503)

    junction, server = scripted(answer, EMPTY, timeout=8.0, deadline=10.0, clock=clock)
    list(junction.historical_pulls())

    assert [set(request.extensions["timeout"].values()) for request in server.requests] == [
        {8.0},
        {4.0},
    ]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (503, InternalServerError),
        (b"<html>", ResponseDecodeError),
        (httpx.ReadError("reset"), APIConnectionError),
        (httpx.ReadTimeout(""), APITimeoutError),
    ],
)
def test_spent_deadline_ends_the_attempts_with_the_last_error(scripted, clock, fault, kind):
    def answer(_):
        clock.advance(6.0)
        if isinstance(fault, Exception):
            raise fault
        return (
            httpx.Response(fault) if isinstance(fault, int) else httpx.Response(200, content=fault)
        )

    junction, server = scripted(answer, deadline=10.0, max_retries=100, clock=clock)
    error = failure_of(junction, cursor="cursor-1")

    assert type(error) is kind
    assert error.cursor == "cursor-1"
    assert len(server.requests) == 2
    assert_clean(error)


def test_deadline_is_that_of_a_page_and_not_of_the_listing(scripted, clock):
    def answer(request):
        clock.advance(6.0)
        following = {None: "A", "A": "B", "B": None}[request.url.params.get("next_cursor")]
        return httpx.Response(200, content=encoded(page(user(1), next_cursor=following)))

    junction, _ = scripted(answer, deadline=10.0, clock=clock)

    assert len(list(junction.historical_pulls())) == 3


def test_body_that_drips_is_cut_off_when_the_deadline_has_passed(script, clock):
    chunks = []

    def drip():
        clock.advance(4.0)
        chunks.append(b" ")
        return chunks[-1]

    server = script((200, {}, *[drip] * 100))
    with Junction(api_key=KEY, deadline=10.0, transport=httpx.MockTransport(server)) as junction:
        junction._options = attrs.evolve(junction._options, clock=clock)
        error = failure_of(junction, cursor="cursor-1")

    assert type(error) is APITimeoutError
    assert error.cursor == "cursor-1"
    assert len(chunks) == 3
    assert len(server.requests) == 1
    assert_clean(error)


class Hanging(httpx.AsyncByteStream):
    """A body of which the rest never comes."""

    async def __aiter__(self):
        yield EMPTY[:9]
        await anyio.sleep_forever()


async def hang(_):
    await anyio.sleep_forever()


@pytest.mark.anyio
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(hang, id="before the headers"),
        pytest.param(lambda _: httpx.Response(200, stream=Hanging()), id="in the body"),
        pytest.param(lambda _: httpx.Response(503, stream=Hanging()), id="in the body of an error"),
    ],
)
async def test_response_that_hangs_is_cut_off_when_the_deadline_has_passed(script, answer):
    server = script(answer)
    async with AsyncJunction(
        api_key=KEY, deadline=0.01, transport=httpx.MockTransport(server)
    ) as junction:
        # It stands still until the request is sent; what then cuts off is the event loop's.
        junction._options = attrs.evolve(junction._options, clock=lambda: 0.0)
        with pytest.raises(APITimeoutError, match="deadline") as caught:
            await anext(junction.historical_pulls(cursor="cursor-1"))

    assert caught.value.cursor == "cursor-1"
    assert len(server.requests) == 1
    assert_clean(caught.value)


# One client, many callers.


def echo(request):
    return httpx.Response(
        200,
        content=encoded(page({"user_id": request.url.params["user_id"], "provider": {}})),
    )


def test_threads_sharing_a_client_are_each_given_their_own():
    with (
        Junction(api_key=KEY, transport=httpx.MockTransport(echo)) as junction,
        ThreadPoolExecutor(8) as pool,
    ):

        def own(_):
            ids = [uuid4() for _ in range(200)]
            listings = [list(junction.historical_pulls(user_id=asked)) for asked in ids]
            return [[user.user_id for user in users] for users in listings] == [[i] for i in ids]

        assert list(pool.map(own, range(8))) == [True] * 8


@pytest.mark.anyio
async def test_tasks_sharing_a_client_are_each_given_their_own():
    given = {}

    async def echo_later(request):
        await anyio.lowlevel.checkpoint()
        return echo(request)

    async with AsyncJunction(api_key=KEY, transport=httpx.MockTransport(echo_later)) as junction:

        async def ask():
            for asked in [uuid4() for _ in range(200)]:
                users = [user async for user in junction.historical_pulls(user_id=asked)]
                given[asked] = [user.user_id for user in users]

        async with anyio.create_task_group() as tasks:
            for _ in range(8):
                tasks.start_soon(ask)

    assert len(given) == 1600
    assert all(users == [asked] for asked, users in given.items())


# The client itself.


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        ({}, {}),
        ({"deadline": 5.0}, {"deadline": 5.0}),
        ({"timeout": 5.0}, {"timeout": httpx.Timeout(5.0)}),
        ({"max_retries": 0}, {"retries": Retries(attempts=1)}),
        ({"max_response_bytes": 10}, {"max_response_bytes": 10}),
    ],
)
def test_other_options_change_only_what_is_given(scripted, change, changed):
    junction, _ = scripted(EMPTY)
    before = junction._options

    assert junction.with_options(**change)._options == attrs.evolve(before, **changed)
    assert junction._options is before


def test_client_with_other_options_keeps_to_them_and_the_first_to_its_own(scripted):
    junction, server = scripted(503, max_retries=2)

    assert failure_of(junction.with_options(max_retries=0)).status_code == 503
    assert len(server.requests) == 1
    assert failure_of(junction).status_code == 503
    assert len(server.requests) == 4


def test_client_with_other_options_shares_connections_and_drift(scripted):
    junction, _ = scripted(encoded(page(surprise=1)))
    other = junction.with_options(deadline=5.0)
    list(other.historical_pulls())

    assert other._http is junction._http
    assert other.drift is junction.drift
    assert junction.drift.unknown_fields == {"surprise": 1}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"max_retries": -1}, ValueError),
        ({"deadline": 0}, ValueError),
        ({"max_retries": True}, TypeError),
    ],
)
def test_impossible_other_option_is_refused(scripted, change, error):
    junction, _ = scripted(EMPTY)

    with pytest.raises(error):
        junction.with_options(**change)


class Transport(httpx.MockTransport):
    """Remembers that it was closed."""

    closed = False

    def close(self):
        self.closed = True

    async def aclose(self):
        self.closed = True


@pytest.fixture
def transport():
    return Transport(lambda _: httpx.Response(200, content=EMPTY))


def test_with_block_closes_the_connections(transport):
    with Junction(api_key=KEY, transport=transport) as junction:
        assert list(junction.historical_pulls()) == []
        assert not transport.closed

    assert transport.closed
    with pytest.raises(RuntimeError, match="closed"):
        next(junction.historical_pulls())


def test_with_block_closes_the_connections_after_an_error(transport):
    with pytest.raises(LookupError), Junction(api_key=KEY, transport=transport):
        raise LookupError

    assert transport.closed


@pytest.mark.anyio
async def test_async_with_block_closes_the_connections(transport):
    async with AsyncJunction(api_key=KEY, transport=transport) as junction:
        assert [user async for user in junction.historical_pulls()] == []
        assert not transport.closed

    assert transport.closed
    with pytest.raises(RuntimeError, match="closed"):
        await anext(junction.historical_pulls())


def test_closing_a_client_with_other_options_closes_the_first(transport):
    junction = Junction(api_key=KEY, transport=transport)
    junction.with_options(deadline=5.0).close()

    assert transport.closed
    junction.close()


@pytest.mark.anyio
async def test_closing_an_async_client_with_other_options_closes_the_first(transport):
    junction = AsyncJunction(api_key=KEY, transport=transport)
    await junction.with_options(deadline=5.0).aclose()

    assert transport.closed
    await junction.aclose()


def test_user_agent_names_the_package_and_the_specification(scripted):
    junction, server = scripted(EMPTY)
    list(junction.historical_pulls())

    assert server.requests[0].headers["user-agent"] == (
        f"junction-introspect/{__version__} (spec {SPEC_VERSION})"
    )


def test_path_of_the_address_is_kept(scripted):
    junction, server = scripted(EMPTY, base_url="https://gateway.example:8443/junction")
    list(junction.historical_pulls())

    assert str(server.requests[0].url) == (
        "https://gateway.example:8443/junction/v2/introspect/historical_pull?user_limit=50"
    )
    assert server.requests[0].headers["x-vital-api-key"] == KEY


@pytest.mark.parametrize("client", [Junction, AsyncJunction])
def test_repr_tells_the_kind_and_the_address(client):
    text = repr(client(api_key=KEY))

    assert text == f"<{client.__name__} at https://api.sandbox.us.junction.com>"


def test_import_loads_nothing_optional():
    optional = {"click", "fastapi", "pydantic", "rich", "starlette", "typer", "uvicorn"}
    # httpx first: it takes click and rich for a command of its own where it finds them.
    program = (
        "import sys, httpx; before = set(sys.modules);"
        "import junction_introspect; print(*set(sys.modules) - before)"
    )

    done = subprocess.run(  # noqa: S603 - this very interpreter
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert "junction_introspect" in done.stdout.split()
    assert not optional & set(done.stdout.split())
