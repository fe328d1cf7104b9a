"""The examples in the help: each is valid, and what can be run is run against the mock."""

from __future__ import annotations

import io
import shlex
import sys

import pytest

from junction_introspect.cli import config, main
from junction_introspect.cli.app import COMMANDS, loaded
from junction_introspect.cli.examples import EXAMPLES, USER
from junction_introspect.mock import MockServer, Population

pytestmark = pytest.mark.any_specification

# They run until somebody ends them, or for minutes.
ENDLESS = {"contract", "mock", "watch"}


@pytest.fixture(scope="module")
def server():
    with MockServer(Population(3, seed=1)) as running:
        yield running


@pytest.fixture
def _folder(server, tmp_path, monkeypatch):
    """A folder with the files that the examples name, and a profile for the mock."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("JUNCTION_API_KEY", server.api_key)
    monkeypatch.setenv("JUNCTION_BASE_URL", server.url)
    entry = f'name = "staging"\nbase_url = "{server.url}"\nkey_env = "JUNCTION_API_KEY"\n'
    (tmp_path / "teams.toml").write_text(f"[[team]]\n{entry}", encoding="utf-8")
    (tmp_path / "config.toml").write_text(f"[[profile]]\n{entry}", encoding="utf-8")
    monkeypatch.setattr(config, "config_path", lambda: tmp_path / "config.toml")
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{Population(3, seed=1).user(1).user_id}\n"))


def words(example):
    """Return the arguments of an example, without what the shell does with files."""
    found = shlex.split(example)
    return found[: next((at for at, word in enumerate(found) if word in {"<", ">"}), len(found))]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_examples_in_its_help_and_each_is_valid(name, capsys):
    assert main([name, "-h"]) == 0
    shown = capsys.readouterr().out.partition("Examples:")[2]
    assert EXAMPLES[name]
    for example in EXAMPLES[name]:
        assert f"junction-introspect {example}\n" in shown
        command, *arguments = words(example)
        assert command == name
        loaded(name).make_context(name, arguments)


@pytest.mark.usefixtures("_folder")
def test_examples_run(capsys):
    # `sync` first: it makes the store that other examples read.
    known = str(Population(3, seed=1).user(0).user_id)
    for name in sorted(EXAMPLES.keys() - ENDLESS, key=lambda name: name != "sync"):
        for example in EXAMPLES[name]:
            status = main([word.replace(USER, known) for word in words(example)])
            # 1 is a finding.
            assert status in {0, 1}, (example, status, capsys.readouterr())
