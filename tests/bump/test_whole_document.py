"""A document of the vendor's size is sliced and compared like a small one."""

from __future__ import annotations

import copy
import json

import pytest

from openapi.diff.compare import compare
from openapi.documents import JUNCTION, load_plain
from openapi.drift import drift, main
from openapi.slice import read_operations, slice_document
from tests.bump.whole_document import PATHS, SCHEMAS, whole_document

pytestmark = pytest.mark.any_specification


@pytest.fixture(scope="module")
def document():
    return whole_document()


def test_it_has_the_vendors_size(document):
    assert (len(document["paths"]), len(document["components"]["schemas"])) == (PATHS, SCHEMAS)
    assert len(json.dumps(document, indent=1)) > 1_500_000


def test_its_slice_is_the_document_at_hand(document):
    assert slice_document(document, read_operations()) == load_plain(JUNCTION)


def test_drift_from_it_is_none(document, tmp_path, capsys):
    path = tmp_path / "whole.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert drift(str(path)).changes == []
    assert main([str(path)]) == 0
    assert capsys.readouterr().out.endswith("no change\n")


def test_change_anywhere_in_it_is_found_once(document):
    newer = copy.deepcopy(document)
    schemas = newer["components"]["schemas"]
    reached = slice_document(document, ["GET /v2/things/0/{id}"])["components"]["schemas"]
    name = next(name for name in reversed(reached) if "properties" in schemas[name])
    schemas[name]["properties"]["new"] = {"type": "string"}
    (change,) = compare(document, newer)
    assert (change.what, change.directions) == ("new optional field", ["response"])


def test_drift_names_what_it_cannot_read(tmp_path, capsys):
    missing = tmp_path / "none.json"
    assert main([str(missing)]) == 1
    assert capsys.readouterr().err == f"drift: {missing}: No such file or directory\n"
