"""`doctor`: what it makes of what it finds, and what it finds."""

from __future__ import annotations

import io
import json
import socket
import ssl
import threading
from contextlib import contextmanager, redirect_stdout
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
import trustme

from junction_introspect import (
    APIConnectionError,
    APIError,
    APITimeoutError,
    ConfigurationError,
    Drift,
    Environment,
    Junction,
    Page,
    PaginationError,
    ResponseDecodeError,
    ResponseTooLargeError,
)
from junction_introspect._http.credentials import Secret
from junction_introspect.cli import checks, doctor, doctor_checks, doctor_network, exits, main
from junction_introspect.errors import error_class
from tests.support.payloads import encoded, page, statistics, user, user_id

pytestmark = pytest.mark.any_specification

KEY = "sk_us_0123456789"
NAMES = [
    "versions", "profile", "credential", "address", "network", "reachability", "clock", "answer",
    "response", "specification",
]  # fmt: skip
VARIABLES = (
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR",
)  # fmt: skip


def chained(error, *causes):
    """Return an error of httpx as it is raised: from httpcore's, from the system's."""
    inner = error
    for cause in causes:
        inner.__cause__ = cause
        inner = cause
    return error


@pytest.mark.parametrize(
    ("error", "found", "advice"),
    [
        (
            chained(httpx.ConnectError("x"), OSError("x"), socket.gaierror(-2, "Name or service")),
            "cannot be resolved",
            "DNS",
        ),
        (
            chained(httpx.ConnectError("x"), ssl.SSLCertVerificationError("x")),
            "is not trusted",
            "SSL_CERT_FILE",
        ),
        (chained(httpx.ConnectError("x"), ssl.SSLError("wrong version")), "TLS handshake", "port"),
        (chained(httpx.ConnectError("x"), ConnectionRefusedError()), "refused", "both addresses"),
        (httpx.ConnectError("x"), "no response came (ConnectError)", "firewall"),
        (httpx.ConnectTimeout("x"), "no response came in time", "firewall"),
        (httpx.ReadTimeout("x"), "no response came in time", "firewall"),
        (httpx.ProxyError("407 x"), "the proxy refused", "HTTPS_PROXY"),
        (httpx.RemoteProtocolError("x"), "no response came (RemoteProtocolError)", "proxy"),
    ],
)
def test_no_answer_is_5_and_named_by_what_lies_below(error, found, advice):
    check = doctor_network.unreachable(error)

    assert (check.name, check.mark, check.status) == ("reachability", "wrong", 5)
    assert found in check.found
    assert advice in check.advice


@pytest.mark.parametrize(
    ("status", "content_type", "found", "advice"),
    [
        (200, "text/html; charset=utf-8", "this is not the API", "log in"),
        (200, "Text/HTML", "this is not the API", "log in"),
        (511, "", "511 Network Authentication Required", "log in"),
        (407, "", "a proxy wants credentials", "HTTPS_PROXY"),
        (302, "", "302 Found: a redirect", "base URL"),
    ],
)
def test_answer_that_is_not_the_apis_needs_a_look(status, content_type, found, advice):
    check = doctor_network.reached(status, content_type)

    assert (check.mark, check.status) == ("look", 1)
    assert found in check.found
    assert advice in check.advice


@pytest.mark.parametrize("status", [200, 401, 403, 404, 429, 500, 503, 599])
def test_any_other_answer_is_an_answer(status):
    check = doctor_network.reached(status, "application/json")

    assert (check.mark, check.status, check.advice) == ("ok", 0, None)
    assert str(status) in check.found


EMPTY = Page([], None)


@pytest.mark.parametrize(
    ("error", "status", "advice"),
    [
        (error_class(401)(401), 4, "create one"),
        (error_class(403)(403), 4, "ask the team's owner"),
        (error_class(404)(404), 6, "correct the base URL"),
        (error_class(422)(422), 6, "upgrade"),
        (error_class(429)(429, retry_after=5), 6, "send fewer"),
        (error_class(503)(503), 6, "Junction's support"),
        (error_class(302)(302), 6, "base URL"),
        (error_class(418)(418), 6, "base URL"),
        (APITimeoutError("timed out"), 5, "delays responses"),
        (APIConnectionError("reset"), 5, "proxy"),
        (ResponseDecodeError("no JSON", well_formed=False), 7, "captive portal"),
        (ResponseDecodeError("Expected `object`"), 7, "make bump"),
        (ResponseTooLargeError(5), 7, "base URL"),
        (PaginationError("no cursor", page=EMPTY), 7, "Junction's support"),
        (APIError("something new"), 7, "Junction's support"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_every_error_has_its_sentence_its_advice_and_the_status_of_pulls(error, status, advice):
    check = doctor_checks.failed("answer", error)
    assert (check.mark, check.status, check.found) == ("wrong", status, str(error))
    assert check.status == exits.status_of(error)
    assert advice in check.advice


@pytest.mark.parametrize(
    ("ahead", "mark", "found"),
    [
        (0, "ok", "within 60 s"),
        (60, "ok", "within 60 s"),
        (-60, "ok", "within 60 s"),
        (61, "look", "1 min 1 s ahead of the server's"),
        (-7200, "look", "2 h behind the server's"),
    ],
)
def test_clock_is_held_against_the_date(ahead, mark, found):
    moment = datetime(2026, 1, 5, 12, tzinfo=UTC)
    check = doctor_network.clock(format_datetime(moment, usegmt=True), moment.timestamp() + ahead)

    assert (check.mark, check.status) == (mark, int(mark == "look"))
    assert found in check.found


def test_date_without_a_zone_is_gmt():
    noon = datetime(2026, 1, 5, 12, tzinfo=UTC).timestamp()

    assert doctor_network.clock("Mon Jan  5 12:00:00 2026", noon).mark == "ok"


@pytest.mark.parametrize("date", [None, "", "soon", "Mon, 99 Jan 2026 12:00:00 GMT"])
def test_clock_is_not_judged_without_a_date(date):
    assert doctor_network.clock(date, 0).mark == "skipped"


@pytest.mark.parametrize(
    ("key", "mark", "found"),
    [
        (None, "wrong", "is not set"),
        ("a b", "wrong", "JUNCTION_API_KEY contains white space"),
        (KEY, "ok", "a key for Sandbox (sk_us_...)"),
        ("other", "ok", "its prefix does not name"),
    ],
)
def test_key_is_judged_and_not_shown(key, mark, found):
    check = doctor_checks.credential(None if key is None else Secret(key), "JUNCTION_API_KEY")

    assert (check.mark, check.status) == (mark, 3 * (mark == "wrong"))
    assert found in check.found
    assert (check.advice is None) == (mark == "ok")
    assert key is None or key not in check.found


@pytest.mark.parametrize("environment", Environment)
def test_address_of_an_environment_is_named(environment):
    url = httpx.URL(environment.base_url)
    fitting = doctor_checks.address(url, "the key's prefix", Secret(environment.key_prefix + "x"))
    unknown = doctor_checks.address(url, "--environment", Secret("other"))

    assert (fitting.mark, unknown.mark, unknown.status) == ("ok", "look", 1)
    assert fitting.found == f"{url}, from the key's prefix, which is {environment}"
    assert environment.key_prefix in unknown.advice
    assert doctor_checks.address(url, "--environment", None).mark == "ok"


def test_proxies_are_told_without_their_credentials():
    check = doctor_network.network(
        {
            "HTTPS_PROXY": "http://me:secret@proxy.corp:3128/x",
            "http_proxy": "plain.corp:80",
            "ALL_PROXY": "http://[::1",
            "NO_PROXY": "localhost\x1b",
            "SSL_CERT_FILE": "/home/me/ca.pem",
            "HTTP_PROXY": "",
            "PATH": "/bin",
        },
        None,
    )

    assert check.mark == "ok"
    assert check.found == (
        "ALL_PROXY=(unreadable), HTTPS_PROXY=http://proxy.corp:3128, NO_PROXY=localhost\\x1b,"
        " SSL_CERT_FILE is set, http_proxy=http://plain.corp:80"
    )


@pytest.mark.parametrize(
    ("error", "found", "advice"),
    [
        (ImportError("socksio"), "SOCKS", "httpx[socks]"),
        (FileNotFoundError("x"), "certificates", "SSL_CERT_FILE"),
        (ssl.SSLError("x"), "certificates", "SSL_CERT_FILE"),
        (ValueError("x"), "proxy", "HTTPS_PROXY"),
        (httpx.InvalidURL("x"), "proxy", "HTTPS_PROXY"),
    ],
)
def test_settings_that_httpx_cannot_use_are_3(error, found, advice):
    check = doctor_network.network({"HTTPS_PROXY": "http://me:secret@p:x"}, error)

    assert (check.mark, check.status) == ("wrong", 3)
    assert found in check.found
    assert advice in check.advice
    assert "secret" not in check.found


def test_extra_is_installed_when_all_it_needs_is():
    requirements = [
        "httpx<0.29,>=0.28",
        "pyarrow>=17; extra == 'arrow'",
        'rich>=13.7; extra == "cli"',
        "typer; extra == 'cli'",
        "junction-introspect[arrow]; extra == 'dask'",
        "dask>=2024.8; extra == 'dask'",
        "junction-introspect[arrow,cli]; extra == 'all'",
    ]

    def extras(*packages):
        return doctor_checks.installed_extras(
            requirements, {"junction-introspect", *packages}.__contains__
        )

    assert extras() == ()
    assert extras("rich", "dask") == ()
    assert extras("rich", "typer") == ("cli",)
    assert extras("pyarrow", "dask") == ("arrow", "dask")
    assert extras("pyarrow", "rich", "typer") == ("all", "arrow", "cli")


def test_versions_name_the_extras():
    assert doctor_checks.versions({"httpx": "1"}, []).found == "httpx 1; extras: none"
    assert doctor_checks.versions({"httpx": "1"}, ["a", "b"]).found == "httpx 1; extras: a, b"


def test_status_is_that_of_the_first_that_is_wrong():
    look = doctor_network.reached(302, "")
    refused = doctor_checks.failed("answer", error_class(401)(401))
    fine = checks.ok("answer", "fine")
    unset = checks.wrong("address", ConfigurationError(), "no address", "set one")

    assert checks.status_of([]) == 0
    assert checks.status_of([fine, checks.skipped("clock", "x")]) == 0
    assert checks.status_of([look, fine]) == 1
    assert checks.status_of([look, unset, refused]) == 3
    assert checks.status_of([fine, look, refused]) == 4


def test_drift_needs_a_look():
    drift = Drift()
    assert doctor_checks.specification(drift).mark == "ok"
    drift.record_values([("status", "paused")])
    check = doctor_checks.specification(drift)
    assert (check.mark, check.status) == ("look", 1)
    assert "'paused'" in check.found
    assert "upgrade" in check.advice


# The command.


@pytest.fixture(autouse=True)
def _configured(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setenv("JUNCTION_API_KEY", KEY)


@pytest.fixture
def run(capsys):
    """Runs the command; returns its status and its checks by name."""

    def examine(*arguments):
        status = main(["doctor", "--format", "json", *arguments])
        out, err = capsys.readouterr()
        assert err == ""
        assert KEY not in out
        found = json.loads(out)
        assert [check["name"] for check in found] == NAMES
        return status, {check["name"]: check for check in found}

    return examine


@pytest.fixture
def answer(monkeypatch):
    """Answers what is asked without the key, and what is asked with it; keeps the requests."""

    def script(without, with_key=None):
        requests = []

        def handle(request):
            requests.append(request)
            given = with_key if "x-vital-api-key" in request.headers else without
            if isinstance(given, Exception):
                raise given
            if isinstance(given, httpx.Response):
                return given
            body = given if isinstance(given, bytes) else encoded(given)
            return httpx.Response(200, content=body)

        transport = httpx.MockTransport(handle)
        monkeypatch.setattr(doctor, "transport_by_variables", lambda *_: transport)
        monkeypatch.setattr(doctor, "Junction", partial(Junction, transport=transport))
        return requests

    return script


def marks(examined):
    return [check["mark"] for check in examined.values()]


def refusal(**headers):
    return httpx.Response(401, headers=headers)


def test_mock_is_in_order(junction_mock, run, monkeypatch):
    junction_mock.add_user("oura")
    monkeypatch.setenv("JUNCTION_API_KEY", junction_mock.api_key)

    status, examined = run("--base-url", junction_mock.url)

    assert (status, set(marks(examined))) == (0, {"ok"})
    assert "1 user" in examined["response"]["found"]


def test_one_request_without_the_key_and_one_with_it(run, answer):
    requests = answer(refusal(), page(user()))

    status, examined = run()

    assert status == 0
    assert marks(examined).count("ok") == 9  # a scripted answer has no date
    assert [request.url.path for request in requests] == ["/v2/introspect/historical_pull"] * 2
    assert {request.url.params["user_limit"] for request in requests} == {"1"}
    assert KEY not in str(requests[0].headers)
    assert examined["address"]["found"] == (
        "https://api.sandbox.us.junction.com, from the key's prefix, which is Sandbox"
    )


def test_nothing_of_the_user_is_shown(answer, capsys):
    answer(refusal(), page(user(7)))

    main(["doctor"])

    out, _ = capsys.readouterr()
    assert str(user_id(7)) not in out
    assert "51cc7d2d" not in out


def test_clock_of_the_server_is_that_of_its_date(run, answer, monkeypatch):
    noon = datetime(2026, 1, 5, 12, tzinfo=UTC)
    monkeypatch.setattr(doctor, "now", lambda: noon.timestamp() + 3600)
    answer(refusal(date=format_datetime(noon, usegmt=True)), page(user()))

    status, examined = run()

    assert status == 1
    assert examined["clock"]["found"] == "1 h ahead of the server's"


def test_without_a_key_what_can_be_checked_is(run, answer, monkeypatch):
    monkeypatch.delenv("JUNCTION_API_KEY")
    requests = answer(refusal())

    status, examined = run("--environment", "SandboxEU")

    assert (status, len(requests)) == (3, 1)
    assert marks(examined) == [
        "ok", "ok", "wrong", "ok", "ok", "ok", "skipped", "skipped", "skipped", "skipped",
    ]  # fmt: skip
    assert examined["answer"]["found"] == "not checked: there is no credential"


def test_without_key_and_address_nothing_is_sent(run, answer, monkeypatch):
    monkeypatch.setenv("JUNCTION_API_KEY", "a b")
    requests = answer(refusal())

    status, examined = run()

    assert (status, requests) == (3, [])
    assert examined["address"]["mark"] == "skipped"
    assert examined["specification"]["found"] == "not checked: there is no address"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("JUNCTION_BASE_URL", "https://api.sandbox.us.junction.com"),
        ("JUNCTION_ENVIRONMENT", "Sandbox"),
    ],
)
def test_address_names_where_it_comes_from(run, answer, monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    answer(refusal(), page())

    assert f", from {variable}, " in run()[1]["address"]["found"]
    assert ", from --environment, " in run("--environment", "Sandbox")[1]["address"]["found"]


def test_key_of_another_environment_is_3_and_nothing_is_sent(run, answer):
    requests = answer(refusal())

    status, examined = run("--environment", "Production")

    assert (status, requests) == (3, [])
    assert examined["address"]["found"] == "the key belongs to Sandbox, not to Production"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("HTTPS_PROXY", "foo://me:secret@proxy"),
        ("HTTPS_PROXY", "http://a:b:c"),
        ("SSL_CERT_FILE", "/nowhere/ca.pem"),
    ],
)
def test_settings_that_no_request_can_be_sent_with_are_3(run, monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)

    status, examined = run()

    assert status == 3
    assert examined["network"]["mark"] == "wrong"
    assert set(marks(examined)[5:]) == {"skipped"}
    assert "secret" not in str(examined)


def test_no_answer_is_5_and_ends_it(run, answer):
    requests = answer(httpx.ConnectError("x"))

    status, examined = run()

    assert (status, len(requests)) == (5, 1)
    assert marks(examined)[5:] == ["wrong", "skipped", "skipped", "skipped", "skipped"]


@pytest.mark.parametrize(
    ("given", "status", "expected"),
    [
        (httpx.Response(401), 4, ["wrong", "skipped", "skipped"]),
        (httpx.Response(503), 6, ["wrong", "skipped", "skipped"]),
        (httpx.ReadError("x"), 5, ["wrong", "skipped", "skipped"]),
        (b"<html>log in</html>", 7, ["ok", "wrong", "skipped"]),
        ({"data": [user()]}, 7, ["ok", "wrong", "ok"]),
        (page({"user_id": 7}), 7, ["ok", "wrong", "ok"]),
        (page(user(sleep=statistics(status="paused"))), 1, ["ok", "ok", "look"]),
        (page(surprise=1), 1, ["ok", "ok", "look"]),
    ],
)
def test_what_the_credential_brings_is_judged(run, answer, given, status, expected):
    requests = answer(refusal(), given)

    found, examined = run()

    assert (found, marks(examined)[-3:]) == (status, expected)
    assert len(requests) == 2  # no retries


def test_redirect_that_leads_nowhere_is_told_all_the_same(run, answer):
    answer(httpx.Response(302, headers={"location": "https://[nonsense"}), page())

    status, examined = run()

    assert (status, examined["reachability"]["mark"]) == (1, "look")


def test_package_run_from_its_sources_has_no_extras(run, answer, monkeypatch):
    def absent(_):
        raise doctor.metadata.PackageNotFoundError

    monkeypatch.setattr(doctor.metadata, "requires", absent)
    answer(refusal(), page())

    assert run()[1]["versions"]["found"].endswith("extras: none")


def test_package_that_is_not_there_is_not_installed():
    assert doctor._is_installed("httpx")
    assert not doctor._is_installed("no-such-package-anywhere")


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_lines_fit_the_terminal(answer, monkeypatch, columns):
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"NO_COLOR": "1", "TERM": "xterm", "COLUMNS": str(columns)}.items():
        monkeypatch.setenv(name, value)
    answer(refusal(), httpx.Response(401))
    out = Terminal()

    with redirect_stdout(out):
        assert main(["doctor"]) == 4

    text = out.getvalue().replace("\x1b[1m", "").replace("\x1b[0m", "")
    lines = text.splitlines()
    assert max(map(len, lines)) <= columns
    assert [each.split()[1] for each in lines if each[0] != " "] == NAMES
    assert " ".join(text.split()).endswith("there is no response")


def test_pipe_gets_a_line_a_check_and_one_for_what_to_do(answer, capsys):
    answer(refusal(), httpx.Response(401))

    main(["doctor"])

    lines = capsys.readouterr()[0].splitlines()
    assert len(lines) == len(NAMES) + 1
    assert lines[7].startswith("wrong    answer         401 Unauthorized")
    assert lines[8].strip().startswith("check that the key is complete")


@contextmanager
def serving(server):
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Answer(BaseHTTPRequestHandler):
    """Answers everything with 401 and the date of another century."""

    def do_GET(self):
        self.send_response_only(401)
        self.send_header("Date", "Sat, 01 Jan 2000 00:00:00 GMT")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def test_real_server_whose_clock_is_wrong(run):
    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Answer)) as port:
        status, examined = run("--base-url", f"http://127.0.0.1:{port}")

    assert status == 4
    assert examined["reachability"]["mark"] == "ok"
    assert examined["clock"]["mark"] == "look"
    assert "ahead of the server's" in examined["clock"]["found"]


def test_real_server_whose_certificate_is_unknown(run):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None
    with serving(server) as port:
        status, examined = run("--base-url", f"https://127.0.0.1:{port}")

    assert status == 5
    assert examined["reachability"]["found"] == (
        "the server's certificate is not trusted (ConnectError)"
    )


def test_real_server_that_speaks_no_tls(run):
    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Answer)) as port:
        status, examined = run("--base-url", f"https://127.0.0.1:{port}")

    assert status == 5
    assert examined["reachability"]["found"].startswith("the TLS handshake")


def test_real_port_where_nobody_listens(run):
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        status, examined = run("--base-url", f"http://127.0.0.1:{bound.getsockname()[1]}")

    assert status == 5
    assert examined["reachability"]["found"].startswith("the server, or its proxy, refused")


def test_name_that_does_not_exist(run, monkeypatch):
    def absent(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", absent)
    status, examined = run("--base-url", "https://nowhere.invalid")

    assert status == 5
    assert examined["reachability"]["found"].startswith("the name of the host, or of its proxy,")
