"""The commands: known by name, and imported when they are run."""

import pkgutil
import subprocess
import sys
from importlib import import_module

import pytest

from junction_introspect import cli
from junction_introspect.cli.app import COMMANDS, app, loaded

pytestmark = pytest.mark.any_specification

each_command = pytest.mark.parametrize("name", COMMANDS)
ENOUGH = 500


@each_command
def test_sentence_of_the_table_begins_the_commands_own_help(name):
    assert loaded(name).get_short_help_str(ENOUGH) == COMMANDS[name]


def test_every_command_is_in_the_table():
    for module in pkgutil.iter_modules(cli.__path__):
        import_module(f"junction_introspect.cli.{module.name}")

    names = {
        command.name or command.callback.__name__.replace("_", "-")
        for command in app.registered_commands
    }

    assert names == set(COMMANDS)


@each_command
def test_only_commands_that_retry_requests_promise_to_report_it(name):
    (verbose,) = (each for each in loaded(name).params if each.name == "verbose")

    without = {"changes", "contract", "doctor", "mock", "profiles"}
    assert ("retry" in verbose.help) == (name not in without)


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_what_needs_no_command_imports_none(arguments):
    script = (
        "import sys\nfrom junction_introspect.cli import main\nmain(sys.argv[1:])\n"
        "print(*sys.modules, file=sys.stderr)"
    )

    done = subprocess.run(  # noqa: S603 - this interpreter, and the code above
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True
    )

    imported = set(done.stderr.split())
    modules = {f"junction_introspect.cli.{name}" for name in ("tracking", *COMMANDS)}
    assert modules.isdisjoint(imported)
    assert {"attrs", "httpx", "msgspec", "stamina"}.isdisjoint(imported)
