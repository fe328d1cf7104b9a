from __future__ import annotations

import runpy
import sys

import pytest

from openapi.documents import SPEC, load_plain
from openapi.lint import defects, main
from tests.support.reading import LIBRARY

pytestmark = pytest.mark.any_specification

SCHEMA = "/components/schemas/Thing"


RESPONSES = {"200": {"description": "d"}}


def document(**parts):
    return {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {}, **parts}


def with_schema(schema, **others):
    return document(components={"schemas": {"Thing": schema, **others}})


def with_operation(**parts):
    return document(paths={"/x": {"get": {"responses": RESPONSES, **parts}}})


def with_media_type(media_type):
    content = {"application/json": media_type}
    return with_operation(responses={"200": {"description": "d", "content": content}})


def test_document_is_reported_defect_by_defect():
    example = "/components/schemas/LoansPage/example"
    assert defects(load_plain(LIBRARY)) == [
        '/components/schemas/Genre/enum: duplicate value "poetry"',
        f"{example}/data/0/member_id: invalid example: '' is not a 'uuid'",
        f"{example}: invalid example: 'next' is a required property",
        f"{example}/after: the string 'None' where null is meant",
    ]


def test_spec_passes():
    assert defects(load_plain(SPEC)) == []


@pytest.mark.parametrize(
    ("values", "duplicates"),
    [
        (["a", "b", "a", "b", "c"], ['"a"', '"b"']),
        (["a", "b", "c", "a", "a"], ['"a"']),
        ([1, 2, 1], ["1"]),
        ([None, None], ["null"]),
        ([{"a": 1}, {"a": 1}], ['{"a": 1}']),
        ([1, "1", None, True, False, 0], []),
    ],
)
def test_each_duplicate_enum_value_is_reported_once(values, duplicates):
    expected = [f"{SCHEMA}/enum: duplicate value {value}" for value in duplicates]
    assert defects(with_schema({"enum": values})) == expected


def test_duplicate_enum_value_is_found_in_a_parameter():
    parameter = {"name": "p", "in": "query", "schema": {"items": {"enum": ["a", "a"]}}}
    assert defects(with_operation(parameters=[parameter])) == [
        '/paths/~1x/get/parameters/0/schema/items/enum: duplicate value "a"'
    ]


@pytest.mark.parametrize("word", ["example", "default", "const"])
def test_enum_within_data_is_not_taken_for_a_schema(word):
    assert defects(with_schema({word: {"enum": ["a", "a"]}})) == []


def test_enum_within_examples_is_not_taken_for_a_schema():
    assert defects(with_schema({"examples": [{"enum": ["a", "a"]}]})) == []


@pytest.mark.parametrize("name", ["enum", "example", "examples", "default", "schema", "$ref"])
def test_property_may_be_named_like_a_word_of_the_specification(name):
    schema = {"properties": {name: {"enum": ["a", "a"]}}}
    assert defects(with_schema(schema)) == [f'{SCHEMA}/properties/{name}/enum: duplicate value "a"']


@pytest.mark.parametrize(
    ("name", "bad", "good"),
    [
        ("date-time", "2023-10-24 00:00", "2023-10-24T00:00:00+00:00"),
        ("date", "24.10.2023", "2023-10-24"),
        ("uuid", "", "0b6ab5a4-6a62-4d31-a4f8-8a1e4bd7c9d1"),
        ("email", "nobody", "nobody@example.com"),
    ],
)
def test_formats_of_examples_are_checked(name, bad, good):
    schema = {"type": "string", "format": name}
    assert defects(with_schema({**schema, "example": good})) == []
    assert defects(with_schema({**schema, "example": bad})) == [
        f"{SCHEMA}/example: invalid example: {bad!r} is not a {name!r}"
    ]


def test_example_is_reported_at_the_place_within():
    schema = {
        "type": "object",
        "properties": {"a": {"type": "array", "items": {"type": "integer"}}},
        "example": {"a": [1, "two", 3]},
    }
    assert defects(with_schema(schema)) == [
        f"{SCHEMA}/example/a/1: invalid example: 'two' is not of type 'integer'"
    ]


def test_each_example_of_a_schema_is_checked():
    assert defects(with_schema({"type": "integer", "examples": [1, "two", 3, "four"]})) == [
        f"{SCHEMA}/examples/1: invalid example: 'two' is not of type 'integer'",
        f"{SCHEMA}/examples/3: invalid example: 'four' is not of type 'integer'",
    ]


def test_example_is_checked_through_references():
    schema = {"$ref": "#/components/schemas/Other", "example": "x"}
    assert defects(with_schema(schema, Other={"type": "integer"})) == [
        f"{SCHEMA}/example: invalid example: 'x' is not of type 'integer'"
    ]


def test_example_is_checked_through_references_to_anywhere_in_the_document():
    parameters = [
        {"name": "p", "in": "query", "schema": {"type": "integer"}},
        {
            "name": "q",
            "in": "query",
            "schema": {"$ref": "#/paths/~1x/get/parameters/0/schema"},
            "example": "x",
        },
    ]
    assert defects(with_operation(parameters=parameters)) == [
        "/paths/~1x/get/parameters/1/example: invalid example: 'x' is not of type 'integer'"
    ]


def test_example_of_a_parameter_is_checked():
    parameter = {"name": "p", "in": "query", "schema": {"type": "integer"}, "example": "x"}
    assert defects(with_operation(parameters=[parameter])) == [
        "/paths/~1x/get/parameters/0/example: invalid example: 'x' is not of type 'integer'"
    ]


def test_named_examples_of_a_parameter_are_checked():
    parameter = {
        "name": "p",
        "in": "query",
        "schema": {"type": "integer"},
        "examples": {"good": {"value": 1}, "bad": {"value": "x"}, "elsewhere": {"summary": "s"}},
    }
    assert defects(with_operation(parameters=[parameter])) == [
        "/paths/~1x/get/parameters/0/examples/bad: invalid example: 'x' is not of type 'integer'"
    ]


@pytest.mark.parametrize(
    ("example", "place"),
    [({"example": "x"}, "example"), ({"examples": {"bad": {"value": "x"}}}, "examples/bad")],
)
def test_examples_of_a_media_type_are_checked(example, place):
    media_type = "/paths/~1x/get/responses/200/content/application~1json"
    assert defects(with_media_type({"schema": {"type": "integer"}, **example})) == [
        f"{media_type}/{place}: invalid example: 'x' is not of type 'integer'"
    ]


def test_example_of_a_header_is_checked():
    headers = {"Age": {"schema": {"type": "integer"}, "example": "x"}}
    response = {"description": "d", "headers": headers}
    place = "/paths/~1x/get/responses/200/headers/Age/example"
    assert defects(with_operation(responses={"200": response})) == [
        f"{place}: invalid example: 'x' is not of type 'integer'"
    ]


def test_named_example_that_is_a_reference_is_left_to_its_target():
    media_type = {"schema": {}, "examples": {"one": {"$ref": "#/components/examples/One"}}}
    parts = with_media_type(media_type)
    assert defects({**parts, "components": {"examples": {"One": {"value": 1}}}}) == []


def test_string_none_is_reported_wherever_an_example_holds_it():
    schema = {"example": {"a": ["None", None, "none"], "b": {"c": "None"}}}
    assert defects(with_schema(schema)) == [
        f"{SCHEMA}/example/a/0: the string 'None' where null is meant",
        f"{SCHEMA}/example/b/c: the string 'None' where null is meant",
    ]


def test_string_none_is_no_defect_of_a_schema():
    assert defects(with_schema({"enum": ["None", "Some"], "title": "None"})) == []


@pytest.mark.parametrize("value", [None, [], "Not Found", 1, True])
def test_document_that_is_no_object_is_one_line(value):
    assert defects(value) == ["/: not an object"]


def test_object_that_is_no_openapi_document_is_reported_line_by_line():
    lines = defects({})
    assert any("openapi" in line for line in lines)
    assert all(line.startswith("/: ") and "\n" not in line for line in lines)


def test_reference_to_an_object_of_another_kind_is_one_line():
    parameters = [{"$ref": "#/components/schemas/A"}]
    found = defects(with_operation(parameters=parameters) | {"components": {"schemas": {"A": {}}}})
    assert found == [
        "/components/schemas/A: name is missing",
        "/components/schemas/A: in is missing",
    ]


def test_other_version_of_openapi_is_refused():
    (line,) = defects(document(openapi="3.0.3"))
    assert line.startswith("/openapi: ")


def test_key_that_is_no_string_is_reported():
    response = {"description": "d"}
    assert defects(with_operation(responses={200: response, "default": response})) == [
        "/paths/~1x/get/responses/200: the key 200 is not a string"
    ]


@pytest.mark.parametrize(
    "reference",
    [
        "#/components/schemas/Nope",
        "#/components/schemas/Thing/enum/9",
        "#/components/schemas/Thing/enum/first",
        "#/info/title/length",
        "#Thing",
        "other.yaml#/Thing",
        "./components/schemas/Thing",
        "http://127.0.0.1:9/schema.json",
    ],
)
def test_reference_that_leads_nowhere_is_one_line(reference):
    schema = {"enum": ["a"], "properties": {"p": {"$ref": reference}}}
    assert defects(with_schema(schema)) == [
        f"{SCHEMA}/properties/p/$ref: {reference!r} leads nowhere in this document"
    ]


@pytest.mark.parametrize("place", ["$defs/a~1b~0c%20d", "anyOf/0"])
def test_reference_may_be_escaped_or_lead_into_a_list(place):
    schema = {"anyOf": [{"type": "string"}], "$defs": {"a/b~c d": {"type": "string"}}}
    other = {"items": {"$ref": f"#/components/schemas/Thing/{place}"}}
    assert defects(with_schema(schema, Other=other)) == []


@pytest.mark.parametrize(
    "schema",
    [{"$ref": "#/components/schemas/Thing"}, {"allOf": [{"$ref": "#/components/schemas/Thing"}]}],
)
def test_schema_that_is_only_itself_is_one_line(schema):
    assert defects(with_schema({**schema, "example": 1})) == [
        "/: nested too deep, or references that lead only to one another"
    ]


def test_schema_may_hold_itself():
    schema = {"properties": {"children": {"items": {"$ref": "#/components/schemas/Thing"}}}}
    assert defects(with_schema({**schema, "example": {"children": [{"children": []}]}})) == []


@pytest.mark.parametrize(
    ("schema", "line"),
    [
        ({"type": "objekt"}, "/type: 'objekt' is not valid under any of the given schemas"),
        ({"enum": "x"}, "/enum: 'x' is not of type 'array'"),
        ({"properties": None}, "/properties: None is not of type 'object'"),
        ({"required": "a"}, "/required: 'a' is not of type 'array'"),
        ({"pattern": "("}, "/pattern: '(' is not a 'regex'"),
        ({"items": {"minimum": "1"}}, "/items/minimum: '1' is not of type 'number'"),
    ],
)
def test_malformed_schema_is_reported_where_it_stands(schema, line):
    # The example would need the schema, so it is not asked.
    assert defects(with_schema({**schema, "example": {}})) == [f"{SCHEMA}{line}"]


def test_malformed_schema_of_a_media_type_is_reported_where_it_stands():
    place = "/paths/~1x/get/responses/200/content/application~1json/schema"
    assert defects(with_media_type({"schema": {"enum": 1}})) == [
        f"{place}/enum: 1 is not of type 'array'"
    ]


@pytest.mark.parametrize("value", [None, [], "x", 1, [1], True])
@pytest.mark.parametrize("part", ["info", "paths", "components"])
def test_malformed_part_is_one_line(part, value):
    (line,) = defects(document(**{part: value}))
    assert line.startswith(f"/{part}: ")
    assert "\n" not in line


def test_malformed_list_of_parameters_is_one_line():
    (line,) = defects(with_operation(parameters={"name": "p", "in": "query", "schema": {}}))
    assert line.startswith("/paths/~1x/get/parameters: ")
    assert "\n" not in line


def test_what_the_whole_document_must_agree_on_is_checked():
    item = {"get": {"operationId": "same", "responses": RESPONSES}}
    (line,) = defects(document(paths={"/x": item, "/y": item}))
    assert "'same'" in line


def test_command_is_silent_about_the_spec(capsys):
    assert main([]) == 0
    assert capsys.readouterr() == ("", "")


def test_command_prints_a_line_for_each_defect(capsys):
    assert main([str(LIBRARY)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == defects(load_plain(LIBRARY))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "{path}: No such file or directory"),
        ("a: [1", "{path}, line 1: not YAML: expected ',' or ']'"),
        ("[]", "/: not an object"),
        ("", "/: not an object"),
    ],
)
def test_command_says_in_one_line_that_there_is_no_document(content, reason, tmp_path, capsys):
    path = tmp_path / "input.yaml"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    assert main([str(path)]) == 1
    out, err = capsys.readouterr()
    assert err.startswith(reason.format(path=path))
    assert (out, err.count("\n")) == ("", 1)


def test_module_is_the_command(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["lint", str(SPEC)])
    monkeypatch.delitem(sys.modules, "openapi.lint")
    with pytest.raises(SystemExit) as caught:
        runpy.run_module("openapi.lint", run_name="__main__")
    assert caught.value.code == 0
