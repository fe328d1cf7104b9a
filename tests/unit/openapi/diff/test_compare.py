from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from openapi.diff.__main__ import main
from openapi.diff.changes import Change, Grade, gravest
from openapi.diff.compare import compare, version
from openapi.diff.rendering import as_markdown_item, render
from openapi.documents import JUNCTION, SPEC, DocumentError, load_plain
from openapi.overlay import apply
from tests.support.reading import LIBRARY

pytestmark = pytest.mark.any_specification

OPERATION = "GET /v1/loans"
CASES = load_plain(Path(__file__).with_name("changes.yaml"))


@pytest.fixture(scope="module")
def library():
    return load_plain(LIBRARY)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_change_is_told_in_these_lines(case, library):
    before = apply(library, {"actions": case.get("before", [])})
    after = apply(before, {"actions": case["actions"]})
    lines = [line.replace("OP", OPERATION) for line in case["lines"]]
    assert [str(change) for change in compare(before, after)] == lines


def test_cases_reach_every_class():
    classes = {line.partition(":")[0] for case in CASES for line in case["lines"]}
    assert classes == {str(grade) for grade in Grade}


@pytest.mark.parametrize("path", [JUNCTION, SPEC], ids=lambda path: path.name)
def test_document_does_not_differ_from_itself(path):
    assert compare(load_plain(path), load_plain(path)) == []


def test_documents_are_left_alone(library):
    before, after = copy.deepcopy(library), load_plain(SPEC)
    compare(library, after)
    assert (library, after) == (before, load_plain(SPEC))


def reordered(node):
    """Return a copy with every key, and every set written as a list, in the opposite order."""
    if isinstance(node, list):
        return [reordered(item) for item in node]
    if not isinstance(node, dict):
        return node
    turned = {key: reordered(value) for key, value in reversed(node.items())}
    for key in {"enum", "required", "parameters"} & turned.keys():
        if isinstance(turned[key], list):
            turned[key].reverse()
    return turned


def test_order_is_no_change(library):
    assert compare(library, reordered(library)) == []


def test_renamed_component_is_told_once_and_with_its_class(library):
    text = json.dumps(library).replace("LoanDates", "Dates")
    renamed = "component LoanDates is now Dates; class LoanDates is now Dates"
    assert [str(change) for change in compare(library, json.loads(text))] == [
        f"names only: {OPERATION} → 200 → data[].branch.*.lent.*.dates (response): {renamed}"
    ]


def document(schema, *, direction="response", **components):
    content = {"content": {"application/json": {"schema": schema}}}
    operation = {"responses": {"200": {"description": "d"}}}
    if direction == "response":
        operation["responses"]["200"] |= content
    else:
        operation["requestBody"] = content
    return {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {"/x": {"get": operation}},
        "components": {"schemas": components},
    }


def told(old, new, **options):
    changes = compare(document(old, **options), document(new, **options))
    return [f"{change.grade}: {change.what}" for change in changes]


STRING, INTEGER, NULL = {"type": "string"}, {"type": "integer"}, {"type": "null"}
OBJECT = {"type": "object", "properties": {"a": STRING}}


@pytest.mark.parametrize(
    ("old", "new", "in_response", "in_request"),
    [
        (STRING, {"type": ["string", "null"]}, "attention", "absorbed"),
        ({"type": ["string", "null"]}, STRING, "attention", "breaking"),
        (STRING, {"anyOf": [STRING, INTEGER]}, "attention", "absorbed"),
        ({"anyOf": [STRING, INTEGER]}, STRING, "attention", "breaking"),
        (STRING, INTEGER, "breaking", "breaking"),
        (INTEGER, {"type": "number"}, "attention", "absorbed"),
        ({"type": "number"}, INTEGER, "attention", "breaking"),
        (STRING, {}, "attention", "absorbed"),
        ({}, STRING, "attention", "breaking"),
        (STRING, {**STRING, "enum": ["a"]}, "attention", "breaking"),
        ({**STRING, "enum": ["a"]}, STRING, "attention", "absorbed"),
        ({"const": "a"}, {"enum": ["a", "b"]}, "absorbed", "absorbed"),
        ({"enum": ["a", "b"]}, {"const": "a"}, "attention", "breaking"),
        ({**STRING, "format": "uuid"}, STRING, "attention", "absorbed"),
        (STRING, {**STRING, "pattern": "x"}, "attention", "breaking"),
        ({**STRING, "pattern": "x"}, {**STRING, "pattern": "y"}, "attention", "breaking"),
        ({**STRING, "maxLength": 1}, {**STRING, "maxLength": 2}, "attention", "absorbed"),
        ({**STRING, "minLength": 1}, {**STRING, "minLength": 2}, "attention", "breaking"),
        ({"type": "array"}, {"type": "array", "uniqueItems": True}, "attention", "breaking"),
        (
            {"type": "object"},
            {"type": "object", "additionalProperties": False},
            *("attention", "breaking"),
        ),
        (
            {"type": "object", "patternProperties": {"^a": STRING}},
            {"type": "object", "patternProperties": {"^a": INTEGER}},
            *("breaking", "breaking"),
        ),
    ],
)
def test_class_of_a_change_depends_on_the_direction(old, new, in_response, in_request):
    (response,) = told(old, new)
    (request,) = told(old, new, direction="request")
    assert response.startswith(f"{in_response}: ")
    assert request.startswith(f"{in_request}: ")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"$ref": "#/components/schemas/A"}, {"allOf": [{"$ref": "#/components/schemas/A"}]}),
        ({"$ref": "#/components/schemas/A"}, {"anyOf": [{"$ref": "#/components/schemas/A"}]}),
        ({"type": ["string", "null"]}, {"oneOf": [NULL, STRING]}),
        ({"type": "string", "nullable": True}, {"anyOf": [STRING, NULL]}),
        ({"anyOf": [STRING, {"anyOf": [INTEGER, NULL]}]}, {"anyOf": [NULL, INTEGER, STRING]}),
        ({"enum": ["a", None]}, {"type": ["string", "null"], "enum": [None, "a"]}),
        ({"const": "a"}, {"enum": ["a"]}),
        ({}, True),
        (
            {"type": "object", "properties": {"a": STRING}, "required": ["a"]},
            {"allOf": [{"type": "object", "properties": {"a": STRING}}, {"required": ["a"]}]},
        ),
        ({"title": "T", "type": "string"}, STRING),
    ],
)
def test_other_words_for_the_same_are_no_change(one, other):
    component = {"type": "object", "properties": {"a": STRING}}
    assert told(one, other, A=component) == []
    assert told(other, one, A=component) == []


def node(field, depth=0):
    tree = {
        "type": "object",
        "properties": {
            "value": field,
            "children": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}},
            "parent": {"anyOf": [{"$ref": "#/components/schemas/Node"}, NULL]},
        },
    }
    return {"Node": {"allOf": [tree] * depth} if depth else tree}


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_recursive_schema_is_compared_once(depth):
    reference = {"$ref": "#/components/schemas/Node"}
    changes = compare(
        document(reference, **node(STRING)), document(reference, **node(INTEGER, depth))
    )
    assert [str(change) for change in changes] == [
        "breaking: GET /x → 200 → value (response): string is now integer; read the new one"
    ]


def test_recursive_schemas_merged_with_one_another_are_compared_once():
    def recursive(field):
        one, other = (
            {
                "type": "object",
                "properties": {name: kind, "up": {"$ref": f"#/components/schemas/{at}"}},
            }
            for name, kind, at in (("a", STRING, "One"), ("b", field, "Other"))
        )
        return {"One": one, "Other": other}

    both = {"allOf": [{"$ref": "#/components/schemas/One"}, {"$ref": "#/components/schemas/Other"}]}
    changes = compare(document(both, **recursive(STRING)), document(both, **recursive(INTEGER)))
    assert {change.what for change in changes} == {"string is now integer"}


def test_cycle_of_nothing_but_references_ends():
    circle = {"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}}
    reference = {"$ref": "#/components/schemas/A"}
    assert compare(document(reference, **circle), document(reference, **circle)) == []


def test_change_of_a_component_used_forty_times_is_one_line():
    schema = {
        "type": "object",
        "properties": {f"p{n}": {"$ref": "#/components/schemas/Level"} for n in range(40)},
    }
    old, new = ({"type": "string", "enum": levels} for levels in (["low"], ["low", "high"]))
    changes = compare(document(schema, Level=old), document(schema, Level=new))
    assert [str(change) for change in changes] == [
        "absorbed: GET /x → 200 → p0 (response): new enum value high"
    ]


def test_reference_that_became_a_union_with_a_new_variant_is_one_line():
    fields = {f"p{n}": STRING for n in range(40)}
    components = {
        "Cat": {"type": "object", "properties": fields},
        "Dog": {"type": "object", "properties": {"barks": STRING}},
    }
    cat, dog = ({"$ref": f"#/components/schemas/{name}"} for name in components)
    assert told(cat, {"anyOf": [dog, cat]}, **components) == ["attention: may be Dog as well"]


def test_change_within_a_variant_names_the_variant():
    components = {"Cat": {"type": "object", "properties": {"a": STRING}}, "Dog": INTEGER}
    union = {"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in components]}
    new = {**components, "Cat": {"type": "object", "properties": {"a": INTEGER}}}
    (change,) = compare(document(union, **components), document(union, **new))
    assert change.places == ["GET /x → 200 (Cat).a"]


def test_gravest_class_counts_where_both_directions_are_concerned():
    level = {"type": "string", "enum": ["low", "high"]}
    documents = []
    for component in (level, {"type": "string", "enum": ["low"]}):
        parts = document({"$ref": "#/components/schemas/Level"}, Level=component)
        operation = parts["paths"]["/x"]["get"]
        operation["requestBody"] = {"content": operation["responses"]["200"]["content"]}
        documents.append(parts)
    (change,) = compare(*documents)
    assert change == Change(
        Grade.BREAKING,
        "gone: enum value high",
        ["GET /x → body", "GET /x → 200"],
        ["request", "response"],
    )


def test_parameters_of_the_path_count_as_the_operations():
    parameter = {"name": "team", "in": "query", "schema": STRING}
    old, new = document(STRING), document(STRING)
    old["paths"]["/x"]["parameters"] = [parameter]
    new["paths"]["/x"]["get"]["parameters"] = [parameter]
    assert compare(old, new) == []


def test_names_of_headers_have_no_case():
    old, new = document(STRING), document(STRING)
    for parts, name in ((old, "X-Team"), (new, "x-team")):
        operation = parts["paths"]["/x"]["get"]
        operation["parameters"] = [{"name": name, "in": "header", "schema": STRING}]
        operation["responses"]["200"]["headers"] = {name: {"schema": STRING}}
    assert compare(old, new) == []


@pytest.mark.parametrize(
    "broken", [None, [], "text", {}, {"info": {}, "paths": {"/x": {"get": 1}}}, {"info": 1}]
)
def test_what_is_no_document_is_refused(broken):
    with pytest.raises(DocumentError, match=r"^not an OpenAPI document: "):
        compare(document(STRING), broken)


def test_reference_that_leads_nowhere_is_named():
    with pytest.raises(DocumentError, match=r"'#/components/schemas/Nope' leads nowhere"):
        compare(document(STRING), document({"$ref": "#/components/schemas/Nope"}))


def test_nothing_found_asks_for_nothing():
    assert gravest([]).status == 0


@pytest.mark.parametrize(
    ("grade", "status"),
    [(Grade.NAMES, 0), (Grade.ABSORBED, 0), (Grade.ATTENTION, 3), (Grade.BREAKING, 4)],
)
def test_exit_status_tells_the_class(grade, status):
    assert grade.status == status


CHANGES = [
    Change(Grade.BREAKING, "parameter gone", ["GET /x → query a_b"], ["request"]),
    Change(Grade.ABSORBED, "new enum value a_b, *c*", ["GET /x → 200 → p.*"], ["response"]),
]


def test_text_has_a_line_for_each_change():
    assert render(CHANGES, "1", "2") == (
        "1 → 2: 2 changes\n"
        "breaking: GET /x → query a_b (request): parameter gone\n"
        "absorbed: GET /x → 200 → p.* (response): new enum value a_b, *c*"
    )


def test_text_says_when_nothing_has_changed():
    assert render([], "1", "1") == "1, published again: no change"


def test_markdown_has_a_list_for_each_class():
    assert render(CHANGES, "1", "2", "markdown") == (
        "## 1 → 2\n\n"
        "### Breaking\n\n- `GET /x → query a_b` (request): parameter gone\n\n"
        "### Absorbed\n\n- `GET /x → 200 → p.*` (response): new enum value a_b, \\*c\\*"
    )


def test_markdown_says_when_nothing_has_changed():
    assert render([], "1", "2", "markdown") == "## 1 → 2\n\nNo change that a caller could see."


def test_vendors_text_is_no_markup():
    change = Change(
        Grade.ABSORBED, "new enum value <b> @all [x](y) #1\n# a", ["GET /x"], ["request"]
    )
    assert as_markdown_item(change) == (
        "`GET /x` (request): new enum value \\<b\\> \\@all \\[x\\](y) \\#1 \\# a"
    )


def test_json_holds_the_same():
    assert json.loads(render(CHANGES, "1", "2", "json")) == {
        "from": "1",
        "to": "2",
        "class": "breaking",
        "changes": [
            {
                "class": str(change.grade),
                "directions": change.directions,
                "places": change.places,
                "what": change.what,
            }
            for change in CHANGES
        ],
    }


def test_command_prints_the_changes_and_exits_with_the_class(tmp_path, library, capsys):
    older = tmp_path / "old.json"
    older.write_text(json.dumps(library), encoding="utf-8")
    newer = copy.deepcopy(library)
    newer["info"]["version"] = "9"
    del newer["paths"]["/v1/loans"]["get"]["parameters"][0]
    path = tmp_path / "new.json"
    path.write_text(json.dumps(newer), encoding="utf-8")
    assert main([str(older), str(path)]) == 4
    first, second = capsys.readouterr().out.splitlines()
    assert first == f"{version(library)} → 9: 1 change"
    assert (
        second
        == f"breaking: {OPERATION} → query member_id (request): parameter gone; stop sending it"
    )


def test_command_names_the_file_it_cannot_read(tmp_path, capsys):
    missing = tmp_path / "none.yaml"
    assert main([str(JUNCTION), str(missing)]) == 1
    assert capsys.readouterr() == ("", f"diff: {missing}: No such file or directory\n")


def renamed_names(old, new):
    return [change.what for change in compare(old, new) if change.grade is Grade.NAMES]


def test_name_of_a_component_is_said_without_escapes():
    old, new = (
        document({"$ref": f"#/components/schemas/{name}"}, **{"A/B": OBJECT, "C~D": OBJECT})
        for name in ("A~1B", "C~0D")
    )
    for parts, name in ((old, "C~D"), (new, "A/B")):
        del parts["components"]["schemas"][name]
    assert renamed_names(old, new) == ["component A/B is now C~D; class AB is now CD"]


def test_scopes_are_named():
    old, new = document(STRING), document(STRING)
    for parts, scopes in ((old, ["read"]), (new, ["read", "write"])):
        parts["components"]["securitySchemes"] = {"oa": {"type": "oauth2", "flows": {}}}
        parts["security"] = [{"oa": scopes}]
    (change,) = compare(old, new)
    assert change.what == "a request needed oauth2 (read), and now needs oauth2 (read, write)"


def test_enum_without_values_is_nothing():
    assert told({"enum": ["a"]}, {"type": "string", "enum": []}) == [
        "attention: was string (value a), is now nothing"
    ]


def test_line_says_what_to_do():
    (change,) = compare(document(STRING), document({**STRING, "maxLength": 3}))
    assert str(change) == (
        "attention: GET /x → 200 (response): maxLength 3 added; "
        "check that the server already keeps to it"
    )


def test_value_that_means_itself_in_a_query_is_text():
    old, new = document(STRING), document(STRING)
    for parts, kinds in ((old, ["string", "integer"]), (new, ["string"])):
        schema = {"anyOf": [{"type": kind} for kind in kinds]}
        parameter = {"name": "q", "in": "query", "schema": schema}
        parts["paths"]["/x"]["get"]["parameters"] = [parameter]
    (change,) = compare(old, new)
    assert (change.grade, change.what) == (Grade.ABSORBED, "integer is now sent as any text")
