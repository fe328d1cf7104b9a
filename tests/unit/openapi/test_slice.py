from __future__ import annotations

import json

import pytest

from openapi.documents import JUNCTION, OPERATIONS, DocumentError, dumps, load_plain
from openapi.layout import styled
from openapi.slice import SliceError, main, read_operations, slice_document, sliced_text

pytestmark = pytest.mark.any_specification

FINE = {"type": "string"}
OPERATION = "GET /v2/introspect/historical_pull"


def reference(name, kind="schemas"):
    return {"$ref": f"#/components/{kind}/{name}"}


def responding(schema):
    content = {"application/json": {"schema": schema}}
    return {"responses": {"200": {"description": "d", "content": content}}}


def document(operation, **components):
    return {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "tags": [{"name": "t"}],
        "servers": [{"url": "https://x"}],
        "security": [{"key": []}],
        "paths": {"/a": {"get": operation, "put": responding(FINE)}, "/b": {"get": operation}},
        "components": {
            "schemas": {"Unused": FINE, **components.pop("schemas", {})},
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            **components,
        },
    }


def cut(*args, **components):
    return slice_document(document(*args, **components), ["GET /a"])


def test_nothing_but_the_operation_and_the_frame_is_kept():
    sliced = cut(responding(FINE))
    assert [*sliced] == ["openapi", "info", "servers", "security", "paths", "components"]
    assert sliced["paths"] == {"/a": {"get": responding(FINE)}}
    assert [*sliced["components"]] == ["securitySchemes"]


def test_components_are_reached_through_components():
    schemas = {
        "A": {"type": "array", "items": reference("B")},
        "B": {"properties": {"c": {"anyOf": [reference("C"), reference("A")]}}},
        "C": {"additionalProperties": reference("D"), "propertyNames": reference("E")},
        "D": FINE,
        "E": FINE,
        "F": reference("A"),
    }
    assert [*cut(responding(reference("A")), schemas=schemas)["components"]["schemas"]] == [
        *"ABCDE"
    ]


def test_every_kind_of_component_is_reached():
    kinds = {
        "parameters": {
            "P": {"name": "p", "in": "query", "examples": {"e": reference("X", "examples")}}
        },
        "responses": {"R": {"description": "d", "headers": {"H": reference("H", "headers")}}},
        "headers": {"H": {"schema": FINE}, "Unused": {"schema": FINE}},
        "requestBodies": {"Q": {"content": {}}},
        "examples": {"X": {"value": 1}},
    }
    operation = {
        "parameters": [reference("P", "parameters")],
        "requestBody": reference("Q", "requestBodies"),
        "responses": {"200": reference("R", "responses")},
    }
    components = cut(operation, **kinds)["components"]
    assert {kind: [*named] for kind, named in components.items()} == {
        "parameters": ["P"],
        "responses": ["R"],
        "headers": ["H"],
        "requestBodies": ["Q"],
        "examples": ["X"],
        "securitySchemes": ["key"],
    }


def test_discriminator_is_followed_by_name_and_by_reference():
    mapping = {"a": "A", "b": "#/components/schemas/B"}
    union = {"discriminator": {"propertyName": "kind", "mapping": mapping}}
    components = cut(responding(union), schemas={"A": FINE, "B": FINE})["components"]
    assert [*components["schemas"]] == ["A", "B"]


def test_what_looks_like_a_reference_in_an_example_is_none():
    schema = {"example": reference("Unused")}
    assert "schemas" not in cut(responding(schema))["components"]


def test_names_may_need_escaping():
    schema = {"$ref": "#/components/schemas/a~1b~0c%20d"}
    components = cut(responding(schema), schemas={"a/b~c d": FINE})["components"]
    assert [*components["schemas"]] == ["a/b~c d"]


def test_slice_of_a_slice_is_the_slice():
    schemas = {"B": FINE, "A": {"items": reference("B")}}
    sliced = cut(responding(reference("A")), schemas=schemas)
    again = slice_document(sliced, ["GET /a"])
    assert json.dumps(again) == json.dumps(sliced)


def test_document_is_left_alone():
    parts = document(responding(FINE))
    before = json.dumps(parts)
    slice_document(parts, ["GET /a"])
    assert json.dumps(parts) == before


def test_operation_that_is_not_there_is_named():
    with pytest.raises(SliceError) as caught:
        slice_document(document(responding(FINE)), ["GET /a", "DELETE /a", "GET /c", "NOPE /a"])
    assert str(caught.value).splitlines() == [
        f"{operation}: the document has no such operation; `make drift` names the most similar"
        for operation in ("DELETE /a", "GET /c", "NOPE /a")
    ]


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("#/components/schemas/Nope", "leads nowhere in this document"),
        ("other.yaml#/A", "leads nowhere in this document"),
        ("#/paths/~1b/get", "leads out of the slice"),
    ],
)
def test_reference_that_cannot_be_kept_is_named(target, reason):
    with pytest.raises(SliceError, match=reason) as caught:
        cut(responding({"$ref": target}))
    assert repr(target) in str(caught.value)


def test_reference_within_the_operation_is_kept():
    operation = responding({"$ref": "#/paths/~1a/get"})
    assert cut(operation)["paths"]["/a"]["get"] == operation


@pytest.mark.parametrize("broken", [None, [], "text", {}, {"paths": []}])
def test_what_has_no_paths_is_refused(broken):
    with pytest.raises(SliceError, match="not an OpenAPI document"):
        slice_document(broken, ["GET /a"])


def test_yaml_that_is_its_own_slice_is_given_back_byte_for_byte():
    text = JUNCTION.read_text(encoding="utf-8").replace("\n", "   # as it was\n", 1)
    assert sliced_text(text, read_operations()) == text


def test_json_is_written_as_yaml_in_the_order_at_hand():
    document = load_plain(JUNCTION)
    written = sliced_text(json.dumps(document), read_operations())
    assert written == dumps(styled(document))
    assert load_plain(written) == document


def test_order_of_keys_and_sets_stays_as_it_was():
    before = load_plain(JUNCTION)
    turned = json.loads(json.dumps(before, sort_keys=True))
    for name in ("Providers", "Labs"):
        turned["components"]["schemas"][name]["enum"].sort()
    written = sliced_text(json.dumps(turned), read_operations(), like=before)
    assert written == dumps(styled(before))


def test_whole_yaml_document_is_cut():
    parts = document(responding(FINE))
    assert load_plain(sliced_text(dumps(parts), ["GET /a"])) == slice_document(parts, ["GET /a"])


def test_operations_at_hand_are_those_of_the_document_at_hand():
    document = load_plain(JUNCTION)
    assert slice_document(document, read_operations()) == document


@pytest.mark.parametrize(
    "content", ["", "[]", "operations: []", "operations: x", "operations: [1]"]
)
def test_file_without_operations_is_refused(content, tmp_path):
    path = tmp_path / "operations.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DocumentError, match="must have a list of operations"):
        read_operations(path)


def test_command_prints_the_slice(capsys):
    assert main([str(JUNCTION)]) == 0
    assert capsys.readouterr().out == JUNCTION.read_text(encoding="utf-8")


def test_command_names_the_operation_that_is_missing(tmp_path, capsys):
    path = tmp_path / "operations.yaml"
    path.write_text("operations: [GET /nope]", encoding="utf-8")
    assert main([str(JUNCTION), "--operations", str(path)]) == 1
    assert capsys.readouterr().err.startswith(
        "slice: GET /nope: the document has no such operation"
    )
    assert OPERATIONS.is_file()
