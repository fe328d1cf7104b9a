"""Hosts that can be one, and which proxy the variables name for an address."""

import httpx
import pytest

from junction_introspect import AsyncJunction, ConfigurationError, Junction, Transport
from junction_introspect._http.proxies import check_host, proxy_for

KEY = "sk_us_0123456789"
BOTH = pytest.mark.parametrize("client", [Junction, AsyncJunction])


@pytest.mark.parametrize(
    "url",
    [
        "https://api.us.junction.com",
        "https://api.us.junction.com.",
        "https://localhost:8443",
        f"https://{'a' * 63}.example",
        "https://bücher.example",
        "https://127.0.0.1:65535",
        "https://[2001:db8::1]:1",
        "https://under_score.example",
    ],
)
def test_host_that_can_be_one_is_taken(url):
    check_host(httpx.URL(url))


WRONG_HOSTS = [
    ("https://api..junction.com", "empty or too long"),
    ("https://.junction.com", "empty or too long"),
    ("https://api.junction.com..", "empty or too long"),
    (f"https://{'a' * 64}.example", "empty or too long"),
    (f"https://{'a.' * 130}example", "too long"),
    ("https://[", "not"),
    ("https://api%20.example", "not"),
    ("https://api.xn--.example", "not"),
    ("https://api.example:65536", "port"),
    ("https://api.example:0", "port"),
]


@pytest.mark.parametrize(("url", "why"), [*WRONG_HOSTS, ("https:///", "no host")])
def test_host_that_cannot_be_one_is_refused(url, why):
    with pytest.raises(ValueError, match=why):
        check_host(httpx.URL(url))


@BOTH
@pytest.mark.parametrize(("url", "why"), WRONG_HOSTS)
def test_client_of_a_host_that_cannot_be_one_is_refused_before_any_request(client, url, why):
    with pytest.raises(ConfigurationError, match=why):
        client(api_key=KEY, base_url=url)


@BOTH
@pytest.mark.parametrize("proxy", ["http://u:hunter2@a..b:80", "http://u:hunter2@p:70000"])
def test_proxy_of_a_host_that_cannot_be_one_is_refused_before_any_request(
    client, proxy, monkeypatch
):
    monkeypatch.setenv("HTTPS_PROXY", proxy)

    with pytest.raises(ConfigurationError, match="proxy") as caught:
        client(api_key=KEY)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("proxy", ["http://a..b", "ftp://proxy", "http://[", "http://:80"])
def test_transport_of_a_proxy_that_cannot_be_used_is_refused(proxy):
    with pytest.raises(ValueError, match=r"\w"):
        Transport(proxy=proxy)


@BOTH
@pytest.mark.parametrize(
    "exempt", ["localhost,127.0.0.0/8,::1/128", "[::1]", "bücher.example", "a..b", "://", "[", ",,"]
)
def test_no_entry_of_no_proxy_refuses_the_client(client, exempt, monkeypatch):
    monkeypatch.setenv("NO_PROXY", exempt)
    client(api_key=KEY)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")

    client(api_key=KEY)


def proxied(url, no="", **proxies):
    return proxy_for(httpx.URL(url), {"no": no, **proxies})


@pytest.mark.parametrize(
    ("proxies", "expected"),
    [
        ({}, None),
        ({"https": ""}, None),
        ({"http": "http://p"}, None),
        ({"https": "http://p"}, "http://p"),
        ({"https": "p:3128"}, "http://p:3128"),
        ({"all": "socks5://p"}, "socks5://p"),
        ({"https": "http://p", "all": "http://q"}, "http://p"),
    ],
)
def test_proxy_is_the_schemes_or_else_that_for_all(proxies, expected):
    assert proxied("https://api.example", **proxies) == expected


@pytest.mark.parametrize(
    ("entry", "url"),
    [
        ("*", "https://api.example"),
        ("api.example", "https://api.example"),
        ("API.Example", "https://api.example"),
        ("api.example.", "https://api.example"),
        ("example", "https://api.example"),
        (".example", "https://api.example"),
        ("*.example", "https://api.example"),
        ("other, api.example", "https://api.example"),
        ("api.example:443", "https://api.example"),
        ("api.example:8443", "https://api.example:8443"),
        ("https://api.example", "https://api.example"),
        ("all://api.example", "https://api.example"),
        ("bücher.example", "https://bücher.example"),
        ("bücher.example", "https://www.bücher.example"),
        (".bücher.example", "https://www.bücher.example"),
        ("xn--bcher-kva.example", "https://bücher.example"),
        ("localhost", "https://localhost"),
        ("127.0.0.1", "https://127.0.0.1:8080"),
        ("127.0.0.1:8080", "https://127.0.0.1:8080"),
        ("127.0.0.0/8", "https://127.9.9.9"),
        ("10.1.2.3/8", "https://10.9.9.9"),
        ("::1", "https://[::1]:8080"),
        ("[::1]", "https://[::1]:8080"),
        ("[::1]:8080", "https://[::1]:8080"),
        ("::1/128", "https://[::1]"),
        ("[fd00::]/8", "https://[fd00::9]"),
        ("0:0:0:0:0:0:0:1", "https://[::1]"),
    ],
)
def test_entry_of_no_proxy_exempts(entry, url):
    assert proxied(url, no=entry, all="http://p") is None


@pytest.mark.parametrize(
    ("entry", "url"),
    [
        ("", "https://api.example"),
        ("other.example", "https://api.example"),
        ("pi.example", "https://api.example"),
        (".api.example", "https://api.example"),
        ("api.example:8443", "https://api.example"),
        ("http://api.example", "https://api.example"),
        ("localhost", "https://www.localhost"),
        ("127.0.0.1", "https://127.0.0.2"),
        ("127.0.0.0/8", "https://api.example"),
        ("127.0.0.0/8", "https://[::1]"),
        ("::1/128", "https://127.0.0.1"),
        ("[::1]:8080", "https://[::1]"),
        (".", "https://api.example"),
        ("a..b", "https://api.example"),
        ("\ud800", "https://api.example"),
    ],
)
def test_entry_of_no_proxy_exempts_no_other(entry, url):
    assert proxied(url, no=entry, all="http://p") == "http://p"
