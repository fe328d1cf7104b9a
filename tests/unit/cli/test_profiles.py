"""Profiles: what config.toml may say, which requests they lead to, and what is refused."""

from __future__ import annotations

import errno
import json
import os
import sys

import pytest

from junction_introspect.cli import config, main
from junction_introspect.mock import MockServer, Population

pytestmark = pytest.mark.any_specification

KEY = "sk_us_Zm9vYmFyYmF6cXV4"


@pytest.fixture(scope="module")
def server():
    with MockServer(Population(2, seed=1), api_key=KEY) as running:
        yield running


@pytest.fixture
def path(tmp_path, monkeypatch):
    found = tmp_path / "config.toml"
    monkeypatch.setattr(config, "config_path", lambda: found)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return found


@pytest.fixture
def write(path, server):
    """Writes config.toml; by default with a profile for the mock, whose key is in a file."""

    def written(text=None):
        (path.parent / "key").write_text(f"{KEY}\n", encoding="utf-8")
        (path.parent / "key").chmod(0o600)
        mocked = f'[[profile]]\nname = "mock"\nbase_url = "{server.url}"\nkey_file = "key"\n'
        path.write_text(mocked if text is None else text, encoding="utf-8")

    return written


@pytest.fixture
def cli(capsys):
    """Runs a command; returns its status, output and lines on stderr. Never shows the key."""

    def run(*arguments):
        status = main(list(arguments))
        out, err = capsys.readouterr()
        assert KEY not in out + err
        return (
            status,
            out,
            [line.removeprefix("junction-introspect: ") for line in err.splitlines()],
        )

    return run


def profile(**fields):
    lines = (f'{name} = "{value}"' for name, value in fields.items())
    return "\n".join(["[[profile]]", *lines, ""])


@pytest.mark.parametrize("how", ["option", "variable"])
def test_profile_gives_address_and_key_to_every_command(cli, write, how, monkeypatch):
    write()
    if how == "variable":
        monkeypatch.setenv("JUNCTION_PROFILE", "mock")
    arguments = ["--profile", "mock"] if how == "option" else []

    monkeypatch.chdir(config.config_path().parent)
    for command in (["pulls"], ["summary"], ["export", "--to", "part-*.csv"]):
        assert cli(*command, *arguments)[0] == 0


def test_named_profile_beats_variables_and_an_option_beats_it(cli, write, monkeypatch):
    write()
    monkeypatch.setenv("JUNCTION_API_KEY", "sk_us_0ther")
    monkeypatch.setenv("JUNCTION_BASE_URL", "http://127.0.0.1:1")
    assert cli("pulls", "--profile", "mock")[0] == 0
    status, _, (line,) = cli("pulls", "--profile", "mock", "--environment", "Production")
    assert (status, line) == (3, "the key belongs to Sandbox, not to Production")


def test_variables_beat_the_profile_of_the_variable(cli, write, server, monkeypatch):
    write(profile(name="other", environment="Production", key_env="NOT_SET"))
    monkeypatch.setenv("JUNCTION_PROFILE", "other")
    monkeypatch.setenv("JUNCTION_API_KEY", KEY)
    monkeypatch.setenv("JUNCTION_BASE_URL", server.url)
    assert cli("pulls")[0] == 0


def test_doctor_tells_the_profile_and_where_each_setting_is_from(cli, write):
    write()
    status, out, _ = cli("doctor", "--profile", "mock", "--format", "json")
    found = {check["name"]: check["found"] for check in json.loads(out)}
    assert status == 0
    assert found["profile"] == "mock, from --profile"
    assert "key, from profile mock, holds a key for Sandbox" in found["credential"]
    assert "from profile mock" in found["address"]


def test_doctor_tells_a_profile_that_cannot_be_used(cli, write):
    write()
    status, out, _ = cli("doctor", "--profile", "mokc", "--format", "json")
    _, check, *others = json.loads(out)
    assert (status, check["mark"]) == (3, "wrong")
    assert "did you mean `mock`?" in check["found"]
    assert {other["mark"] for other in others} == {"skipped"}


def test_doctor_tells_a_key_that_is_not_where_the_profile_says(cli, write):
    write(profile(name="p", environment="Sandbox", key_env="NOT_SET"))
    status, out, _ = cli("doctor", "--profile", "p", "--format", "json")
    found = {check["name"]: check for check in json.loads(out)}
    assert status == 3
    assert found["credential"]["found"] == "profile p: the variable NOT_SET is not set"


@pytest.mark.parametrize(
    "arguments",
    [
        ("stuck", "--from", "pulls.duckdb", "--profile", "mock"),
        ("export", "--from", "pulls.duckdb", "--to", "x-*.csv", "--profile", "mock"),
        ("sync", "--teams", "teams.toml", "--to", "pulls.duckdb", "--profile", "mock"),
    ],
)
def test_profile_that_would_do_nothing_is_refused(cli, write, arguments):
    write()
    status, _, (line,) = cli(*arguments)
    assert status == 2
    assert "cannot be combined with" in line


def test_store_is_read_without_the_profile_of_the_variable(cli, path, monkeypatch, tmp_path):
    monkeypatch.setenv("JUNCTION_PROFILE", "nowhere")
    status, _, (line,) = cli("stuck", "--from", str(tmp_path / "none.duckdb"))
    assert status == 10
    assert "profile" not in line
    assert not path.exists()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f'[[profile]]\nname = "x"\nkey_env = "{KEY}"\n', "line 3 has what looks like a key"),
        (profile(name="x", environment="Sandbox", api_key="y"), "a key does not belong here"),
        (profile(name="x", key_env="X"), "profile 1 ('x'): give environment or base_url"),
        (profile(name="x", environment="Sandbox"), "give either key_env or key_file"),
        (profile(name="x", environment="Moon", key_env="X"), "unknown environment 'Moon'"),
        (profile(name="x", environment="Sandbox", key_env="X") * 2, "more than one profile 'x'"),
        (profile(name="x", environment="Sandbox", key_env="X", colour="red"), "colour: unknown"),
        ("[profile.x]\n", "has no [[profile]]"),
        ("[[team]]\n", "team: unknown; profiles are tables named [[profile]]"),
        ("a = " + "[" * 5000, "nested too deeply"),
        ("x = ", "is not TOML"),
        ("[[profile]]\nname = '\0'\n", "is not TOML"),
    ],
)
def test_what_is_wrong_in_the_file_is_one_line_that_names_it(cli, write, path, text, reason):
    write(text)
    for command in (["pulls", "--profile", "x"], ["profiles"]):
        status, out, (line,) = cli(*command)
        assert (status, out) == (3, "")
        assert line.startswith(f"{path}: ")
        assert reason in line


def make_folder(path):
    path.mkdir()


def make_pipe(path):
    os.mkfifo(path)


def make_loop(path):
    path.symlink_to(path)


def make_dangling(path):
    path.symlink_to(path.parent / "nowhere")


def make_latin(path):
    path.write_bytes(b"# caf\xe9\n")


def make_large(path):
    path.write_bytes(b"#" * (4 * 1024 * 1024 + 1))


@pytest.mark.skipif(os.name != "posix", reason="there are no such files")
@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (make_folder, "Is a directory"),
        (make_pipe, "is not a regular file"),
        (make_loop, "is a symbolic link that leads back to itself"),
        (make_dangling, "No such file or directory"),
        (make_latin, "is not in UTF-8"),
        (make_large, "is larger than 4,194,304 bytes"),
    ],
)
def test_odd_file_is_one_line_that_names_it(cli, path, make, reason):
    make(path)
    status, _, (line,) = cli("pulls", "--profile", "x")
    assert status == 3
    assert str(path) in line
    assert reason in line


@pytest.mark.skipif(os.name != "posix", reason="there are no such links")
def test_folder_that_leads_back_to_itself_is_named(cli, tmp_path, monkeypatch):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    monkeypatch.setattr(config, "config_path", lambda: tmp_path / "loop" / "config.toml")
    status, _, (line,) = cli("profiles")
    assert (status, str(tmp_path / "loop") in line) == (3, True)


def test_folder_that_may_not_be_read_is_told_and_not_taken_for_empty(cli, path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(type(path), "lstat", refuse)
    monkeypatch.setattr(os, "open", refuse)
    status, _, (line,) = cli("pulls", "--profile", "x")
    assert (status, line) == (3, f"cannot read {path}: Permission denied")


def test_missing_package_is_told_with_its_extra(cli, monkeypatch):
    monkeypatch.setitem(sys.modules, "platformdirs", None)
    assert cli("profiles") == (
        9,
        "",
        ["platformdirs is missing; run pip install 'junction-introspect[cli]'"],
    )


def test_file_is_not_read_unless_a_profile_is_named(cli, write, server, monkeypatch):
    write("x = ")
    monkeypatch.setenv("JUNCTION_API_KEY", KEY)
    assert cli("pulls", "--base-url", server.url)[0] == 0


def test_unknown_profile_is_told_with_those_there_are(cli, write, path):
    status, _, (line,) = cli("pulls", "--profile", "x")
    assert (status, line) == (3, f"there is no profile 'x': none is in {path}")
    write()
    assert cli("pulls", "--profile", "x")[2] == [f"there is no profile 'x': {path} has mock"]


def test_key_given_as_a_profile_is_not_repeated(cli, write):
    write()
    assert cli("pulls", "--profile", KEY)[2] == ["a key was given as the name of a profile"]


def test_command_lists_and_checks_without_sending(cli, write, path, monkeypatch):
    monkeypatch.setenv("STAGING_KEY", KEY)
    monkeypatch.setenv("JUNCTION_PROFILE", "staging")
    write(
        profile(name="staging", environment="Sandbox", key_env="STAGING_KEY")
        + profile(name="unset", base_url="http://127.0.0.1:1", key_env="NOT_SET")
        + profile(name="production", environment="Production", key_env="STAGING_KEY")
    )
    status, out, (line,) = cli("profiles", "--format", "json")
    staging, unset, production = json.loads(out)
    assert (status, line) == (3, f"profiles of {path}")
    assert staging["mark"] == "ok"
    assert staging["found"] == (
        "Sandbox, https://api.sandbox.us.junction.com, with the key in the variable STAGING_KEY;"
        " chosen by JUNCTION_PROFILE"
    )
    assert (unset["mark"], unset["advice"]) == ("wrong", "the variable NOT_SET is not set")
    assert production["advice"] == "the key belongs to Sandbox, not to Production"


def test_command_without_profiles_names_the_file(cli, path, write):
    assert cli("profiles") == (0, "", [f"there are no profiles: {path} does not exist"])
    write("")
    status, out, lines = cli("profiles", "--format", "json")
    assert (status, json.loads(out)) == (0, [])
    assert lines == [f"there are no profiles: {path} has no [[profile]]"]


@pytest.mark.skipif(os.name != "posix", reason="files have no such modes")
def test_key_file_that_everybody_may_read_is_told(cli, write, path):
    write()
    (path.parent / "key").chmod(0o644)
    status, out, _ = cli("profiles")
    assert status == 1
    assert "chmod 600" in out
    status, out, _ = cli("doctor", "--profile", "mock")
    assert status == 1
    assert f"chmod 600 {path.parent / 'key'}" in out
    status, _, lines = cli("pulls", "--profile", "mock")
    assert status == 0
    assert "everybody on this machine may read or change" in lines[0]


def test_file_is_where_the_platform_keeps_settings(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    found = config.config_path()
    assert found.parts[-2:] == ("junction-introspect", "config.toml")
    assert tmp_path in found.parents
