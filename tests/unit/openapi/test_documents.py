from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from openapi.documents import (
    JUNCTION,
    SPEC,
    DocumentError,
    dumps,
    load,
    load_plain,
    objects,
    pointer,
    walk,
)

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.any_specification

STYLED = """\
zebra: 'no'
apple: "yes"
list:
  - plain
  - '1'
folded: >-
  A sentence that is long enough to stand on its own and to be folded by
  whoever wrote it.
nothing: null
number: 1.10
flow: {b: 1, a: [2, 3]}
"""


@pytest.mark.parametrize("path", [JUNCTION, SPEC], ids=lambda path: path.name)
def test_loading_and_dumping_gives_back_the_bytes(path):
    assert dumps(load(path)).encode() == path.read_bytes()


def test_order_quotes_and_folding_survive_loading_and_dumping():
    assert dumps(load(STYLED)) == STYLED


def test_plain_document_holds_nothing_but_what_json_has():
    assert {type(node) for _, node in walk(load_plain(SPEC))} <= {
        *(dict, list, str, int, float, bool, type(None))
    }


def test_plain_document_means_what_the_styled_one_means():
    assert load_plain(STYLED) == load(STYLED)


@pytest.mark.parametrize("text", ["2023-10-24T00:00:00+00:00", "2023-10-24", "2024-99-99"])
def test_unquoted_timestamp_is_a_string_to_a_consumer(text):
    assert load_plain(f"at: {text}") == {"at": text}


@pytest.mark.parametrize("read", [load, load_plain])
def test_json_is_read_as_well(read):
    document = {"openapi": "3.1.0", "paths": {"/a": [None, True, 1, 1.5, "x\n"]}}
    assert read(json.dumps(document, indent="\t")) == document


@pytest.mark.parametrize("read", [load, load_plain])
def test_missing_file_is_named_in_one_line(read, tmp_path: Path):
    path = tmp_path / "none.yaml"
    with pytest.raises(DocumentError) as caught:
        read(path)
    assert str(caught.value) == f"{path}: No such file or directory"


@pytest.mark.parametrize("read", [load, load_plain])
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a: 1\nb: [1", ", line 2: not YAML: expected ',' or ']'"),
        (b"a: 1\na: 2\n", ', line 2: not YAML: found duplicate key "a"'),
        (b"--- 1\n--- 2\n", ", line 2: not YAML: but found another document"),
        (b"a: \xff\n", ": not YAML: unacceptable character"),
        (b"a: !!int x\n", ": not YAML: invalid literal for int()"),
    ],
    ids=["unclosed", "duplicate", "two documents", "not UTF-8", "not an integer"],
)
def test_malformed_file_is_named_in_one_line(read, content, reason, tmp_path: Path):
    path = tmp_path / "bad.yaml"
    path.write_bytes(content)
    with pytest.raises(DocumentError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}{reason}")
    assert "\n" not in str(caught.value)


def test_malformed_text_is_called_text():
    with pytest.raises(DocumentError, match=r"^text, line 1: not YAML: "):
        load("a: [1")


@pytest.mark.parametrize(
    ("place", "expected"),
    [((), ""), (("a", 0), "/a/0"), (("/v2/x", "m~n", "~1"), "/~1v2~1x/m~0n/~01")],
)
def test_pointer_is_that_of_rfc_6901(place, expected):
    assert pointer(place) == expected


def test_walk_yields_every_node_after_its_parent():
    assert list(walk({"a": [1, {"b": None}]})) == [
        ((), {"a": [1, {"b": None}]}),
        (("a",), [1, {"b": None}]),
        (("a", 0), 1),
        (("a", 1), {"b": None}),
        (("a", 1, "b"), None),
    ]


def places(document):
    return [pointer(at) for at, _ in objects(document)]


def test_objects_are_found_in_objects_and_lists():
    assert places({"info": {}, "servers": [{"url": "x"}, {}]}) == [
        *("", "/info", "/servers/0", "/servers/1")
    ]


@pytest.mark.parametrize("word", ["const", "default", "enum", "example", "examples", "x-vendor"])
def test_data_and_extensions_hold_no_objects(word):
    assert places({"schema": {word: {"properties": {"a": {}}}}}) == ["", "/schema"]


@pytest.mark.parametrize("name", ["const", "enum", "example", "examples", "properties", "x-vendor"])
def test_object_is_found_under_any_name(name):
    schema = {"properties": {name: {"properties": {"deep": {}}}}}
    assert places({"components": {"schemas": {name: schema}}}) == [
        "",
        "/components",
        f"/components/schemas/{name}",
        f"/components/schemas/{name}/properties/{name}",
        f"/components/schemas/{name}/properties/{name}/properties/deep",
    ]


def test_map_of_names_is_no_object_itself():
    assert places({"properties": {"schema": 1, "enum": "x"}}) == [""]
