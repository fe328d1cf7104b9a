"""Arguments and environment variables, alone and through both clients."""

import httpx
import pytest

from junction_introspect import AsyncJunction, ConfigurationError, Environment, Junction
from junction_introspect._http import transport
from junction_introspect._http.configuration import configure
from junction_introspect._http.credentials import hidden

pytestmark = pytest.mark.any_specification

KEY = "sk_us_0123456789"

both_clients = pytest.mark.parametrize("client", [Junction, AsyncJunction])


def configured(environ=(), **arguments):
    arguments = {
        "environment": None,
        "base_url": None,
        **arguments,
        **{name: hidden(arguments.get(name)) for name in ("api_key", "access_token")},
    }
    url, auth = configure(**arguments, environ=dict(environ))
    request = next(auth.sync_auth_flow(httpx.Request("GET", url)))
    return str(url), request.headers.get("x-vital-api-key"), request.headers.get("authorization")


def test_key_is_read_from_its_variable():
    url, key, token = configured({"JUNCTION_API_KEY": KEY})

    assert (url, key, token) == (Environment.SANDBOX.base_url, KEY, None)


def test_key_given_beats_its_variable():
    assert configured({"JUNCTION_API_KEY": "pk_eu_left_over"}, api_key=KEY)[1] == KEY


def test_token_given_beats_the_variable_of_the_key():
    environ = {"JUNCTION_API_KEY": "pk_eu_left_over"}
    url, key, token = configured(environ, access_token="minted", environment="Sandbox")

    assert (url, key, token) == (Environment.SANDBOX.base_url, None, "Bearer minted")


@pytest.mark.parametrize("environ", [{}, {"JUNCTION_API_KEY": ""}])
def test_no_credential_is_refused_with_the_variable_named(environ):
    with pytest.raises(ConfigurationError, match="JUNCTION_API_KEY"):
        configured(environ)


def test_both_credentials_are_refused():
    with pytest.raises(ConfigurationError, match="either api_key or access_token"):
        configured(api_key=KEY, access_token="minted")


@pytest.mark.parametrize("argument", ["api_key", "access_token"])
@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        f"{KEY} ",
        f" {KEY}",
        f"{KEY}\n",
        f"{KEY}\r\nx-other: 1",
        "sk_us_\t0",
        "sk_us_\x000",
        "sk_us_\x7f0",
        "sk_us_é0",
        "sk_us_\u20280",
        "sk_us_\ud8000",
        5,
        b"sk_us_0123456789",
    ],
)
def test_malformed_credential_is_refused_and_not_repeated(argument, value):
    with pytest.raises(ConfigurationError, match=argument) as caught:
        configured(**{argument: value, "environment": "Sandbox"})

    assert "sk_us" not in str(caught.value)


@pytest.mark.parametrize("value", [f"{KEY}\n", " "])
def test_malformed_credential_in_the_variable_is_refused(value):
    with pytest.raises(ConfigurationError, match="api_key contains"):
        configured({"JUNCTION_API_KEY": value})


def test_environment_and_address_are_read_from_their_variables():
    environ = {"JUNCTION_API_KEY": "x", "JUNCTION_ENVIRONMENT": "SandboxEU"}

    assert configured(environ)[0] == Environment.SANDBOX_EU.base_url
    assert configured({**environ, "JUNCTION_BASE_URL": "http://127.0.0.1:8080"})[0] == (
        "http://127.0.0.1:8080"
    )


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"environment": "Sandbox"}, Environment.SANDBOX.base_url),
        ({"base_url": "https://gateway.example"}, "https://gateway.example"),
        ({"base_url": httpx.URL("https://gateway.example")}, "https://gateway.example"),
    ],
)
def test_either_argument_beats_both_variables(arguments, expected):
    environ = {
        "JUNCTION_ENVIRONMENT": "ProductionEU",
        "JUNCTION_BASE_URL": "https://left-over.example",
    }

    assert configured(environ, api_key=KEY, **arguments)[0] == expected


def test_empty_variables_are_unset():
    environ = {"JUNCTION_API_KEY": KEY, "JUNCTION_ENVIRONMENT": "", "JUNCTION_BASE_URL": ""}

    assert configured(environ)[0] == Environment.SANDBOX.base_url


def test_variable_is_held_against_the_key_as_an_argument_is():
    environ = {"JUNCTION_API_KEY": KEY, "JUNCTION_ENVIRONMENT": "ProductionEU"}

    with pytest.raises(ConfigurationError, match="the key belongs to Sandbox, not to ProductionEU"):
        configured(environ)


@both_clients
@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"api_key": ""},
        {"api_key": f"{KEY}\n"},
        {"api_key": "unheard_of"},
        {"api_key": KEY, "access_token": "minted"},
        {"access_token": "minted"},
        {"api_key": KEY, "environment": "Production"},
        {"api_key": KEY, "environment": "Elsewhere"},
        {"api_key": KEY, "base_url": Environment.SANDBOX_EU.base_url},
        {"api_key": KEY, "base_url": "http://gateway.example"},
        {"api_key": KEY, "base_url": "https://user@gateway.example"},
    ],
)
def test_client_set_up_wrongly_is_refused_before_any_request(client, arguments):
    with pytest.raises(ConfigurationError):
        client(**arguments)


@both_clients
@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"max_retries": -1}, ValueError),
        ({"max_retries": True}, TypeError),
        ({"max_retries": 2.0}, TypeError),
        ({"max_retries": "4"}, TypeError),
        ({"deadline": 0}, ValueError),
        ({"deadline": -1.0}, ValueError),
        ({"deadline": float("nan")}, ValueError),
        ({"deadline": "120"}, TypeError),
        ({"max_response_bytes": 0}, ValueError),
    ],
)
def test_impossible_option_is_refused_before_any_request(client, options, error):
    with pytest.raises(error):
        client(api_key=KEY, **options)


@both_clients
def test_client_reads_its_variables(client, monkeypatch):
    monkeypatch.setenv("JUNCTION_API_KEY", "pk_eu_0123456789")

    assert repr(client()) == f"<{client.__name__} at https://api.eu.junction.com>"


@both_clients
def test_clients_arguments_beat_its_variables(client, monkeypatch):
    monkeypatch.setenv("JUNCTION_API_KEY", "pk_eu_0123456789")
    monkeypatch.setenv("JUNCTION_ENVIRONMENT", "ProductionEU")

    assert "gateway.example" in repr(client(api_key=KEY, base_url="https://gateway.example"))


@pytest.mark.parametrize("client", [Junction, AsyncJunction])
@pytest.mark.parametrize(
    ("variable", "value", "what"),
    [
        ("HTTPS_PROXY", "foo://user:hunter2@proxy", "the address of a proxy"),
        ("HTTPS_PROXY", "http://user:hunter2@proxy:port", "the address of a proxy"),
        ("ALL_PROXY", "socks5://user:hunter2@proxy", "a SOCKS proxy"),
        ("SSL_CERT_FILE", "/nowhere/hunter2", "certificates cannot be read"),
    ],
)
def test_network_settings_that_cannot_be_used_are_told_without_their_values(
    client, variable, value, what, monkeypatch
):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv(variable, value)
    monkeypatch.setattr(transport, "find_spec", lambda _: None)  # no socksio

    with pytest.raises(ConfigurationError, match=what) as caught:
        client(api_key="sk_us_0123456789")

    assert "hunter2" not in str(caught.value)
    assert caught.value.__suppress_context__
