"""The credential: nowhere in what is shown, logged, pickled or rendered."""

import io
import logging
import pickle
import traceback

import httpcore
import httpx
import pytest

import junction_introspect
from junction_introspect import (
    APIError,
    AsyncJunction,
    AuthenticationError,
    ConfigurationError,
    Junction,
)
from junction_introspect._http.auth import Secret
from junction_introspect.mock import MockServer, Population
from tests.support.payloads import encoded, page

pytestmark = pytest.mark.any_specification

SECRET = "sk_us_5ecr3t0123456789"
LOGGERS = ("junction_introspect", httpx.__name__, httpcore.__name__, "stamina")

each_credential = pytest.mark.parametrize(
    "credential",
    [
        pytest.param({"api_key": SECRET}, id="key"),
        pytest.param(
            {"api_key": None, "access_token": SECRET, "environment": "Sandbox"}, id="token"
        ),
        pytest.param(
            {"api_key": None, "access_token": lambda: SECRET, "environment": "Sandbox"}, id="minted"
        ),
    ],
)


@pytest.fixture(scope="module")
def server():
    with MockServer(Population(5, seed=1), api_key=SECRET, access_token=SECRET) as running:
        yield running


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")


def frames_of(error):
    """Render what a crash reporter would: the frames with their locals, but for those of tests."""
    rendered = traceback.TracebackException.from_exception(error, capture_locals=True)
    assert rendered.__cause__ is None
    assert rendered.__context__ is None
    return [
        (frame.filename, frame.lineno, frame.locals)
        for frame in rendered.stack
        if "/tests/" not in frame.filename
    ]


def assert_not_shown(*things):
    for thing in things:
        assert SECRET not in repr(thing)
        assert SECRET not in str(thing)
        assert SECRET not in f"{thing}"
        assert SECRET not in f"{thing!a}"


@each_credential
def test_nothing_that_holds_the_credential_shows_it(scripted, credential):
    junction, _ = scripted(encoded(page()), **credential)
    listing = junction.historical_pulls()
    list(listing)
    client = getattr(junction, "_client", junction)

    assert_not_shown(
        *(client, vars(client), client._http, vars(client._http), client._http.headers),
        *(client._http._auth, vars(client._http._auth), client._options, client.drift, listing),
    )


def test_secret_shows_nothing_of_what_it_holds():
    assert_not_shown(Secret(SECRET), [Secret(SECRET)], {"key": Secret(SECRET)})
    assert not hasattr(Secret(SECRET), "__dict__")


@each_credential
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("kind", [Junction, AsyncJunction])
def test_client_cannot_be_pickled_and_the_attempt_writes_no_credential(kind, credential, protocol):
    client = kind(**credential)
    next(client._http._auth.sync_auth_flow(httpx.Request("GET", client._http.base_url)))

    for thing in (client, client._http, client._http._auth, client._http._auth._secret):
        written = io.BytesIO()
        # Python's own pickler writes as it goes along: what it has written shows how far it got.
        pickler = pickle._Pickler(written, protocol)
        with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
            pickler.dump(thing)
        pickler.framer.end_framing()
        assert SECRET.encode() not in written.getvalue()


def logged(caplog):
    return [record for record in caplog.records if record.name.split(".")[0] in LOGGERS]


def assert_not_logged(records):
    for record in records:
        assert SECRET not in record.getMessage()
        assert SECRET not in repr(vars(record))


@each_credential
def test_no_log_of_a_listing_over_a_socket_holds_the_credential(
    connect, server, credential, caplog
):
    caplog.set_level(logging.DEBUG)
    junction = connect(**{**credential, "environment": None}, base_url=server.url)

    assert len(list(junction.historical_pulls(user_limit=2))) == 5

    records = logged(caplog)
    assert {record.name.split(".")[0] for record in records} >= {httpx.__name__, httpcore.__name__}
    assert_not_logged(records)


@pytest.mark.usefixtures("_no_waits")
@each_credential
def test_no_log_of_a_failure_over_a_socket_holds_the_credential(connect, credential, caplog):
    caplog.set_level(logging.DEBUG)
    with MockServer(Population(5, seed=1)) as stopped:
        pass
    junction = connect(**{**credential, "environment": None}, base_url=stopped.url, max_retries=1)

    with pytest.raises(APIError):
        next(junction.historical_pulls())

    records = logged(caplog)
    assert {record.name.split(".")[0] for record in records} >= {
        "junction_introspect",
        httpcore.__name__,
    }
    assert_not_logged(records)


@each_credential
def test_no_log_of_a_refused_credential_holds_it(connect, credential, caplog):
    caplog.set_level(logging.DEBUG)
    with MockServer(Population(5, seed=1)) as other:
        junction = connect(**{**credential, "environment": None}, base_url=other.url)
        with pytest.raises(AuthenticationError) as caught:
            next(junction.historical_pulls())

    assert logged(caplog)
    assert_not_logged(logged(caplog))
    assert_not_shown(caught.value, vars(caught.value), frames_of(caught.value))


@pytest.mark.usefixtures("_no_waits")
@each_credential
@pytest.mark.parametrize(
    "answer",
    [
        *(401, 422, 503),
        *(b"<html>", b"null", b'{"data": []}', b'{"data": [{}], "next_cursor": null}'),
        (200, {"content-encoding": "br"}, b"?"),
        (200, {"content-encoding": "gzip"}, b"?"),
        (200, {}, b" " * 2000),
        (200, {}, b"{", httpx.ReadError("reset")),
        httpx.ConnectError("refused"),
        httpx.ReadTimeout(""),
        (307, {"location": "https://elsewhere.example"}),
    ],
)
def test_no_error_and_no_locals_of_its_traceback_hold_the_credential(scripted, credential, answer):
    junction, server = scripted(answer, max_retries=1, max_response_bytes=1000, **credential)

    with pytest.raises(APIError) as caught:
        next(junction.historical_pulls())

    assert SECRET in str(server.requests[0].headers.raw)
    assert frames_of(caught.value)
    assert_not_shown(caught.value, vars(caught.value), frames_of(caught.value))


def test_no_locals_hold_a_minted_token_that_is_malformed(scripted):
    junction, _ = scripted(
        200, api_key=None, access_token=lambda: f"{SECRET}\n", environment="Sandbox"
    )

    with pytest.raises(ConfigurationError) as caught:
        next(junction.historical_pulls())
    assert_not_shown(caught.value, frames_of(caught.value))


@pytest.mark.parametrize("kind", [Junction, AsyncJunction])
@pytest.mark.parametrize(
    ("key", "environment"),
    [(SECRET, "Production"), (SECRET, "Elsewhere"), (f"{SECRET}\n", ""), (f"x{SECRET}", "")],
)
def test_no_locals_hold_a_key_from_the_environment_that_is_refused(
    kind, key, environment, monkeypatch
):
    monkeypatch.setenv("JUNCTION_API_KEY", key)
    monkeypatch.setenv("JUNCTION_ENVIRONMENT", environment)

    with pytest.raises(ConfigurationError) as caught:
        kind()
    assert_not_shown(caught.value, frames_of(caught.value))


@pytest.mark.parametrize("kind", [Junction, AsyncJunction])
def test_crash_report_of_a_client_that_was_refused_can_be_rendered(kind):
    with pytest.raises(ConfigurationError) as caught:
        kind()

    assert frames_of(caught.value)


def test_logger_is_silent_until_it_is_configured():
    handlers = logging.getLogger(junction_introspect.__name__).handlers

    assert any(isinstance(handler, logging.NullHandler) for handler in handlers)
