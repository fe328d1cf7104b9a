from __future__ import annotations

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import httpx
import pytest

from openapi.documents import DocumentError
from openapi.fetch import PUBLISHED, fetch

pytestmark = pytest.mark.any_specification


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        status, headers, body = self.server.answers[self.path]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def serve():
    """Serves answers by path on a loopback port, and returns the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()

    def answer(**answers):
        server.answers = {f"/{path}": answer for path, answer in answers.items()}
        return f"http://127.0.0.1:{server.server_port}"

    yield answer
    server.shutdown()
    thread.join()
    server.server_close()


def test_default_is_the_vendors_published_document():
    assert PUBLISHED == "https://api.us.junction.com/openapi.json"


def test_url_is_downloaded(serve):
    address = serve(spec=(200, {}, "größe".encode()))
    assert fetch(f"{address}/spec") == "größe"


def test_file_is_read(tmp_path):
    path = tmp_path / "spec.yaml"
    path.write_text("größe", encoding="utf-8")
    assert fetch(str(path)) == "größe"


@pytest.mark.parametrize("to", ["/other", "http://127.0.0.1:1/", "https://example.com/"])
def test_redirect_is_not_followed(serve, to):
    address = serve(spec=(302, {"Location": to}, b""), other=(200, {}, b"x"))
    with pytest.raises(DocumentError, match=f"status 302, to '{to}', which is not followed"):
        fetch(f"{address}/spec")


@pytest.mark.parametrize("status", [204, 404, 500])
def test_other_status_is_named(serve, status):
    address = serve(spec=(status, {}, b""))
    with pytest.raises(DocumentError, match=f"status {status}$"):
        fetch(f"{address}/spec")


def test_too_much_is_refused(serve, tmp_path):
    address = serve(spec=(200, {}, b"x" * 1001))
    path = tmp_path / "spec.yaml"
    path.write_bytes(b"x" * 1001)
    for source in (f"{address}/spec", str(path)):
        with pytest.raises(DocumentError, match="more than 1000 bytes"):
            fetch(source, max_size=1000)


def test_what_comes_too_late_is_refused(serve, monkeypatch):
    address = serve(spec=(200, {}, b"x"))
    now = iter((0, 60, 60))
    # The module's own name for it: the server, in its thread, tells the time as well.
    monkeypatch.setattr("openapi.fetch.time", SimpleNamespace(monotonic=lambda: next(now)))
    with pytest.raises(DocumentError, match="not received within 30 seconds"):
        fetch(f"{address}/spec", deadline=30)


def test_no_utf_8_is_refused(serve):
    address = serve(spec=(200, {}, b"\xff"))
    with pytest.raises(DocumentError, match="not UTF-8"):
        fetch(f"{address}/spec")


@pytest.mark.parametrize("url", ["http://api.us.junction.com/openapi.json", "HTTP://10.0.0.1/"])
def test_plain_http_is_for_this_machine_only(url):
    with pytest.raises(DocumentError, match="https is required"):
        fetch(url)


def test_password_in_a_url_is_refused_and_not_repeated():
    with pytest.raises(DocumentError) as caught:
        fetch("https://me:s3cret@example.com/")
    assert "s3cret" not in str(caught.value)


def test_refused_connection_is_named():
    with pytest.raises(DocumentError, match="ConnectError"):
        fetch("http://127.0.0.1:1/spec")


@pytest.mark.parametrize("url", ["http://", "http://[::1", "https://exa mple.com:x/"])
def test_what_is_no_url_is_refused(url):
    with pytest.raises(DocumentError):
        fetch(url)


@pytest.mark.parametrize(
    "source",
    [
        "https://api..junction.com/openapi.json",
        f"https://{'a' * 64}.example/openapi.json",
        "https://api.example:70000/openapi.json",
        "https://xn--/openapi.json",
        "https://[/openapi.json",
    ],
)
def test_host_that_cannot_be_one_is_an_error(source):
    with pytest.raises(DocumentError, match="https://"):
        fetch(source)


@pytest.mark.parametrize(
    ("variable", "value", "what"),
    [
        ("HTTPS_PROXY", "ftp://me:hunter2@proxy.example", "address of a proxy"),
        ("HTTPS_PROXY", "http://me:hunter2@a..b", "address of a proxy"),
        ("HTTPS_PROXY", "http://me:hunter2@proxy:port", "address of a proxy"),
        ("ALL_PROXY", "socks5://me:hunter2@proxy.example", "SOCKS"),
        ("SSL_CERT_FILE", "/nowhere/hunter2.pem", "certificates"),
    ],
)
def test_variable_that_cannot_be_used_is_an_error_without_its_value(
    monkeypatch, variable, value, what
):
    monkeypatch.setitem(sys.modules, "socksio", None)
    monkeypatch.setenv(variable, value)

    with pytest.raises(DocumentError, match=what) as caught:
        fetch(PUBLISHED)
    assert "hunter2" not in str(caught.value)


def test_entry_of_no_proxy_that_httpx_cannot_take_is_understood(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid:3128")
    monkeypatch.setenv("NO_PROXY", "::1/128,127.0.0.0/8")
    chosen = []

    def client(**options):
        chosen.append(options["proxy"])
        raise ValueError

    monkeypatch.setattr(httpx, "Client", client)
    for url in ("https://127.0.0.1:1/", "https://[::1]:1/", "https://10.0.0.1:1/"):
        with pytest.raises(DocumentError):
            fetch(url)
    assert chosen == [None, None, "http://proxy.invalid:3128"]
