"""Which operations of a whole document can be taken, and what would do for the others."""

from __future__ import annotations

import json
import runpy
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from openapi import operations, overlay, refusals
from openapi.documents import OVERLAY, DocumentError, load_plain
from openapi.generate import refused
from openapi.operations import Verdict, is_paged, main, render, survey

CORRECTIONS = load_plain(OVERLAY)


@pytest.fixture(scope="module")
def processes():
    """Processes to survey in; they take a while to start."""
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        yield pool


TEXT = {"type": "string"}
NULL = {"type": "null"}


def reference(name):
    return {"$ref": f"#/components/schemas/{name}"}


def model(title, properties, **more):
    return {"type": "object", "title": title, "properties": properties, **more}


# Every peculiarity that the vendor's operations have, each in a model of its own.
TAKEN = {
    "plain": model("Plain", {"a": TEXT, "b": {"type": "integer", "default": 7}}, required=["a"]),
    "constant": model(
        "Constant",
        {
            "unit": {"type": "string", "const": "kcal", "title": "Unit"},
            "kind": {"type": "string", "const": "auto", "default": "auto"},
            "flag": {"anyOf": [{"type": "boolean", "const": True}, NULL]},
            "either": {"anyOf": [{"const": "x"}, {"const": "y"}]},
        },
        required=["unit"],
    ),
    "defaults": model(
        "Defaults",
        {
            "items": {"type": "array", "items": TEXT, "default": []},
            "choice": {"type": "string", "enum": ["a", "b"], "default": "a"},
            "time": {"type": "string", "format": "date-time", "default": "2024-01-01T00:00:00Z"},
            "null": {"anyOf": [TEXT, NULL], "default": None},
        },
    ),
    "times": model(
        "Times",
        {
            "at": {"type": "string", "format": "date-time"},
            "on": {"type": "string", "format": "date"},
            "id": {"type": "string", "format": "uuid"},
            "id4": {"type": "string", "format": "uuid4"},
            "mail": {"type": "string", "format": "email"},
        },
        required=["at", "on", "id"],
    ),
    "map": {"type": "object", "additionalProperties": reference("Leaf"), "title": "Map"},
    "keys": {
        "type": "object",
        "title": "Keys",
        "propertyNames": {"enum": ["x", "y"]},
        "additionalProperties": {"type": "array", "items": {"type": "number"}},
    },
    "anything": {},
    "list": {"type": "array", "items": reference("Leaf")},
    "word": {"type": "string", "enum": ["a", "b"], "title": "Word"},
    "repeated": {"type": "string", "enum": ["a", "b", "a"], "title": "Repeated"},
    "example": {"type": "integer", "title": "Example", "example": "seven"},
    "recursive": model(
        "Recursive", {"below": {"type": "array", "items": reference("Recursive")}, "leaf": TEXT}
    ),
    "pattern": model("Pattern", {"zip": {"type": "string", "pattern": r"^\d{5}(-\d{4})?$"}}),
    "closed": model("Closed", {"a": TEXT}, additionalProperties=False),
    "page": model(
        "Page",
        {
            "data": {"type": "array", "items": reference("Leaf")},
            "next": {"anyOf": [TEXT, NULL], "deprecated": True},
            "next_cursor": {"anyOf": [TEXT, NULL]},
        },
        required=["data", "next", "next_cursor"],
    ),
}
EVENT_DATA = "/components/schemas/NamesEvent/properties/data"
EVENT_DATA_PATH = "$.components.schemas.NamesEvent.properties.data"
# What cannot be generated: where, why, and the overlay action that would do.
REFUSED = {
    "objects": (
        model("Objects", {"one": {"anyOf": [reference("Leaf"), reference("Twig")]}}),
        "/components/schemas/Objects/properties/one/anyOf: a union of several objects",
        ["target: $.components.schemas.Objects.properties.one.anyOf, remove: true"],
    ),
    "arrays": (
        model(
            "Arrays",
            {
                "one": {
                    "oneOf": [
                        {"type": "array", "items": TEXT},
                        {"type": "array", "items": {"type": "integer"}},
                        NULL,
                    ]
                }
            },
        ),
        "/components/schemas/Arrays/properties/one/oneOf: a union of several arrays",
        ["target: $.components.schemas.Arrays.properties.one.oneOf[1], remove: true"],
    ),
    "strings": (
        model("Strings", {"one": {"anyOf": [TEXT, {"type": "string", "format": "uuid"}, NULL]}}),
        "/components/schemas/Strings/properties/one/anyOf: a union of several kinds of strings",
        ["target: $.components.schemas.Strings.properties.one.anyOf[1].format, remove: true"],
    ),
    "tuple": (
        {
            "type": "array",
            "prefixItems": [TEXT, {"anyOf": [{"type": "string", "format": "uuid"}, NULL]}],
            "minItems": 2,
            "maxItems": 2,
            "title": "Tuple",
        },
        "/components/schemas/Tuple/prefixItems: an array of different kinds of items",
        [
            "target: $.components.schemas.Tuple.prefixItems, remove: true",
            "target: $.components.schemas.Tuple, update: {'items': {}}",
        ],
    ),
    "unnameable": (
        model("Unnameable", {"from": TEXT, "to": TEXT}, required=["from", "to"]),
        "/components/schemas/Unnameable/properties/from: 'from' cannot name a field",
        [
            "target: $.components.schemas.Unnameable.required[0], remove: true",
            "target: $.components.schemas.Unnameable.properties.from, remove: true",
        ],
    ),
    "titles": (
        model("Leaf", {"one": reference("Leaf")}),
        "/components/schemas/Leaf: a second class would be named Leaf",
        ["target: $.components.schemas.Leaf, update: {'title': 'LeafAgain'}"],
    ),
    "names": (
        model(
            "Names",
            {
                "event_data": {"type": "object", "additionalProperties": True},
                "events": {"type": "array", "items": reference("NamesEvent")},
            },
        ),
        f"{EVENT_DATA}: a second class would be named NamesEventData",
        [f"target: {EVENT_DATA_PATH}, update: {{'title': 'NamesEventDataAgain'}}"],
    ),
}


def line(reason, would_do):
    return f"{reason}; to fix it in the overlay: {' and then '.join(would_do)}"


UPLOAD = line(
    "/paths/~1upload/post/requestBody: a multipart body, which the client cannot send",
    ["target: $.paths['/upload'].post.requestBody, remove: true"],
)
LEAF = model("Leaf", {"word": {"type": "string", "enum": ["a"], "title": "Letter"}})
PARAMETERS = [
    {"name": "X-Flag", "in": "header", "schema": {"type": "boolean"}},
    {"name": "since", "in": "query", "schema": {"type": "string", "format": "date"}},
    {"name": "several", "in": "query", "schema": {"type": "array", "items": TEXT}},
    {"name": "next_cursor", "in": "query", "schema": {"anyOf": [TEXT, NULL]}},
]
WITH_ID = {"name": "id", "in": "path", "required": True, "schema": {**TEXT, "format": "uuid"}}


def answer(schema):
    content = {"application/json": {"schema": schema}}
    return {"200": {"description": "An answer", "content": content}}


def whole(**schemas):
    """Return a document with an operation for each schema, which answers with it."""
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Made up", "version": "1"},
        "security": [{"key": []}],
        "paths": {
            f"/{name}": {
                "get": {
                    "operationId": f"get_{name}",
                    "tags": ["made up"],
                    "parameters": PARAMETERS,
                    "responses": answer(reference(name.title())),
                }
            }
            for name in schemas
        },
        "components": {
            "schemas": {name.title(): schema for name, schema in schemas.items()},
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "x-key"}},
        },
    }
    document["components"]["schemas"] |= {
        "Leaf": LEAF,
        "Twig": model("Twig", {"length": {"type": "number"}}),
        "NamesEvent": model(
            "NamesEvent", {"data": {"type": "object", "additionalProperties": True}}
        ),
    }
    return document


@pytest.fixture(scope="module")
def catalogue():
    document = whole(**TAKEN, **{name: schema for name, (schema, *_) in REFUSED.items()})
    document["paths"]["/plain/{id}"] = {
        "parameters": [WITH_ID],
        "post": {
            "operationId": "post_plain",
            "tags": ["made up"],
            "requestBody": {"content": {"application/json": {"schema": reference("Plain")}}},
            "responses": answer(reference("Plain")),
        },
        "delete": {
            "operationId": "delete_plain",
            "responses": {"204": {"description": "Gone"}},
        },
    }
    document["paths"]["/upload"] = {
        "post": {
            "operationId": "upload",
            "requestBody": {
                "content": {"multipart/form-data": {"schema": reference("Plain")}},
            },
            "responses": answer(reference("Plain")),
        }
    }
    return document


@pytest.mark.proof
def test_every_operation_is_taken_or_refused_with_what_would_do(catalogue, at_length, processes):
    """Decoded and encoded again, no valid answer of what is taken has changed."""
    found = survey(catalogue, CORRECTIONS, processes, documents=at_length(3, 300))
    assert {one.operation: one.reasons for one in found} == {
        **{f"GET /{name}": () for name in TAKEN},
        **{f"GET /{name}": (line(*told),) for name, (_, *told) in REFUSED.items()},
        "POST /plain/{id}": (),
        "DELETE /plain/{id}": (),
        "POST /upload": (UPLOAD,),
    }
    assert {one.operation for one in found if one.paged} == {"GET /page"}


def known(document):
    """Return the refusals of a document without generating anything."""
    corrected = overlay.apply(document, CORRECTIONS, lambda _: None)
    return (
        [*refusals.unmodellable(corrected), *refusals.several_bodies(corrected)]
        or [*refusals.undecodable_unions(corrected)]
        or [*refusals.same_names(corrected)]
    )


def test_what_would_do_does(processes):
    would_do = []
    for name, (schema, *told) in REFUSED.items():
        (refusal,) = known(whole(**{name: schema}))
        assert str(refusal) == line(*told)
        would_do += refusal.actions
    document = whole(**{name: schema for name, (schema, *_) in REFUSED.items()})
    verdicts = survey(
        overlay.apply(document, {"actions": would_do}), CORRECTIONS, processes, documents=3
    )
    assert [(one.operation, one.reasons) for one in verdicts] == [
        (f"GET /{name}", ()) for name in REFUSED
    ]


def test_what_can_be_taken_is_not_refused_beforehand():
    for name, schema in TAKEN.items():
        assert known(whole(**{name: schema})) == []


def test_work_is_spread_over_processes_without_a_difference(monkeypatch, processes):
    monkeypatch.setattr(operations, "_CHUNK", 1)
    document = whole(plain=TAKEN["plain"], word=TAKEN["word"])
    verdicts = survey(document, CORRECTIONS, processes)
    assert verdicts == [Verdict("GET /plain", paged=False), Verdict("GET /word", paged=False)]


def test_error_that_nobody_knows_is_told_as_it_is():
    message = "the generator cannot parse the document: odd"
    assert refusals.explained(message, whole()) == message


def test_lint_comes_first(processes):
    document = whole(plain={"type": "odd"})
    assert any("'odd' is not valid" in line for line in refused(document))
    (verdict,) = survey(document, {"actions": []}, processes)
    assert "'odd' is not valid" in verdict.reasons[0]


def test_operation_of_a_path_item_by_reference_is_surveyed(processes):
    document = whole(page=TAKEN["page"])
    item = document["paths"]["/page"]
    item["parameters"] = item["get"].pop("parameters")
    document["components"]["pathItems"] = {"page": item}
    document["paths"]["/page"] = {"$ref": "#/components/pathItems/page"}
    assert survey(document, CORRECTIONS, processes) == [Verdict("GET /page", paged=True)]


def test_operations_without_a_model_are_taken(processes):
    document = whole()
    document["components"]["schemas"] = {}
    document["paths"]["/a"] = {
        "head": {"responses": {"204": {"description": "There"}}},
        "delete": {"responses": {"default": {"description": "Gone"}}},
    }
    verdicts = survey(document, {"actions": []}, processes)
    assert {one.operation: one.reasons for one in verdicts} == {"HEAD /a": (), "DELETE /a": ()}


def test_page_of_any_kind_is_no_listing():
    document = whole(page=True)
    assert is_paged(document, "GET /page") is False


def test_path_item_that_leads_nowhere_is_named(processes):
    document = whole()
    document["paths"]["/a"] = {"$ref": "other.yaml#/a"}
    with pytest.raises(DocumentError, match=r"^/paths/~1a/\$ref: 'other.yaml#/a' leads nowhere"):
        survey(document, CORRECTIONS, processes)


def test_references_that_lead_to_one_another_are_a_reason(processes):
    document = whole(plain=reference("Other"))
    document["components"]["schemas"]["Other"] = reference("Plain")
    (verdict,) = survey(document, CORRECTIONS, processes)
    assert verdict.reasons == ("/: nested too deep, or references that lead only to one another",)


def test_union_that_contains_itself_is_like_its_other_members():
    union = {"anyOf": [reference("Union"), TEXT, NULL]}
    assert [*refusals.undecodable_unions(whole(union=union))] == []


def test_body_that_operations_share_is_refused_once():
    document = whole(plain=TAKEN["plain"])
    schema = {"schema": reference("Plain")}
    content = {"application/json": schema, "text/json": schema}
    document["components"]["requestBodies"] = {"Both": {"content": content}}
    body = {"requestBody": {"$ref": "#/components/requestBodies/Both"}}
    document["paths"]["/plain"]["get"] |= body
    document["paths"]["/other"] = {"post": {**body, "responses": answer(reference("Plain"))}}
    (line,) = refused(document)
    assert line == (
        "/components/requestBodies/Both/content/text~1json: a second content type of the body; the "
        "client can send only one; to fix it in the overlay: "
        "target: $.components.requestBodies.Both.content['text/json'], remove: true"
    )


def test_reference_that_leads_nowhere_is_a_reason(processes):
    (verdict,) = survey(
        whole(plain={"$ref": "#/components/schemas/Nobody"}), CORRECTIONS, processes
    )
    (reason,) = verdict.reasons
    place, _, why = reason.partition(": ")
    assert place == "/components/schemas/Plain/$ref"
    assert why == "'#/components/schemas/Nobody' leads nowhere in this document"


@pytest.mark.parametrize(
    ("page", "operation", "paged"),
    [
        ({}, {}, True),
        ({"properties": {"data": {"type": "array"}}}, {}, False),
        ({"properties": {"data": {"type": "object"}, "next_cursor": TEXT}}, {}, False),
        ({}, {"parameters": PARAMETERS[:2]}, False),
        ({}, {"responses": {"204": {"description": "Nothing"}}}, False),
    ],
)
def test_listing_is_known_by_its_envelope(page, operation, paged):
    document = whole(page={**TAKEN["page"], **page})
    document["paths"]["/page"]["get"] |= operation
    assert is_paged(document, "GET /page") is paged


VERDICTS = [
    Verdict("GET /a", paged=True),
    Verdict("GET /b", paged=False),
    Verdict("GET /c", paged=True, reasons=("one", "other")),
]


def test_text_tells_what_can_be_taken_first():
    assert render(VERDICTS, "text").splitlines() == [
        "2 of 3 operations can be generated as they are.",
        "",
        "As they are, with pages of `data` and a `next_cursor`: 1",
        "  GET /a",
        "",
        "As they are, without pages: 1",
        "  GET /b",
        "",
        "With overlay actions of their own: 1",
        "  GET /c (pages by next_cursor)",
        "    one",
        "    other",
    ]


def test_json_has_every_verdict():
    assert json.loads(render(VERDICTS, "json"))[2] == {
        "operation": "GET /c",
        "paged": True,
        "reasons": ["one", "other"],
    }


def test_command_prints_the_verdicts(tmp_path, capsys):
    path = tmp_path / "whole.json"
    path.write_text(json.dumps(whole(plain=TAKEN["plain"])), encoding="utf-8")
    assert main([str(path), "--format", "json", "--documents", "2"]) == 0
    assert json.loads(capsys.readouterr().out) == [
        {"operation": "GET /plain", "paged": False, "reasons": []}
    ]


@pytest.mark.parametrize("content", ["{", "{}", '{"paths": 1}'])
def test_document_that_is_none_is_refused_in_one_line(content, tmp_path, capsys):
    path = tmp_path / "none.json"
    path.write_text(content, encoding="utf-8")
    assert main([str(path)]) == 1
    assert capsys.readouterr().err.startswith("operations: ")


def test_control_characters_do_not_reach_a_terminal(tmp_path, capsys):
    document = whole(plain=TAKEN["plain"])
    document["paths"]["/\x1b[31m"] = document["paths"].pop("/plain")
    path = tmp_path / "whole.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert main([str(path)]) == 0
    assert "GET /\\u001b[31m" in capsys.readouterr().out


def test_module_is_the_command(monkeypatch, capsys, tmp_path):
    missing = tmp_path / "none.yaml"
    monkeypatch.setattr(sys, "argv", ["operations", str(missing)])
    monkeypatch.delitem(sys.modules, operations.__name__)
    with pytest.raises(SystemExit) as caught:
        runpy.run_module("openapi.operations", run_name="__main__")
    assert caught.value.code == 1
    assert capsys.readouterr().err == f"operations: {missing}: No such file or directory\n"
