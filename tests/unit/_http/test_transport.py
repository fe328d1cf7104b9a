"""`Transport` and `AsyncTransport`, as a caller builds them, and the private names below."""

import ssl
import warnings
from contextlib import ExitStack
from types import SimpleNamespace

import anyio
import httpcore
import httpx
import pytest
import trustme

from junction_introspect import AsyncTransport, ConfigurationError, Transport
from junction_introspect._http import private, transport
from junction_introspect._http.network import AsyncNetwork, Network
from junction_introspect._http.pool import AsyncPool, Pool
from junction_introspect._http.pooling import Connection, Connections
from junction_introspect.mock import MockServer, Population

KEY = "sk_us_0123456789"
BOTH = pytest.mark.parametrize("make", [Transport, AsyncTransport])
HTTPS = httpcore.Origin(b"https", b"api.example", 443)
HTTP = httpcore.Origin(b"http", b"api.example", 80)


def connections_of(made):
    pool = made._pool
    return pool.connections if isinstance(made, Transport) else pool._per_loop._make()


@BOTH
@pytest.mark.parametrize(
    ("proxy", "origin", "kind"),
    [
        (None, HTTPS, "HTTPConnection"),
        ("http://proxy.example:3128", HTTP, "ForwardHTTPConnection"),
        ("https://user:pass@proxy.example", HTTPS, "TunnelHTTPConnection"),
        (httpx.Proxy("http://proxy.example", headers={"x": "1"}), HTTPS, "TunnelHTTPConnection"),
        (httpx.URL("socks5h://user:pass@proxy.example"), HTTPS, "Socks5Connection"),
    ],
)
def test_proxy_says_what_kind_of_connection_is_made(make, proxy, origin, kind):
    connection = connections_of(make(proxy=proxy)).take(origin)

    assert type(connection.http).__name__.removeprefix("Async") == kind
    assert type(connection.network) is (Network if make is Transport else AsyncNetwork)


@BOTH
def test_socks_proxy_without_the_package_for_it_is_refused(make, monkeypatch):
    monkeypatch.setattr(transport, "find_spec", lambda _: None)

    with pytest.raises(ImportError, match="socks"):
        make(proxy="socks5://proxy.example")


@BOTH
def test_no_variable_is_read(make, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "ftp://nowhere")
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")

    assert "Tunnel" not in type(connections_of(make()).take(HTTPS).http).__name__


@BOTH
def test_limits_are_those_given(make):
    limits = httpx.Limits(max_connections=7, max_keepalive_connections=3)
    connections = connections_of(make(limits=limits))

    assert (connections.most, connections.most_idle) == (7, 3)
    connections = connections_of(make())
    assert (connections.most, connections.most_idle) == (100, 100)


@BOTH
def test_default_certificates_are_read_for_the_first_connection_with_tls(make, monkeypatch):
    contexts = []

    def read(*, verify, cert):
        contexts.append((verify, cert))
        return ssl.create_default_context()

    monkeypatch.setattr(transport, "ssl_context", read)
    made = make()
    connections_of(made).take(HTTP)
    assert not contexts

    connections_of(made).take(HTTPS)
    connections_of(made).take(HTTPS)
    assert contexts == [(True, None)]


@BOTH
def test_default_certificates_that_cannot_be_read_are_a_fault_of_the_configuration(
    make, monkeypatch
):
    def read(**_):
        raise FileNotFoundError

    monkeypatch.setattr(transport, "ssl_context", read)
    with pytest.raises(ConfigurationError, match="certificates cannot be read"):
        connections_of(make()).take(HTTPS)


@BOTH
def test_certificates_that_a_caller_names_are_read_at_once(make):
    with pytest.raises(OSError, match="No such file"):
        make(verify="/nowhere/ca.pem")


def test_certificates_are_verified_unless_told_otherwise(tmp_path):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    own = ssl.create_default_context()

    made = transport.ssl_context(verify=True, cert=None)
    assert (made.verify_mode, made.check_hostname) == (ssl.CERT_REQUIRED, True)
    made = transport.ssl_context(verify=False, cert=None)
    assert (made.verify_mode, made.check_hostname) == (ssl.CERT_NONE, False)
    assert transport.ssl_context(verify=own, cert=None) is own
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # httpx deprecates paths
        made = transport.ssl_context(verify=str(tmp_path / "ca.pem"), cert=None)
        assert len(made.get_ca_certs()) == 1
        transport.ssl_context(verify=str(tmp_path), cert=None)
    with pytest.raises(OSError, match="No such file"):
        transport.ssl_context(verify=str(tmp_path / "nowhere.pem"), cert=None)


@pytest.mark.parametrize("separately", [True, False])
def test_certificate_of_the_client_is_shown(tmp_path, separately):
    issued = trustme.CA().issue_cert("client.example")
    both, certificate, key = (tmp_path / name for name in ("both", "certificate", "key"))
    issued.private_key_and_cert_chain_pem.write_to_path(both)
    issued.cert_chain_pems[0].write_to_path(certificate)
    issued.private_key_pem.write_to_path(key)
    given = (str(certificate), str(key)) if separately else str(both)

    Transport(cert=given)
    with pytest.raises(OSError, match=r"\w"):
        Transport(cert=str(tmp_path / "nowhere"))


@pytest.fixture(scope="module")
def server():
    with MockServer(Population(5, seed=3), api_key=KEY) as running:
        yield running


REQUEST = {"url": "/v2/introspect/historical_pull", "headers": {"x-vital-api-key": KEY}}


def test_transport_works_for_any_client_of_httpx(server):
    with httpx.Client(transport=Transport(local_address="127.0.0.1"), base_url=server.url) as http:
        assert [http.get(**REQUEST).status_code for _ in range(3)] == [200] * 3
        connections = http._transport._pool.connections
        assert (connections.idle, connections.taken) == (1, 0)
    assert len(connections._all) == 0


def interrupted(*_):
    raise KeyboardInterrupt


async def interrupted_async(*_):
    raise KeyboardInterrupt


class Http:
    """A connection whose state is unchanged when Ctrl-C comes, and its network."""

    handle_request, handle_async_request = interrupted, interrupted_async
    is_idle = staticmethod(lambda: True)
    is_closed = has_expired = has_unread = staticmethod(lambda: False)
    closed = False

    def close(self):
        self.closed = True

    async def aclose(self):
        self.closed = True


class HttpWithResponse(Http):
    """As `Http`; Ctrl-C comes when its response is closed."""

    def handle_request(self, _):
        body = SimpleNamespace(close=interrupted, aclose=interrupted_async)
        return SimpleNamespace(stream=body)

    async def handle_async_request(self, request):
        return HttpWithResponse.handle_request(self, request)


@pytest.mark.parametrize("kind", [Http, HttpWithResponse])
@pytest.mark.parametrize("pool", [Pool, AsyncPool])
def test_connection_is_not_used_again_after_ctrl_c_in_its_request(pool, kind):
    """A lock of httpcore may have stayed held: the next request would wait for it forever."""
    request = httpcore.Request("GET", "http://api.example")
    http = kind()
    connections = Connections(lambda _: Connection(http, http))
    made = pool(lambda: connections)

    async def ask():
        await (await made.handle_async_request(request)).stream.aclose()

    with pytest.raises(KeyboardInterrupt):
        anyio.run(ask) if pool is AsyncPool else made.handle_request(request).stream.close()

    assert (len(connections._all), http.closed) == (0, True)


def test_connection_that_is_given_up_is_taken_out_by_one_thread_only(monkeypatch):
    """Two threads could close it twice, or overwrite what a third gives up meanwhile."""
    locked, to_close = [], Connections.to_close

    def watched(connections):
        locked.append(pool._lock.own.locked())
        return to_close(connections)

    monkeypatch.setattr(Connections, "to_close", watched)
    with Transport() as made:
        pool = made._pool
        pool.connections.take(HTTP)

    assert locked == [True]
    assert not pool.connections.closing


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_async_transport_works_for_any_client_of_httpx(server, backend):
    async def get():
        made = AsyncTransport(local_address="127.0.0.1")
        async with httpx.AsyncClient(transport=made, base_url=server.url) as http:
            assert [(await http.get(**REQUEST)).status_code for _ in range(3)] == [200] * 3
            connections = made._pool.connections
            assert (connections.idle, connections.taken) == (1, 0)
        assert len(connections._all) == 0

    anyio.run(get, backend=backend)


def test_connection_that_cannot_be_made_is_tried_again_as_often_as_told(monkeypatch):
    tried = []

    def refuse(self, *_, **__):
        tried.append(self)
        raise httpcore.ConnectError

    monkeypatch.setattr(Network, "connect_tcp", refuse)
    monkeypatch.setattr(Network, "sleep", lambda *_: None)
    with httpx.Client(transport=Transport(retries=2)) as http, pytest.raises(httpx.ConnectError):
        http.get("http://127.0.0.1:1")
    assert len(tried) == 3


# Names that are private in httpx and httpcore.


def test_names_are_where_they_are_looked_for():
    private.check.cache_clear()
    private.check()


@pytest.mark.parametrize(
    ("holder", "name"),
    [
        (httpx.HTTPTransport, "_pool"),
        (httpx.AsyncHTTPTransport, "_pool"),
        (httpcore.HTTPConnection, "_connection"),
        (httpcore.AsyncHTTPConnection, "_connection"),
        (httpcore.HTTP11Connection, "_h11_state"),
        (httpcore.AsyncHTTP11Connection, "_h11_state"),
    ],
)
@BOTH
def test_version_without_a_name_is_refused_when_a_transport_is_made(
    make, holder, name, monkeypatch
):
    initialize = holder.__init__

    def without_the_name(self, *arguments, **options):
        initialize(self, *arguments, **options)
        setattr(self, f"_renamed{name}", vars(self).pop(name))

    with ExitStack() as stack:
        stack.callback(private.check.cache_clear)
        private.check.cache_clear()
        monkeypatch.setattr(holder, "__init__", without_the_name)
        with pytest.raises(ConfigurationError, match=f"they no longer have {name}"):
            make()


def test_pool_of_ours_is_what_httpx_sends_to():
    made = Transport()
    request = httpx.Request("GET", "http://api.example/")
    response = httpcore.Response(204)
    private.use_pool(made, type("Pool", (), {"handle_request": lambda *_: response})())

    assert made.handle_request(request).status_code == 204


def test_bytes_beyond_a_response_are_found_in_connections_through_proxies_as_well():
    body = b"HTTP/1.1 204 No Content\r\n\r\n"
    for surplus in (b"", b"HTTP/1.1 200 OK\r\n"):
        stream = httpcore.MockStream([body + surplus])
        inner = httpcore.HTTP11Connection(HTTP, stream)
        inner.request("GET", "http://api.example/")
        outer = type("Proxied", (), {"_connection": inner})()

        assert private.has_surplus(inner) is private.has_surplus(outer) is bool(surplus)
