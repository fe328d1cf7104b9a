"""Modules that need an extra: without it each says which, and how to install it."""

from __future__ import annotations

import pickle
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from junction_introspect import JunctionError
from junction_introspect._extras import EXTRAS, extra_of
from junction_introspect.errors import MissingExtraError
from tests.support.limits import LIMIT

pytestmark = pytest.mark.any_specification

ROOT = Path(__file__).parents[2]
DECLARED = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
    "optional-dependencies"
]

# What the packages of all extras bring, apart from what httpx needs too.
BARE = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Absent())
import junction_introspect
from junction_introspect import JunctionError
"""
ABSENT = {
    *(
        "dask",
        "distributed",
        "duckdb",
        "fastapi",
        "filelock",
        "fsspec",
        "jinja2",
        "pyarrow",
        "pydantic",
    ),
    *("pytest", "pytz", "rich", "ruamel", "schemathesis", "starlette", "typer", "uvicorn"),
}

SAID = """
import importlib
for name in {modules!r}:
    try:
        importlib.import_module(name)
    except ImportError as error:
        print(name, isinstance(error, JunctionError), error)
    else:
        print(name, "was imported")
with junction_introspect.Junction(api_key="key", base_url="http://127.0.0.1:1") as junction:
    try:
        junction.historical_pulls().to_arrow()
    except ImportError as error:
        print("to_arrow", isinstance(error, JunctionError), error)
"""


def run(code, *arguments):
    done = subprocess.run(  # noqa: S603 - this interpreter, and code that stands here
        [sys.executable, "-c", BARE.format(absent=ABSENT) + code, *arguments],
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_a_bare_install_names_the_extra_of_every_module():
    # The command line itself can be imported: it says so when it runs.
    modules = [name for name in EXTRAS if name != "junction_introspect.cli"]
    status, out, err = run(SAID.format(modules=modules))
    assert (status, err) == (0, "")
    lines = dict(line.split(" ", 1) for line in out.splitlines())
    assert lines.keys() == {*modules, "to_arrow"}
    for name, said in lines.items():
        extra = EXTRAS.get(name, "arrow")
        assert said.startswith("True ")
        assert said.endswith(f" is missing; run pip install 'junction-introspect[{extra}]'")


def test_a_bare_install_tells_its_version():
    status, out, err = run(
        "from junction_introspect.cli import main; sys.exit(main())", "--version"
    )
    assert (status, err) == (0, "")
    assert out.startswith("junction-introspect ")


def test_a_bare_install_names_the_extra_of_the_command_line():
    status, out, err = run("from junction_introspect.cli import main; sys.exit(main())", "--help")
    assert (status, out) == (9, "")
    assert err.endswith(" is missing; run pip install 'junction-introspect[cli]'\n")


def test_every_extra_is_named_by_a_module_and_the_other_way_round():
    assert {*EXTRAS.values()} == DECLARED.keys() - {"all"}


def test_all_is_all():
    (line,) = DECLARED["all"]
    assert line == f"junction-introspect[{','.join(sorted(DECLARED.keys() - {'all'}))}]"


def test_a_defect_in_an_import_of_ours_is_no_missing_extra():
    def import_of_ours():
        raise ModuleNotFoundError(name="junction_introspect.nowhere")

    with pytest.raises(ModuleNotFoundError) as caught, extra_of("junction_introspect.mock"):
        import_of_ours()
    assert not isinstance(caught.value, MissingExtraError)


def test_the_outer_of_two_extras_is_named():
    def missing():
        raise ModuleNotFoundError(name="pyarrow.parquet")

    with (
        pytest.raises(MissingExtraError, match=r"pyarrow is .*\[dask\]") as caught,
        extra_of("junction_introspect.sweep"),
        extra_of("junction_introspect.arrow"),
    ):
        missing()
    assert (caught.value.name, caught.value.extra) == ("pyarrow", "dask")


def test_a_missing_extra_is_an_error_of_ours_and_of_an_import_and_can_be_pickled():
    error = pickle.loads(pickle.dumps(MissingExtraError("duckdb", "store")))  # noqa: S301 - from above
    assert isinstance(error, JunctionError)
    assert isinstance(error, ModuleNotFoundError)
    assert (error.name, error.extra) == ("duckdb", "store")
    assert str(error) == "duckdb is missing; run pip install 'junction-introspect[store]'"
