"""The names of the package, each imported from its module when it is first used."""

import ast
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

import junction_introspect
from docs.site.reference import MODULES, names_of


def imported_by(code):
    """Return the modules that a new interpreter has after some code."""
    script = f"import sys\n{code}\nprint(*sys.modules)"
    done = subprocess.run(  # noqa: S603 - this interpreter, and code that stands below
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("name", junction_introspect.__all__)
def test_public_name_can_be_had(name):
    assert getattr(junction_introspect, name) is not None
    assert name in dir(junction_introspect)


def test_name_that_there_is_not_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Jnction'"):
        junction_introspect.Jnction  # noqa: B018 - looking it up is what fails


def test_star_imports_every_public_name():
    names = {}
    exec("from junction_introspect import *", names)  # noqa: S102 - not allowed in a function

    assert set(junction_introspect.__all__) <= set(names)


def test_import_loads_no_client():
    assert {"httpx", "junction_introspect._http.session"}.isdisjoint(
        imported_by("import junction_introspect")
    )


def test_errors_need_no_client():
    imported = imported_by("from junction_introspect import APIError")

    assert {"attrs", "httpx", "msgspec"}.isdisjoint(imported)


@pytest.mark.skipif(httpx.__name__ == "httpx2", reason="httpx2 imports anyio and its own core")
def test_client_loads_what_its_first_request_needs():
    """Annotations may name more: that is imported by whoever reads them."""
    later = {
        "anyio.lowlevel",
        "httpcore",
        "junction_api.client",
        "junction_introspect.operations.connections",
        "junction_introspect.operations.resources",
        "stamina",
    }

    assert later.isdisjoint(imported_by("from junction_introspect import Junction"))


def test_names_are_those_that_a_type_checker_sees():
    (checked,) = (
        statement
        for statement in ast.parse(Path(junction_introspect.__file__).read_text("utf-8")).body
        if isinstance(statement, ast.If)
    )

    names = [alias.asname for each in checked.body for alias in each.names]
    assert sorted([*names, "__version__"]) == junction_introspect.__all__


def test_room_is_an_attribute_as_a_type_checker_takes_for_granted():
    script = "import junction_introspect as j; print(j.errors.RateLimitError is j.RateLimitError)"

    done = subprocess.run(  # noqa: S603 - this interpreter, and the code above
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout == "True\n"


def test_pyright_finds_every_public_name_in_an_installed_package(tmp_path):
    """In this project it reads the sources, where it does not ask whether a name is public."""
    pyright = pytest.importorskip("pyright")
    for module in MODULES:
        imports = [f"from {module} import {name}\n" for name in names_of(module)]
        (tmp_path / f"imports_{module}.py").write_text("".join(imports), encoding="utf-8")

    done = pyright.run("--pythonpath", sys.executable, cwd=tmp_path, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout
    assert "No source files" not in done.stdout
