"""Shell completion: of commands, options and their values, and its scripts."""

from __future__ import annotations

import pytest

from junction_introspect.cli import config, main
from junction_introspect.enums import (
    LAB_VALUES,
    NON_RETRIABLE_ERROR_VALUES,
    PROVIDER_VALUES,
    RESOURCE_VALUES,
    RETRIABLE_ERROR_VALUES,
)

pytestmark = pytest.mark.any_specification


@pytest.fixture
def completed(monkeypatch, capsys):
    """Returns what bash is offered for the last word of a line."""

    def complete(line):
        monkeypatch.setenv("_JUNCTION_INTROSPECT_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", str(line.count(" ")))
        assert main([]) == 0
        out, err = capsys.readouterr()
        assert err == ""
        return out.split()

    return complete


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("junction-introspect s", ["summary", "stuck", "stale", "sync"]),
        ("junction-introspect pulls --f", ["--format", "--from"]),
        ("junction-introspect stuck --format ", ["table", "ndjson", "csv", "json"]),
        ("junction-introspect doctor --environment Sand", ["Sandbox", "SandboxEU"]),
    ],
)
def test_words_are_completed(completed, line, offered):
    assert completed(line) == offered


def test_values_of_the_specification_are_completed(completed):
    providers = PROVIDER_VALUES | LAB_VALUES
    assert set(completed("junction-introspect pulls --provider ")) == providers
    assert set(completed("junction-introspect watch --resource s")) == {
        name for name in RESOURCE_VALUES if name.startswith("s")
    }
    assert set(completed("junction-introspect stuck --status s")) == {"scheduled", "success"}
    assert completed("junction-introspect stuck --status no") == ["not_pulled"]
    assert set(completed("junction-introspect changes --error ")) == (
        RETRIABLE_ERROR_VALUES | NON_RETRIABLE_ERROR_VALUES
    )


def test_profiles_are_completed_unless_their_file_cannot_be_read(completed, tmp_path, monkeypatch):
    path = tmp_path / "config.toml"
    monkeypatch.setattr(config, "config_path", lambda: path)
    assert completed("junction-introspect pulls --profile ") == []
    path.write_text(
        '[[profile]]\nname = "staging"\nenvironment = "Sandbox"\nkey_env = "X"\n', encoding="utf-8"
    )
    assert completed("junction-introspect pulls --profile st") == ["staging"]
    path.write_text("[[", encoding="utf-8")
    assert completed("junction-introspect pulls --profile ") == []


@pytest.mark.parametrize(
    ("shell", "expected"), [("bash", "complete -o default"), ("zsh", "#compdef"), ("fish", "env ")]
)
def test_script_of_a_shell_calls_the_command_back(monkeypatch, capsys, shell, expected):
    monkeypatch.setattr("typer.completion._get_shell_name", lambda: shell)
    assert main(["--show-completion"]) == 0
    out = capsys.readouterr().out
    assert expected in out
    assert f"_JUNCTION_INTROSPECT_COMPLETE=complete_{shell}" in out


def test_installing_writes_into_the_home_directory(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr("typer._completion_shared._get_shell_name", lambda: "bash")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert main(["--install-completion"]) == 0
    assert "installed in" in capsys.readouterr().out
    script = tmp_path / ".bash_completions/junction-introspect.sh"
    assert "_JUNCTION_INTROSPECT_COMPLETE=complete_bash" in script.read_text(encoding="utf-8")
    assert str(script) in (tmp_path / ".bashrc").read_text(encoding="utf-8")


def test_shell_that_typer_does_not_know_is_an_error(monkeypatch, capsys):
    monkeypatch.setenv("_JUNCTION_INTROSPECT_COMPLETE", "complete_tcsh")
    assert main([]) == 1
    assert "tcsh not supported" in capsys.readouterr().err
