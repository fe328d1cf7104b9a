"""Every fault on the wire, on a real socket: what a caller gets, and how often it was tried."""

import attrs
import httpx
import pytest
import stamina

from junction_introspect import (
    APIConnectionError,
    APIStatusError,
    AuthenticationError,
    InternalServerError,
    Junction,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ResponseDecodeError,
    ResponseTooLargeError,
    UnprocessableEntityError,
)
from tests.faults import behaviours
from tests.faults.behaviours import (
    MEBIBYTE,
    PAGE,
    bomb,
    does,
    endless,
    good,
    head,
    says,
    status,
)
from tests.faults.expectations import (
    ATTEMPTS,
    assert_clean,
    assert_usable,
    connections_of,
    each,
    failure_of,
    users,
)
from tests.faults.misbehaving import MisbehavingServer, in_turn
from tests.support.drivers import KEY
from tests.support.payloads import encoded, page, user

pytestmark = pytest.mark.any_specification

# Responses that are right, if unusual.


@each(
    [
        behaviours.good,
        behaviours.good_gzip,
        behaviours.good_gzip_of_two_members,
        behaviours.good_gzip_with_padding,
        behaviours.good_behind_a_mark,
        behaviours.good_of_no_coding,
        behaviours.good_chunked,
        behaviours.good_until_close,
        behaviours.good_in_chunks_with_extras,
        behaviours.good_of_http_1_0,
        behaviours.good_with_odd_fields,
        behaviours.good_after_informational,
    ]
)
def test_response_that_is_right_is_taken_however_it_comes(connect, serve, fault):
    server = serve(fault)

    assert users(connect(None, base_url=server.url)) == [1]
    assert len(server.requests) == 1


def test_request_asks_for_json_or_gzip_with_the_key_and_a_name(connect, serve):
    server = serve(good)
    users(connect(None, base_url=server.url), cursor="a b&c", user_limit=7)

    (request,) = server.requests
    assert (request.method, request.path) == ("GET", "/v2/introspect/historical_pull")
    assert request.query == {"user_limit": "7", "next_cursor": "a b&c"}
    assert request.headers["accept"] == "application/json"
    assert request.headers["accept-encoding"] == "gzip"
    assert request.headers["x-vital-api-key"] == KEY
    assert request.headers["user-agent"].startswith("junction-introspect/")


def test_cookies_are_neither_read_nor_kept(connect, serve):
    """Callers share a client; and one that cannot be read has Python warn of a bug of its own."""
    server = serve(behaviours.good_with_cookies)
    junction = connect(None, base_url=server.url)

    assert [users(junction) for _ in range(2)] == [[1]] * 2
    assert "cookie" not in server.requests[1].headers


def test_pages_come_over_one_connection(connect, serve):
    server = serve(says("first", encoded(page(user(1), next_cursor="A"))), good)
    junction = connect(None, base_url=server.url)

    assert users(junction) == [1, 1]
    assert [request.connection for request in server.requests] == [1, 1]


def test_connection_that_the_server_closed_between_pages_costs_no_attempt(connect, serve, told):
    first = says("closed", encoded(page(user(1), next_cursor="A")), 200, behaviours.close)
    server = serve(first, says("second", encoded(page(user(2)))))
    listing = connect(None, base_url=server.url).historical_pulls()
    next(listing)
    assert not server.requests[0].client_left()

    assert next(listing).user_id.int & 0xFFFF == 2
    assert [request.connection for request in server.requests] == [1, 2]
    assert told == []


def test_what_follows_a_response_is_never_taken_for_the_next(connect, serve):
    """Another's answer on the connection, as from an intermediary that lost count."""
    stray = says("stray", encoded(page(user(666)))).steps[0]
    first = says("first", encoded(page(user(1), next_cursor="A"))).steps[0]
    server = serve(does("first and stray", first + stray), says("", encoded(page(user(2)))))

    assert users(connect(None, base_url=server.url)) == [1, 2]


# Connection refused, DNS failure.


def test_refused_connection_is_retried_then_a_connection_error(connect, told):
    with MisbehavingServer(in_turn(good)) as server:
        pass
    error = failure_of(connect(None, base_url=server.url))

    assert type(error) is APIConnectionError
    assert error.retriable
    assert len(told) == ATTEMPTS - 1
    assert_clean(error)


def test_name_that_does_not_resolve_is_retried_then_a_connection_error(connect, told):
    # RFC 6761, 6.4: no name under it ever resolves.
    error = failure_of(connect(None, base_url="https://junction.invalid"))

    assert type(error) is APIConnectionError
    assert "junction.invalid" in str(error)
    assert len(told) == ATTEMPTS - 1
    assert_clean(error)


# Reset or clean close.


@each(behaviours.NO_RESPONSE)
def test_close_or_reset_before_the_headers_is_retried_then_a_connection_error(keeps_trying, fault):
    assert keeps_trying(fault, APIConnectionError).retriable


@each(behaviours.NO_BODY)
def test_close_or_reset_between_headers_and_body_is_retried_then_a_connection_error(
    keeps_trying, fault
):
    keeps_trying(fault, APIConnectionError)


@each(behaviours.HALF_A_BODY)
def test_close_or_reset_in_mid_body_is_retried_then_a_connection_error(keeps_trying, fault):
    keeps_trying(fault, APIConnectionError)


@each(behaviours.NO_HTTP)
def test_what_is_no_http_is_retried_then_a_connection_error(keeps_trying, fault):
    keeps_trying(fault, APIConnectionError)


# Bodies.


@each(behaviours.NO_JSON)
def test_200_that_is_not_json_is_retried_then_a_decode_error(keeps_trying, fault):
    assert not keeps_trying(fault, ResponseDecodeError).well_formed


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        pytest.param(path, fault, id=fault.name)
        for path, faults in behaviours.WRONG_SHAPES.items()
        for fault in faults
    ],
)
def test_200_with_json_of_the_wrong_shape_is_a_decode_error_with_its_path(tries_once, path, fault):
    error = tries_once(fault, ResponseDecodeError)

    assert error.well_formed
    assert error.path == path


@each(behaviours.TOO_DEEP)
def test_nesting_without_end_is_a_decode_error(tries_once, fault):
    assert tries_once(fault, ResponseDecodeError).well_formed


@each(behaviours.FOREIGN_ENCODINGS)
def test_encoding_that_was_not_asked_for_is_a_decode_error(tries_once, fault):
    tries_once(fault, ResponseDecodeError)


@each(
    [
        endless(),
        bomb(),
        does("more than it says", head(200, content_length=9 * MEBIBYTE) + b" " * 2 * MEBIBYTE),
        says("one byte over", PAGE + b" " * (MEBIBYTE - len(PAGE) + 1)),
    ]
)
def test_body_over_the_limit_is_a_too_large_error(tries_once, fault):
    assert tries_once(fault, ResponseTooLargeError, max_response_bytes=MEBIBYTE).limit == MEBIBYTE


@each([endless(), bomb()])
def test_body_over_the_limit_is_not_read_on(connect, serve, fault):
    server = serve(fault)
    failure_of(connect(None, base_url=server.url, max_response_bytes=MEBIBYTE))

    assert server.requests[0].client_left()


# Statuses.


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (408, APIStatusError),
        (429, RateLimitError),
        (500, InternalServerError),
        (502, InternalServerError),
        (503, InternalServerError),
        (504, InternalServerError),
    ],
)
def test_status_that_may_pass_is_retried_then_raised(keeps_trying, code, kind):
    error = keeps_trying(status(code), kind)

    assert (error.status_code, error.detail) == (code, "no")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (204, APIStatusError),
        (206, APIStatusError),
        (304, APIStatusError),
        (401, AuthenticationError),
        (403, PermissionDeniedError),
        (404, NotFoundError),
        (405, APIStatusError),
        (501, InternalServerError),
        (505, InternalServerError),
    ],
)
def test_status_that_will_not_pass_is_raised_at_once(tries_once, code, kind):
    fault = says("", b"", code) if code in {204, 304} else status(code)

    assert tries_once(fault, kind).status_code == code


@pytest.mark.parametrize(
    "detail",
    [
        [{"loc": ["query", "user_limit"], "msg": "too small", "type": "greater_than"}],
        {"reason": "too small"},
        "too small",
        None,
    ],
)
def test_422_carries_the_detail_whatever_its_shape(tries_once, detail):
    assert tries_once(status(422, detail), UnprocessableEntityError).detail == detail


@each([endless(503), bomb(code=503), endless(422), bomb(code=401)])
def test_status_is_what_counts_however_large_its_body(connect, serve, fault):
    server = serve(fault)
    junction = connect(None, base_url=server.url, max_retries=0)
    error = failure_of(junction)

    assert isinstance(error, APIStatusError)
    assert error.detail is None
    assert server.requests[0].client_left()
    assert_clean(error)
    assert_usable(junction, server)


# Waiting as asked.

# Half a blink before the date that RFC 9110, 5.6.7 has for an example, and exact in binary.
SOON = 1 / 64
NOW = 784111777.0 - SOON


@pytest.mark.parametrize("code", [429, 503])
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        pytest.param({"retry_after": "0.02"}, 0.02, id="fraction"),
        pytest.param({"retry_after": "Sun, 06 Nov 1994 08:49:37 GMT"}, SOON, id="date"),
        pytest.param({"retry_after_ms": "20", "retry_after": "7"}, 0.02, id="milliseconds"),
        pytest.param({"retry_after": "0"}, 0.0, id="zero"),
    ],
)
def test_retry_after_is_waited_for_as_asked_then_retried(  # noqa: PLR0917 - fixtures and figures
    connect, serve, told, code, headers, seconds
):
    server = serve(status(code, **headers), good)
    junction = connect(None, base_url=server.url)
    client = getattr(junction, "_client", junction)
    client._options = attrs.evolve(client._options, wall_clock=lambda: NOW)
    with stamina.set_testing(False):
        assert users(junction) == [1]

    assert [(retry.wait_for, retry.caused_by.status_code) for retry in told] == [(seconds, code)]
    assert len(server.requests) == 2


@pytest.mark.parametrize(("code", "kind"), [(429, RateLimitError), (503, InternalServerError)])
@pytest.mark.parametrize("asked", ["60", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_retry_after_longer_than_the_budget_is_raised_at_once(tries_once, code, kind, asked):
    assert tries_once(status(code, retry_after=asked), kind, deadline=20.0).retry_after >= 60


# 401.


def minted():
    """Return a callable that mints token-1, token-2 and so on."""
    tokens = (f"token-{number}" for number in range(1, 99))
    return lambda: next(tokens)


def with_tokens(connect, server, **options):
    return connect(None, api_key=None, access_token=minted(), base_url=server.url, **options)


def tokens_sent(server):
    return [request.headers["authorization"] for request in server.requests]


def test_401_with_a_token_callable_is_one_fresh_token_and_one_more_attempt(connect, serve):
    server = serve(status(401), good)

    assert users(with_tokens(connect, server)) == [1]
    assert tokens_sent(server) == ["Bearer token-1", "Bearer token-2"]


def test_401_for_the_fresh_token_too_is_an_authentication_error(connect, serve):
    server = serve(status(401))
    junction = with_tokens(connect, server)
    error = failure_of(junction)

    assert type(error) is AuthenticationError
    assert tokens_sent(server) == ["Bearer token-1", "Bearer token-2"]
    assert_clean(error, "token-1", "token-2")
    assert_usable(junction, server)


@each([bomb(code=401), does("in mid-body", head(401, content_length=9), behaviours.reset)])
def test_401_is_answered_with_a_fresh_token_whatever_its_body(connect, serve, fault):
    server = serve(fault, good)

    assert users(with_tokens(connect, server)) == [1]
    assert tokens_sent(server) == ["Bearer token-1", "Bearer token-2"]


# 3xx.


@pytest.fixture
def bystander(serve):
    """Another origin, which must not be spoken to."""
    server = serve(good)
    yield server
    assert not server.requests
    assert server.connections == 0


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_redirect_to_another_origin_or_port_is_never_followed(tries_once, bystander, code, host):
    fault = behaviours.redirect(code, f"http://{host}:{bystander.port}/v2")

    assert tries_once(fault, APIStatusError).status_code == code


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("from_tls", [True, False])
@pytest.mark.usefixtures("_trusted")
def test_redirect_to_another_scheme_is_never_followed(connect, serve, certified, code, from_tls):
    context = certified("127.0.0.1")
    bystander = serve(good, tls=None if from_tls else context)
    server = serve(behaviours.redirect(code, bystander.url), tls=context if from_tls else None)

    assert failure_of(connect(None, base_url=server.url)).status_code == code
    assert len(server.requests) == 1
    assert bystander.connections == 0


@pytest.mark.parametrize("code", [301, 307])
def test_redirect_to_itself_is_not_followed_either(tries_once, code):
    fault = behaviours.redirect(code, "/v2/introspect/historical_pull/")

    assert tries_once(fault, APIStatusError).status_code == code


@pytest.mark.parametrize("location", ["https://xn--/", "https://elsewhere:port/", "", "\x7f"])
def test_redirect_to_nowhere_is_a_status_like_any_other(tries_once, location):
    assert tries_once(behaviours.redirect(302, location), APIStatusError).status_code == 302


@pytest.mark.parametrize("code", [302, 307])
def test_redirect_is_not_followed_with_a_transport_and_settings_of_the_callers(
    connect, serve, bystander, code
):
    server = serve(behaviours.redirect(code, bystander.url), good)
    probe = connect(None, base_url=server.url)
    kind = type(probe._http._transport)
    junction = connect(None, base_url=server.url, transport=kind())
    junction._http.follow_redirects = True

    assert failure_of(junction).status_code == code
    assert len(server.requests) == 1


def test_request_of_the_clients_httpx_to_another_origin_has_no_credential(serve):
    """The auth itself knows its origin, should anything get round everything else."""
    other = serve(good)
    with Junction(api_key=KEY, base_url="http://127.0.0.1:1") as junction:
        assert junction._http.get(other.url).status_code == httpx.codes.OK

    assert "x-vital-api-key" not in other.requests[0].headers


# Afterwards.


def test_every_fault_one_after_the_other_leaves_one_idle_connection(connect, serve):
    groups = (behaviours.NO_RESPONSE, behaviours.NO_BODY, behaviours.NO_HTTP, behaviours.NO_JSON)
    faults = [fault for group in groups for fault in group]
    server = serve(*(each for fault in faults for each in (fault, fault, good)))
    junction = connect(None, base_url=server.url)

    assert [users(junction) for _ in faults] == [[1]] * len(faults)
    assert len(server.requests) == 3 * len(faults)
    server.script = in_turn(good)
    assert_usable(junction, server)
    assert len(connections_of(junction)._all) == 1
