"""What docs/data.md shows, runs; what it lists, is complete."""

import re
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from junction_introspect import errors
from junction_introspect.mock import MockServer, Population
from junction_introspect.store import Store
from tests.support.pulls import SCHEMA

pytestmark = pytest.mark.any_specification

DOCS = (Path(__file__).parents[3] / "docs" / "data.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", DOCS, flags=re.DOTALL)


@pytest.fixture(scope="module")
def server():
    with MockServer(Population(60, seed=1), api_key="sk_us_mock") as server:
        yield server


@pytest.mark.parametrize("example", EXAMPLES)
def test_example_runs_as_it_stands(example, server, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("JUNCTION_API_KEY", server.api_key)
    monkeypatch.setenv("JUNCTION_BASE_URL", server.url)
    monkeypatch.chdir(tmp_path)

    exec(compile(example, "data.md", "exec"), {})  # noqa: S102 - the project's own code

    assert capsys.readouterr().out


def test_there_are_examples_of_arrow_store_and_files():
    assert [*map(len, EXAMPLES)]
    for what in ("duckdb", "polars", "read_pandas", "sync(", "export("):
        assert any(what in example for example in EXAMPLES)


def test_table_of_columns_is_the_schema():
    schema = DOCS.partition("### Schema")[2].partition("## The store")[0]
    listed = re.findall(r"^\| `(\w+)` \| (.+?) \|", schema, flags=re.MULTILINE)
    types = {"dictionary of strings": "dictionary<values=string, indices=int32, ordered=0>"}
    types["timestamp[us, UTC]"] = "timestamp[us, tz=UTC]"

    assert [(name, types.get(kind, kind)) for name, kind in listed] == [
        (field.name, str(field.type)) for field in SCHEMA
    ]


def test_columns_of_the_store_are_those_of_the_schema(tmp_path):
    Store.open(tmp_path / "pulls.duckdb").close()
    with closing(duckdb.connect(str(tmp_path / "pulls.duckdb"), read_only=True)) as connection:
        columns = [name for name, *_ in connection.execute("DESCRIBE pulls").fetchall()]

    assert columns == ["team", *SCHEMA.names, "run"]


def test_table_of_errors_is_complete():
    listed = set(re.findall(r"^\| `(\w+Error)` \|", DOCS, flags=re.MULTILINE))
    roots = (errors.StoreError, errors.ExportError)
    defined = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, roots) and value not in roots
    }

    assert listed == defined
