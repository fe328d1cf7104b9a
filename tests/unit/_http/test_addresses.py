"""Where requests go, and what is refused before any."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from junction_introspect import ConfigurationError, Environment
from junction_introspect._http.addresses import resolve_base_url
from junction_introspect._http.credentials import hidden
from junction_introspect.environments import environment_of_key
from openapi.documents import SPEC, load_plain

pytestmark = pytest.mark.any_specification

KEY = "sk_us_0123456789"


def resolve(api_key=None, environment=None, base_url=None):
    return resolve_base_url(api_key=hidden(api_key), environment=environment, base_url=base_url)


def test_environments_are_the_servers_of_the_specification():
    servers = {
        server["x-fern-server-name"]: server["url"] for server in load_plain(SPEC)["servers"]
    }

    assert {str(environment): environment.base_url for environment in Environment} == servers


def test_key_prefixes_are_those_of_the_documentation():
    assert {str(environment): environment.key_prefix for environment in Environment} == {
        "Production": "pk_us_",
        "ProductionEU": "pk_eu_",
        "Sandbox": "sk_us_",
        "SandboxEU": "sk_eu_",
    }


@pytest.mark.parametrize("environment", Environment)
def test_key_alone_tells_its_environment(environment):
    assert environment_of_key(f"{environment.key_prefix}x") is environment
    assert resolve(api_key=f"{environment.key_prefix}x") == environment.base_url


@pytest.mark.parametrize("key", ["", "x", "sk_", "sk_us", "SK_US_x", "pk_ca_x", " sk_us_x"])
def test_other_keys_are_of_no_environment(key):
    assert environment_of_key(key) is None


@pytest.mark.parametrize("environment", Environment)
@pytest.mark.parametrize("api_key", [None, "x"])
def test_environment_may_be_named_for_a_credential_that_tells_none(environment, api_key):
    assert resolve(api_key=api_key, environment=str(environment)) == environment.base_url
    assert resolve(api_key=api_key, environment=environment) == environment.base_url


@pytest.mark.parametrize("name", ["", "production", "PRODUCTION", "EU", "Production\n"])
def test_unknown_environment_is_refused_with_the_known_ones_named(name):
    with pytest.raises(ConfigurationError, match="unknown environment") as caught:
        resolve(api_key=KEY, environment=name)

    assert all(environment in str(caught.value) for environment in Environment)
    assert "\n" not in str(caught.value)


def test_key_with_an_unknown_prefix_needs_an_environment_or_an_address():
    with pytest.raises(ConfigurationError, match="prefix does not say which environment") as caught:
        resolve(api_key="unheard_of")

    assert "unheard_of" not in str(caught.value)


def test_token_needs_an_environment_or_an_address():
    with pytest.raises(ConfigurationError, match="access token does not say which environment"):
        resolve()


@pytest.mark.parametrize("of_key", Environment)
@pytest.mark.parametrize("asked", Environment)
@pytest.mark.parametrize(
    "named", [pytest.param(True, id="by name"), pytest.param(False, id="by address")]
)
def test_key_goes_to_its_own_environment_alone(of_key, asked, named):
    where = {"environment": asked} if named else {"base_url": asked.base_url}
    key = f"{of_key.key_prefix}x"

    if of_key is asked:
        assert resolve(api_key=key, **where) == asked.base_url
        return
    with pytest.raises(ConfigurationError, match=f"the key belongs to {of_key}, not to {asked}"):
        resolve(api_key=key, **where)


@pytest.mark.parametrize(
    "address",
    [
        "https://API.EU.JUNCTION.COM",
        "https://api.eu.junction.com:443/",
        "https://api.eu.junction.com:8443",
        "https://api.eu.junction.com/v2",
        "https://api.eu.junction.com./",
    ],
)
def test_another_environment_is_recognised_however_its_address_is_spelt(address):
    with pytest.raises(ConfigurationError, match="not to ProductionEU"):
        resolve(api_key="pk_us_x", base_url=address)


def test_naming_the_keys_environment_does_not_open_the_address_of_another():
    with pytest.raises(ConfigurationError):
        resolve(
            api_key="pk_us_x", environment="Production", base_url=Environment.PRODUCTION_EU.base_url
        )


def test_address_replaces_that_of_the_environment():
    arguments = {"environment": "Sandbox", "base_url": "https://gateway.example:8443/junction"}

    assert resolve(api_key=KEY, **arguments) == "https://gateway.example:8443/junction"


def test_address_does_not_open_an_environment_that_is_not_the_keys():
    with pytest.raises(ConfigurationError, match="the key belongs to Production, not to Sandbox"):
        resolve(api_key="pk_us_x", environment="Sandbox", base_url="https://gateway.example")


def test_address_serves_a_credential_that_tells_no_environment():
    assert resolve(base_url="https://gateway.example") == "https://gateway.example"
    assert resolve(api_key="x", base_url="https://gateway.example") == "https://gateway.example"


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost",
        "http://localhost:8080",
        "HTTP://LOCALHOST",
        "http://127.0.0.1:8080",
        "http://127.8.9.10",
        "http://[::1]:8080/path",
    ],
)
def test_loopback_may_be_unencrypted(address):
    assert resolve(api_key=KEY, base_url=address).scheme == "http"


@pytest.mark.parametrize(
    "address",
    [
        "http://api.sandbox.us.junction.com",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://0.0.0.0",
        "http://10.0.0.1",
        "http://[::2]",
    ],
)
def test_nothing_but_loopback_may_be_unencrypted(address):
    with pytest.raises(ConfigurationError, match="must be https"):
        resolve(api_key=KEY, base_url=address)


@pytest.mark.parametrize(
    "address",
    [
        "https://user@gateway.example",
        "https://user:word@gateway.example",
        "https://:word@gateway.example",
        "https://gateway.example?team=1",
        "https://gateway.example#top",
    ],
)
def test_address_has_no_user_query_or_fragment(address):
    with pytest.raises(ConfigurationError, match="may have only a scheme") as caught:
        resolve(api_key=KEY, base_url=address)

    assert "word" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "gateway.example",
        "//gateway.example",
        "https:gateway.example",
        "https://",
        "https:///path",
        "ftp://gateway.example",
        "https://gateway.example:port",
        "https://gateway\n.example",
        "https://[nonsense]",
        "https://" + "a" * 70_000,
        "https://" + "é" * 80,
        "https://xn--/",
        "https://\udc80",
        5,
    ],
)
def test_what_is_no_address_is_refused(address):
    with pytest.raises(ConfigurationError, match="base_url is not"):
        resolve(api_key=KEY, base_url=address)


@given(st.text(max_size=20), st.sampled_from(["", "https://", "http://", "https://xn--"]))
def test_no_address_makes_anything_but_a_configuration_error(text, scheme):
    try:
        url = resolve(api_key=KEY, base_url=scheme + text)
    except ConfigurationError:
        return
    assert url.scheme in {"http", "https"}
    assert url.host
