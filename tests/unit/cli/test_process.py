"""The command line as a process: closed and full outputs, signals, terminals, missing extras."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from junction_introspect import Junction
from junction_introspect.cli import main
from junction_introspect.mock import DEFAULT_API_KEY, MockServer, Population
from tests.support.limits import LIMIT
from tests.support.payloads import encoded, page, user, user_id

pytestmark = pytest.mark.any_specification

CLI = (sys.executable, "-m", "junction_introspect")
FULL = Path("/dev/full")


def in_proof(*arguments):
    """Return arguments of a process that only `make proof` starts: others are much like it."""
    return pytest.param(arguments, marks=pytest.mark.proof(only=True), id=" ".join(arguments))


needs_full = pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full")


@pytest.fixture(scope="module")
def server():
    with MockServer(Population(120, seed=1)) as running:
        yield running


@pytest.fixture
def environ(server):
    # Without coverage, which would triple what a process takes; other tests cover the same lines.
    outside = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE_")}
    return {
        **outside,
        "JUNCTION_API_KEY": DEFAULT_API_KEY,
        "JUNCTION_BASE_URL": server.url,
        "NO_PROXY": "*",
        "TERM": "xterm",
    }


@pytest.fixture
def start(environ):
    """Starts the command line; both streams are pipes of text unless told otherwise."""
    started = []

    def run(*arguments, program=CLI, **options):
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "env": environ}
        process = subprocess.Popen(  # noqa: S603 - the command line, as users start it
            [*program, *arguments], text=True, **pipes | options
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        with process:
            pass


def outcome(process):
    out, err = process.communicate(timeout=LIMIT)
    return process.returncode, out, err


@pytest.mark.parametrize("arguments", [("pulls", "--format", "ndjson"), in_proof("pulls")])
def test_reader_who_has_seen_enough_ends_it_quietly(start, arguments):
    # The whole is longer than a pipe holds, so it is being written when the pipe closes.
    process = start(*arguments)
    assert process.stdout.readline()
    process.stdout.close()
    assert process.wait(LIMIT) == 141
    assert process.stderr.read() == ""


@pytest.mark.parametrize(
    "arguments", [("pulls", "--limit", "1"), in_proof("--help"), in_proof("--version")]
)
def test_reader_who_is_gone_before_the_start_is_told_nothing(start, arguments):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as out:
        process = start(*arguments, stdout=out)
    assert outcome(process) == (141, None, "")


@needs_full
@pytest.mark.parametrize(
    "arguments",
    [
        ("pulls",),
        ("mock", "--port=0"),
        in_proof("pulls", "--format", "csv", "--limit", "1"),
        in_proof("--help"),
    ],
)
def test_full_disk_is_one_line_and_8(start, arguments):
    with FULL.open("w") as out:
        process = start(*arguments, stdout=out)
    reason = os.strerror(errno.ENOSPC)
    message = f"junction-introspect: cannot write the output: {reason}\n"
    assert outcome(process) == (8, None, message)


@needs_full
def test_stderr_that_cannot_be_written_changes_nothing(start, environ):
    environ["JUNCTION_API_KEY"] = "wrong"
    with FULL.open("w") as err:
        process = start("pulls", stderr=err)
    assert outcome(process) == (4, "", None)


def test_process_without_stdout_is_one_line_and_8(start):
    process = start("pulls", program=("sh", "-c", 'exec "$@" >&-', "sh", *CLI))
    status, _, err = outcome(process)
    assert status == 8
    assert err == "junction-introspect: there is no standard output to write to\n"


def test_complaints_stay_out_of_the_output_of_a_process_without_stderr(start, environ):
    environ["JUNCTION_API_KEY"] = "wrong"
    process = start("pulls", program=("sh", "-c", 'exec "$@" 2>&-', "sh", *CLI))
    assert outcome(process) == (4, "", "")


def test_file_holds_what_a_pipe_gets_and_a_pipe_no_progress(start, tmp_path):
    path = tmp_path / "pulls.ndjson"
    with path.open("w") as out:
        start("pulls", "--format", "ndjson", stdout=out).wait(LIMIT)
    assert outcome(start("pulls", "--format", "ndjson")) == (0, path.read_text(), "")


@pytest.mark.proof
def test_plain_ascii_locale_takes_every_output(start, environ, at_length):
    environ |= {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    kinds = (("pulls",), ("--help",), ("pulls", "--format", "ndjson"))
    for arguments in at_length(kinds[:1], kinds):
        status, out, err = outcome(start(*arguments))
        assert (status, err) == (0, "")
        assert out


class Hanging(ThreadingHTTPServer):
    """Serves one page, and leaves whoever asks for the next one waiting until it is released."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.asked, self.released = threading.Event(), threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}"


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        body = encoded(page(user(1), next_cursor="c2"))
        if "next_cursor=c2" in self.path:
            self.server.asked.set()
            self.server.released.wait(LIMIT)
            body = encoded(page(user(2)))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextmanager
def hanging():
    with Hanging() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.released.set()
            server.shutdown()
            thread.join()


def users_of(out):
    return list(dict.fromkeys(json.loads(line)["user_id"] for line in out.splitlines()))


COLLECTING = """
import gc
from junction_introspect.cli import main
before = gc.get_threshold()
main(["--version"])
assert gc.get_threshold() == before
main()
print(gc.get_threshold()[0] > before[0])
"""


def test_only_its_own_process_collects_garbage_less_often(start):
    status, out, _ = outcome(start("--version", program=(sys.executable, "-c", COLLECTING)))

    assert status == 0
    assert out.splitlines()[-1] == "True"


# A test run in the background ignores Ctrl-C, and so would a process that it starts.
LISTENING = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from junction_introspect.cli import main
sys.exit(main())
"""


def test_ctrl_c_during_a_listing_tells_where_to_resume(start):
    with hanging() as server:
        arguments = ("pulls", "--format", "ndjson", "--base-url", server.url)
        process = start(*arguments, program=(sys.executable, "-c", LISTENING))
        assert server.asked.wait(LIMIT)
        process.send_signal(signal.SIGINT)
        status, out, err = outcome(process)
        assert status == 130
        assert users_of(out) == [str(user_id(1))]
        message, _, hint = err.partition("; resume with ")
        assert message == "junction-introspect: interrupted"
        server.released.set()
        status, out, err = outcome(start(*arguments, *hint.split()))
    assert (status, users_of(out), err) == (0, [str(user_id(2))], "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_mock_lists_its_users_and_ends_cleanly_when_told_to(start, number):
    process = start("mock", "--port", "0", "--users", "3", "--seed", "5", "--api-key", "another")
    url = process.stdout.readline().strip()
    with Junction(api_key="another", base_url=url) as junction:
        listed = [user.user_id for user in junction.historical_pulls()]
    # There is nothing to control unless that is asked for.
    assert httpx.get(f"{url}/_mock/clock", headers={"x-vital-api-key": "another"}).is_client_error
    population = Population(3, seed=5)
    assert listed == [population.user_id(number) for number in range(3)]
    process.send_signal(number)
    assert outcome(process) == (0, "", "")


@contextmanager
def terminal(columns):
    """Open a terminal; yield its far end and a function that returns what was shown on it."""
    near, far = pty.openpty()
    fcntl.ioctl(far, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    shown = bytearray()

    def read():
        # Linux ends a terminal whose far end was closed with an error, other systems with nothing.
        try:
            while chunk := os.read(near, 65536):
                shown.extend(chunk)
        except OSError:
            return

    reader = threading.Thread(target=read)
    reader.start()

    ends = [far]

    def finish():
        while ends:
            os.close(ends.pop())
        reader.join()
        return shown.decode()

    try:
        yield far, finish
    finally:
        finish()
        os.close(near)


def as_seen(text):
    """Return the lines that a terminal ends up with, and no escape sequences but colours."""
    lines = []
    for line in text.split("\r\n"):
        seen = ""
        for part in line.split("\r"):
            seen = part + seen[len(part) :]
        lines.append(seen.rstrip())
    return lines


def test_terminal_sees_progress_while_it_waits_and_nothing_of_it_afterwards(start):
    with terminal(80) as (far, finish):
        process = start("pulls", "--format", "ndjson", stderr=far)
        status, out, _ = outcome(process)
        text = finish()
    assert status == 0
    assert "0 users, 0 pages so far" in text
    assert "120 users, " not in out
    assert as_seen(text) == [""]


BLOCKED = """
import sys
sys.modules.update(dict.fromkeys({modules!r}))
from junction_introspect.cli import main
sys.exit(main({arguments!r}))
"""


@pytest.mark.parametrize(
    ("missing", "arguments", "extra"),
    [
        ("typer", ["pulls"], "cli"),
        ("rich", ["pulls"], "cli"),
        ("fastapi", ["mock"], "mock"),
        ("uvicorn", ["mock"], "mock"),
    ],
)
def test_missing_extra_is_one_line_and_9(start, missing, arguments, extra):
    code = BLOCKED.format(modules=[missing], arguments=arguments)
    status, out, err = outcome(start(program=(sys.executable, "-c", code)))
    assert (status, out) == (9, "")
    assert err == (
        f"junction-introspect: {missing} is missing;"
        f" run pip install 'junction-introspect[{extra}]'\n"
    )


def test_listing_needs_nothing_of_the_mock(start):
    modules = ["fastapi", "uvicorn", "starlette"]  # newer versions of typer need pydantic
    code = BLOCKED.format(modules=modules, arguments=["pulls", "--limit", "1"])
    status, out, err = outcome(start(program=(sys.executable, "-c", code)))
    assert (status, err) == (0, "")
    assert out


def test_import_of_the_command_line_loads_no_extra(start):
    # httpx itself loads rich where it finds it, for a command line of its own.
    code = (
        "import sys, httpx;"
        "before = set(sys.modules);"
        "import junction_introspect.cli;"
        "extras = {'typer', 'rich', 'fastapi', 'uvicorn', 'pydantic'};"
        "print(extras & (sys.modules.keys() - before))"
    )
    assert outcome(start(program=(sys.executable, "-c", code))) == (0, "set()\n", "")


SIZES = [{}, {"COLUMNS": "0"}, {"COLUMNS": "1", "LINES": "0"}]


@pytest.mark.parametrize("command", ["pulls", "doctor"])
def test_table_says_the_same_whatever_size_is_claimed(command, server, monkeypatch, capsys):
    monkeypatch.setenv("JUNCTION_API_KEY", server.api_key)
    monkeypatch.setenv("JUNCTION_BASE_URL", server.url)
    monkeypatch.setenv("NO_PROXY", "*")
    said = []
    for size in SIZES:
        for name, text in size.items():
            monkeypatch.setenv(name, text)
        said.append((main([command]), capsys.readouterr()))
    assert said == said[:1] * len(SIZES)
    assert said[0][1].out.count("\n") > 5


@pytest.mark.proof
def test_terminal_has_the_size_that_it_has_whatever_is_claimed(start, environ, at_length):
    environ["NO_COLOR"] = "1"
    for size in at_length(SIZES[-1:], SIZES):
        environ |= size
        with terminal(80) as (far, finish):
            assert start("pulls", stdout=far, stderr=far).wait(LIMIT) == 0
            lines = as_seen(finish().replace("\x1b[1m", "").replace("\x1b[0m", ""))
        assert lines[-2].startswith("120 users, ")
        assert max(map(len, lines)) == 80
        assert all(line.isprintable() for line in lines)


ODD = [
    {"TERM": ""},
    {"TERM": "dumb"},
    {"TERM": "no-such-terminal"},
    {"LANG": "C", "LC_ALL": "no_SUCH.locale"},
    {"TZ": "Nowhere/Land"},
    {"NO_COLOR": "1", "FORCE_COLOR": "1"},
    {"PYTHONIOENCODING": "ascii"},
    {"PYTHONIOENCODING": "latin-1:strict"},
    {"PYTHONWARNINGS": "error"},
]
# Each at least once, and no two that would hide each other.
TOGETHER = [
    ODD[0] | ODD[3] | ODD[6] | ODD[8],
    ODD[1] | ODD[4] | ODD[7],
    ODD[2] | ODD[5],
]


@pytest.mark.parametrize(
    "variables",
    [
        *(pytest.param(each, id=str(each)) for each in TOGETHER),
        *(pytest.param(each, marks=pytest.mark.proof(only=True), id=str(each)) for each in ODD),
    ],
)
def test_odd_surroundings_cost_no_line_of_a_table(start, environ, variables):
    environ |= variables
    status, out, err = outcome(start("pulls"))
    assert (status, err) == (0, "")
    assert out.count("\n") > 100


FILES = """
import os, sys
from junction_introspect.cli import main, running
def run(argv):
    with open(os.devnull) as file:
        os.write(3, b"%d" % file.fileno())
    return 0
running._status = lambda *_: run(_)
sys.exit(main())
"""


@pytest.mark.parametrize("closed", ["<&- 2>&-", "2>&-"])
def test_no_file_takes_the_place_of_a_closed_stream(start, tmp_path, closed):
    path = tmp_path / "descriptor"
    shell = f'exec "$@" 3>{path} {closed}'
    process = start(program=("sh", "-c", shell, "sh", sys.executable, "-c", FILES))
    assert process.wait(LIMIT) == 0
    assert int(path.read_text()) > 2
