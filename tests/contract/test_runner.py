"""`junction-introspect contract`: exit statuses, one line per broken promise, safe reports."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
from contextlib import ExitStack
from itertools import count
from xml.etree import ElementTree as ET

import httpx
import pytest
from schemathesis.engine import events

from junction_introspect.cli import main
from junction_introspect.cli.contract import _lines
from junction_introspect.contract import suite
from junction_introspect.contract.api import (
    CONNECTIONS,
    MOST_LATE,
    Api,
    BrokenPromiseError,
    InProcess,
    Pace,
    UntestedError,
    require_order,
)
from junction_introspect.contract.engine import OPERATIONS, SETTINGS, Verdict, settings
from junction_introspect.contract.promises import PROMISES, broken
from junction_introspect.contract.reports import FILTERED, write_reports
from junction_introspect.contract.suite import Finding, Report, State, check_server
from junction_introspect.mock import MockServer, Population, create_app
from tests.contract.mutants import MUTANTS
from tests.contract.mutants.wrapping import answering, asking, paging
from tests.support.limits import LIMIT

pytestmark = pytest.mark.any_specification

KEY = "a-key-that-is-nobodys"
HEADER = "x-vital-api-key"
POPULATION = Population(16, seed=3)


@pytest.fixture
def _in_a_hurry(monkeypatch):
    """As considerate as ever, but at a rate that a test can wait for."""
    monkeypatch.setitem(SETTINGS, "rate-limit", "100000/s")


@pytest.fixture
def _promises_alone(monkeypatch, at_length):
    """In short, only the promises beyond schemathesis, whose findings are not what is tested."""
    if at_length(True, False):  # noqa: FBT003
        monkeypatch.setattr(suite, "judge", lambda *_, **__: Verdict())


@pytest.fixture
def run(monkeypatch, tmp_path, capsys):
    def run(*arguments, key=KEY):
        monkeypatch.setenv("JUNCTION_API_KEY", key)
        options = ["--reports", str(tmp_path / "reports"), "--examples", "5"]
        status = main(["contract", *options, *map(str, arguments)])
        return status, *capsys.readouterr()

    return run


@pytest.fixture
def serve(monkeypatch):
    """Serves a mutant over HTTP, or the mock itself."""
    with ExitStack() as stack:

        def serve(name=None):
            if name is not None:
                monkeypatch.setattr(
                    "junction_introspect.mock.server.create_app",
                    lambda *args, **options: MUTANTS[name].server(
                        create_app(*args, **options), options["api_key"]
                    ),
                )
            return stack.enter_context(MockServer(POPULATION, api_key=KEY)).url

        yield serve


@pytest.mark.proof
@pytest.mark.usefixtures("_in_a_hurry", "_without_links")
def test_a_server_that_keeps_everything_is_exit_status_0(run, serve):
    status, out, err = run("--url", serve())
    assert (status, err) == (0, "")
    assert "0 broken" in out


@pytest.mark.proof
@pytest.mark.usefixtures("_promises_alone")
def test_the_mock_can_be_checked_and_nothing_is_written_but_the_reports(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    status, out, err = run("--mock")
    assert (status, err) == (0, "")
    assert "0 broken" in out
    assert [path.name for path in tmp_path.iterdir()] == ["reports"]
    for path in (tmp_path / "reports").iterdir():
        assert str(path) in out
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ((), "give an address, or --mock instead"),
        (("--mock", "--url", "http://127.0.0.1:1"), "--mock cannot be combined with --url"),
        (("--mock", "--key-env", "X"), "--mock cannot be combined with --key-env"),
        (("--mock", "--key-file", "x"), "--mock cannot be combined with --key-file"),
    ],
)
def test_one_server_has_to_be_named(run, given, told):
    status, out, err = run(*given)
    assert (status, out) == (2, "")
    assert told in err


@pytest.mark.proof
@pytest.mark.usefixtures("_in_a_hurry", "_promises_alone")
def test_a_broken_promise_is_exit_status_1_and_a_line_that_names_it(run, serve):
    status, out, _ = run("--url", serve("next_says_otherwise"))
    assert status == 1
    (line,) = [line for line in out.splitlines() if line.startswith("broken")]
    assert "next_agrees_with_next_cursor: " in line


@pytest.mark.proof
@pytest.mark.usefixtures("_in_a_hurry", "_promises_alone")
def test_lenient_only_warns_of_what_the_vendor_does_not_document(run, serve):
    status, out, _ = run("--url", serve("range_backwards"), "--lenient")
    assert status == 0
    assert "warning  a_range_begins_before_it_ends: " in out


@pytest.mark.proof
@pytest.mark.usefixtures("_in_a_hurry", "_promises_alone")
def test_lenient_still_fails_what_the_vendor_documents(run, serve):
    status, out, _ = run("--url", serve("limit_exceeded_by_one"), "--lenient")
    assert status == 1
    assert "broken   user_limit_is_never_exceeded: " in out


@pytest.mark.proof
@pytest.mark.usefixtures("_without_links")
def test_a_server_without_users_leaves_promises_untested_and_breaks_none():
    report = check_server(create_app(Population(0, seed=1), api_key=KEY), KEY, examples=5)
    assert report.kept
    assert "timestamps_are_ordered" in {finding.name for finding in report.of(State.UNTESTED)}


NOT_OFFERED = {
    "/v2/introspect/resources": "no_count_is_negative",
    "/v2/user/providers/": "no_provider_is_connected_twice",
}


@pytest.mark.parametrize(
    "paths",
    [
        pytest.param([*NOT_OFFERED], id="both"),
        *(pytest.param([one], marks=pytest.mark.proof(only=True)) for one in NOT_OFFERED),
    ],
)
@pytest.mark.proof
@pytest.mark.usefixtures("_without_links")
def test_what_a_server_does_not_offer_is_left_out_and_said_so(paths):
    app = create_app(POPULATION, api_key=KEY)
    asked = []

    async def older(scope, receive, send):
        path = next((one for one in paths if scope.get("path", "").startswith(one)), None)
        if path is not None:
            asked.append(path)
            scope = {**scope, "path": "/nowhere"}
        await app(scope, receive, send)

    report = check_server(older, KEY, examples=5)
    assert report.kept
    untested = {finding.name: finding for finding in report.of(State.UNTESTED)}
    for path in paths:
        assert f"does not offer {path}" in str(untested[NOT_OFFERED[path]])
        assert any(name.startswith(path) for name in untested)
    assert sorted(asked) == sorted(paths)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://127.0.0.1:1", ""),
        ("http://api.example.com", KEY),
        ("https://user:secret@api.example.com", KEY),
        ("https://api.sandbox.us.junction.com", "pk_us_0123456789"),
    ],
)
def test_a_server_that_must_not_have_the_key_is_exit_status_3(run, url, key):
    status, out, err = run("--url", url, key=key)
    assert (status, out) == (3, "")
    assert err.startswith("junction-introspect: ")
    assert err.count("\n") == 1


@pytest.mark.usefixtures("_in_a_hurry", "_promises_alone")
def test_the_key_may_be_in_another_variable_or_in_a_file(run, serve, monkeypatch, tmp_path):
    url = serve()
    monkeypatch.setenv("THEIR_KEY", KEY)
    assert run("--url", url, "--key-env", "THEIR_KEY", key="")[0] == 0
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n")
    file.chmod(0o600)
    assert run("--url", url, "--key-file", file, key="")[0] == 0
    assert run("--url", url, "--key-file", file, "--key-env", "THEIR_KEY", key="")[0] == 3


def test_a_key_that_is_refused_is_exit_status_4(run, serve):
    status, out, err = run("--url", serve(), key="another")
    assert (status, out) == (4, "")
    assert "401" in err


def test_a_server_that_is_not_there_is_exit_status_5(run):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        status, out, err = run("--url", f"http://127.0.0.1:{unused.getsockname()[1]}")
    assert (status, out) == (5, "")
    assert err.count("\n") == 1


@pytest.mark.usefixtures("_in_a_hurry")
def test_promises_are_tested_by_an_optimized_python_too(serve):
    # ``python -O`` leaves assertions out.
    url = serve("limit_exceeded_by_one")
    code = (
        "import sys; from junction_introspect.contract import PROMISES;"
        "from junction_introspect.contract.api import Api;"
        "from junction_introspect.contract.promises import broken;"
        f"api = Api({url!r}, {KEY!r});"
        "sys.exit(broken(PROMISES['user_limit_is_never_exceeded'], api) is None)"
    )
    environ = {**os.environ, "NO_PROXY": "*", "no_proxy": "*"}
    command = [sys.executable, "-O", "-c", code]
    done = subprocess.run(command, env=environ, timeout=LIMIT, check=False)  # noqa: S603
    assert done.returncode == 0


def test_ctrl_c_ends_a_run(run, monkeypatch):
    class Engine:
        """Yields what schemathesis makes of Ctrl-C."""

        def execute(self):
            yield events.Interrupted(phase=None)

    monkeypatch.setattr("junction_introspect.contract.engine.from_schema", lambda _: Engine())
    status, out, _ = run("--mock")
    assert (status, out) == (130, "")


@pytest.mark.proof
@pytest.mark.usefixtures("_in_a_hurry", "_without_links")
def test_only_safe_methods_are_sent_to_a_server_that_others_use():
    methods = set()
    app = create_app(POPULATION, api_key=KEY)

    async def recording(scope, receive, send):
        methods.add(scope.get("method"))
        await app(scope, receive, send)

    check_server(recording, KEY, examples=5, considerate=True)
    assert methods - {None} == {"GET", "OPTIONS"}


def test_requests_are_kept_apart():
    now, waits = [100.0], []

    def sleep(seconds):
        waits.append(round(seconds, 3))
        now[0] += seconds

    app = create_app(POPULATION, api_key=KEY)
    with Api(app, KEY, Pace("10/s", lambda: now[0], sleep)) as api:
        for _ in range(3):
            api.get()
        now[0] += 60
        api.get()
    assert waits == [0.1, 0.1]


@pytest.mark.parametrize(
    "later", ["2025-10-01T12:00:00.5Z", "2025-10-01T13:30:00+01:00", "2025-10-01t12:00:00.5z"]
)
def test_times_are_compared_as_times_and_not_as_text(later):
    moment = "2025-10-01T12:00:00Z"
    require_order("somewhere", moment, None, later)
    with pytest.raises(BrokenPromiseError, match="at somewhere"):
        require_order("somewhere", later, moment)


def test_connections_that_cannot_be_read_are_named_and_break_no_promise_about_them():
    app = create_app(POPULATION, api_key=KEY)
    refused = CONNECTIONS.format(user_id=POPULATION.user_id(1))

    async def server(scope, receive, send):
        path = scope["path"]
        await app({**scope, "path": f"{path}x" if path == refused else path}, receive, send)

    with Api(server, KEY) as api:
        with pytest.raises(UntestedError, match="every_answer_can_be_used"):
            broken(PROMISES["no_provider_is_connected_twice"], api)
        said = broken(PROMISES["every_answer_can_be_used"], api)
    assert f"{refused}: expected 200 and a JSON object with providers, got 422" in said


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b'{"data": []}'), (200, b"[]"), (200, b'{"data"'), (404, b"{}"), (429, b""), (502, b"")],
)
@pytest.mark.usefixtures("_promises_alone")
def test_pages_that_cannot_be_used_are_one_finding_with_the_request(status, body):
    def spoil(answer, query):
        if answer.status == 200 and "user_id" in query:
            answer.status, answer.body = status, body

    report = check_server(answering(create_app(POPULATION, api_key=KEY), spoil), KEY, examples=1)
    (finding,) = report.of(State.BROKEN)
    assert finding.name == "every_answer_can_be_used"
    assert "GET http://mock/v2/introspect/historical_pull?user_limit=50&user_id=" in str(finding)
    assert "a_user_filter_returns_only_that_user" in {one.name for one in report.of(State.UNTESTED)}


def test_what_failed_in_several_runs_is_one_finding(monkeypatch):
    monkeypatch.setattr(suite, "judge", lambda *_, earlier, **__: earlier.errors.append("reset"))
    report = check_server(create_app(POPULATION, api_key=KEY), KEY, examples=1)
    assert [(one.name, one.details) for one in report.of(State.BROKEN)] == [
        ("the_run_itself", ["reset"] * 3)
    ]


def test_promises_untested_for_one_reason_share_a_line():
    untested = [Finding(name, "promises", State.UNTESTED, ["no users"]) for name in "abc"]
    alone = Finding("d", "promises", State.UNTESTED, ["a single page"])
    first, second, _ = _lines(Report([*untested, alone]))
    assert (first, second) == ("untested a and 2 more: no users", "untested d: a single page")


def test_cursors_may_be_encrypted_anew_for_every_response():
    def encrypt(page, _query):
        if page["next_cursor"]:
            page["next"] = page["next_cursor"] = f"{page['next_cursor']}~{next(numbers)}"

    def decrypt(query):
        query.update({name: query[name].partition("~")[0] for name in query if "cursor" in name})

    numbers = count()
    server = asking(paging(create_app(POPULATION, api_key=KEY), encrypt), decrypt)
    with Api(server, KEY) as api:
        for name in ("the_deprecated_cursor_leads_on", "no_cursor_repeats", "the_listing_ends"):
            assert broken(PROMISES[name], api) is None


def test_schemathesis_keeps_to_the_rate_where_others_use_the_server():
    generation = {"max-examples": 1}
    assert (
        settings(KEY, frozenset(), considerate=True, generation=generation)["rate-limit"] == "10/s"
    )
    assert "rate-limit" not in settings(KEY, frozenset(), considerate=False, generation=generation)


@pytest.fixture(scope="module")
def written(tmp_path_factory, _without_links):
    """The reports of a server that keeps nothing secret, and breaks a promise."""
    app = create_app(POPULATION, api_key=KEY)

    async def telling(scope, receive, send):
        async def tell(message):
            if message["type"] == "http.response.start":
                headers = [*message["headers"], (b"x-debug", f"you sent {KEY}".encode())]
                message = {**message, "status": 500, "headers": headers}
            await send(message)

        await app(scope, receive, tell if scope["type"] == "http" else send)

    report = check_server(telling, KEY, examples=5)
    return write_reports(report, tmp_path_factory.mktemp("reports"), KEY)


def test_reports_do_not_hold_the_key(written):
    for path in written:
        assert KEY not in path.read_text(encoding="utf-8")


def test_the_har_file_holds_every_request_and_filters_the_header(written):
    _, har = written
    entries = json.loads(har.read_text(encoding="utf-8"))["log"]["entries"]
    values = {
        header["value"]
        for entry in entries
        for header in entry["request"]["headers"]
        if header["name"].lower() == HEADER
    }
    assert len(entries) > 100
    assert values == {FILTERED}


def test_the_junit_file_has_a_test_case_for_each_promise(written):
    junit, _ = written
    suite_ = ET.fromstring(junit.read_text(encoding="utf-8"))  # noqa: S314  our own
    cases = {case.get("name"): case for case in suite_}
    assert cases["not_a_server_error"].find("failure") is not None
    assert len(cases) == int(suite_.get("tests")) > 30


def test_a_server_that_hangs_is_given_up_after_a_few_requests(monkeypatch):
    asked = []

    def hang(_transport, request):
        asked.append(request.url.path)
        raise httpx.ReadTimeout("too late")

    monkeypatch.setattr(InProcess, "handle_request", hang)
    report = check_server(create_app(POPULATION, api_key=KEY), KEY, examples=5)
    assert len(asked) <= MOST_LATE * len(OPERATIONS)
    (broken_,) = report.of(State.BROKEN)
    assert broken_.name == "every_answer_can_be_used"
    assert "ReadTimeout" in broken_.details[1]
    assert report.cases.total() == 0
