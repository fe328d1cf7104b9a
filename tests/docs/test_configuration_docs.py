"""What docs/configuration.md says, the code does."""

import inspect
import re
from pathlib import Path

import pytest

from junction_introspect import ConfigurationError, Junction
from junction_introspect.cli.app import VARIABLES, loaded
from junction_introspect.pages import KEPT_HEADERS
from junction_introspect.teams import Team, parse_profiles

DOCS = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
KEY = "sk_us_0123456789"


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", DOCS, re.MULTILINE | re.DOTALL)


def rows_of(header):
    """Return the first cell of each row of the table that has this header."""
    _, _, after = DOCS.partition(header)
    return re.findall(r"^\| `(\w+)` \|", after.partition("\n\n")[0], flags=re.MULTILINE)


def test_variables_are_those_of_the_help():
    assert rows_of("| variable | what it says |") == list(VARIABLES)


def test_fields_are_those_of_a_profile():
    assert rows_of("| field | |") == list(Team.__annotations__)


def test_options_are_those_of_the_clients():
    cells = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", DOCS.partition("| option |")[2], re.MULTILINE)
    told = [name for cell in cells for name in re.findall(r"\w+", cell)]
    options = inspect.signature(Junction).parameters
    assert set(told) <= set(options)
    assert options["max_retries"].default == 4


def test_headers_are_those_that_are_kept_and_refused():
    _, _, after = DOCS.partition("Only these headers are kept, and never a cookie: ")
    assert re.findall(r"`([\w-]+)`", after.partition(". A\nvalue")[0]) == list(KEPT_HEADERS)
    _, _, after = DOCS.partition("is a `ConfigurationError` that names it: ")
    for name in re.findall(r"`([\w-]+)`", after.partition(" and\nthe like")[0]):
        with pytest.raises(ConfigurationError):
            Junction(api_key=KEY, default_headers={name: "x"})


def test_profiles_are_valid():
    names = [profile.name for profile in parse_profiles(blocks("toml")[0], Path("/etc"))]
    assert names == ["staging", "production", "local"]


def test_commands_are_valid():
    for block in blocks("console"):
        for line in block.splitlines():
            _, command, *arguments = line.removeprefix("$ ").split()
            if not command.startswith("-"):
                loaded(command).make_context(command, arguments)


@pytest.fixture
def _files(tmp_path, monkeypatch):
    (tmp_path / "config.toml").write_text(blocks("toml")[0], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STAGING_JUNCTION_KEY", KEY)


@pytest.mark.usefixtures("_files")
def test_python_runs(capsys):
    for block in blocks("python"):
        exec(block, {})  # noqa: S102 - a block of the docs
    assert capsys.readouterr().out == "https://api.sandbox.us.junction.com\n"
