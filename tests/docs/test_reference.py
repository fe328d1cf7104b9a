"""The reference is complete: names, commands, options, errors, statuses, environments."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest
import typer

import junction_introspect
from docs.site import commands, reference
from junction_introspect import errors
from junction_introspect.cli import exits
from junction_introspect.cli.app import COMMANDS, app, loaded
from junction_introspect.environments import Environment
from tests.docs.pages import ROOT, read

# The package itself exports what is public in these; `cli` has a page of its own.
EXPORTED_ABOVE = {"async_client", "client", "environments", "operations", "pages", "retries", "cli"}

ERRORS = read("docs/reference/errors.md")
ROWS = dict(re.findall(r"^\| `(\w+Error)` \|(.*)\|$", ERRORS, flags=re.MULTILINE))


def test_every_public_module_is_in_the_reference():
    modules = {
        f"junction_introspect.{module.name}"
        for module in pkgutil.iter_modules(junction_introspect.__path__)
        if not module.name.startswith("_") and module.name not in EXPORTED_ABOVE
    }
    described = {name for name in reference.MODULES if name.startswith("junction_introspect.")}
    assert described == modules


@pytest.mark.parametrize("module", reference.MODULES)
def test_every_module_has_one_page_and_a_place_in_the_overview(module):
    places = [
        path.relative_to(ROOT / "docs/reference")
        for path in (ROOT / "docs/reference/api").glob("*.md")
        if f"<!-- generated: api {module} -->" in path.read_text(encoding="utf-8")
    ]
    (page,) = places
    assert f"({page.as_posix()})" in read("docs/reference/README.md")


def test_every_public_name_has_one_entry():
    entry = re.compile(r"^\.\. (?:auto\w+|py:\w+):: (\S+)\.(\w+)$", re.MULTILINE)
    entries = {
        (module, name)
        for page in map(reference.page, reference.MODULES)
        for module, name in entry.findall(page)
    }
    for module in reference.MODULES:
        loaded_module = importlib.import_module(module)
        for name in getattr(loaded_module, "__all__", None) or reference.names_of(module):
            value = getattr(loaded_module, name)
            places = [
                each
                for each, short in entries
                if short == name and getattr(importlib.import_module(each), name) is value
            ]
            assert len(places) == (not name.startswith("_")), f"{module}.{name}"


def test_every_command_and_option_is_on_the_page():
    page = commands.page()
    group = typer.main.get_command(app)
    for name, command in {
        "junction-introspect": group,
        **{each: loaded(each) for each in COMMANDS},
    }.items():
        section = page.partition(f"## `{name}`\n")[2].partition("\n## ")[0]
        lines = re.findall(r"^\.\. option:: (.*)$", section, flags=re.MULTILINE)
        shown = set(re.findall(r"(?<![\w-])--?[\w-]+", " ".join(lines)))
        options = {
            option
            for parameter in command.params
            if parameter.param_type_name == "option"
            for option in [*parameter.opts, *parameter.secondary_opts]
        }
        assert options
        assert options <= shown, name
        assert name == "junction-introspect" or f"$ junction-introspect {name}" in section


def test_every_exit_status_is_in_the_table():
    shown = re.findall(r"^\| (\d+) \|", commands.statuses(), flags=re.MULTILINE)
    assert [int(status) for status in shown] == list(exits.MEANINGS)


def test_table_of_errors_is_complete():
    classes = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type)
        and issubclass(value, errors.JunctionError)
        and value is not errors.JunctionError
    }
    assert set(ROWS) == classes


@pytest.mark.parametrize("name", ROWS)
def test_table_of_errors_tells_when_what_to_do_and_the_exit_status(name):
    when, what_to_do, status = (cell.strip() for cell in ROWS[name].split("|"))
    kind = getattr(errors, name)
    assert when
    assert what_to_do
    # The command line sweeps nothing.
    expected = "" if name.startswith("Sweep") else str(exits.status_of(kind.__new__(kind)))
    assert status == expected


def test_table_of_errors_names_the_statuses():
    for status in (401, 403, 404, 422, 429):
        when = ROWS[errors.error_class(status).__name__].split("|")[0]
        assert re.match(rf" {status}\b", when)


def test_error_that_the_package_exports_is_in_the_first_table():
    first = ERRORS.partition("## Of stores")[0]
    exported = {name for name in junction_introspect.__all__ if name.endswith("Error")}
    assert exported - {"JunctionError"} == set(re.findall(r"^\| `(\w+)` \|", first, re.MULTILINE))


def test_table_of_environments_is_that_of_the_code():
    page = read("docs/listing.md")
    for environment in Environment:
        row = f"| `{environment}` | `{environment.base_url}` | `{environment.key_prefix}…` |"
        assert row in page
