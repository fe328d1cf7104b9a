from __future__ import annotations

import copy

import pytest

from openapi.consts import opened


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"const": "a"}, {"type": "string", "enum": ["a"]}),
        ({"const": 1, "title": "One"}, {"title": "One", "type": "integer", "enum": [1]}),
        ({"const": True}, {"type": "boolean"}),
        ({"const": None}, {"type": "null"}),
        ({"const": 1.5, "type": "number"}, {"type": "number"}),
        ({"const": ["a"]}, {}),
        (
            {"anyOf": [{"const": "a"}, {"const": "b", "type": "string"}], "title": "Two"},
            {"title": "Two", "type": "string", "enum": ["a", "b"]},
        ),
        ({"oneOf": [{"const": 1}, {"const": 2}]}, {"type": "integer", "enum": [1, 2]}),
        (
            {"anyOf": [{"const": "a"}, {"type": "null"}]},
            {"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}]},
        ),
        (
            {"anyOf": [{"const": "a"}, {"const": 1}]},
            {"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "integer", "enum": [1]}]},
        ),
        ({"enum": ["a"]}, {"enum": ["a"]}),
    ],
)
def test_constant_becomes_an_enum(schema, expected):
    document = {"components": {"schemas": {"Thing": schema}}}
    before = copy.deepcopy(document)
    assert opened(document) == {"components": {"schemas": {"Thing": expected}}}
    assert document == before


def test_property_that_is_named_const_stays():
    schema = {"properties": {"const": {"type": "string"}}}
    assert opened(schema) == schema


def test_what_tells_the_members_of_a_union_apart_stays_closed():
    cat = {"properties": {"kind": {"const": "cat"}, "sound": {"const": "meow"}}}
    dog = {"properties": {"kind": {"const": "dog"}}}
    reference = {"$ref": "#/components/schemas/Tomcat"}
    union = {"oneOf": [reference, dog], "discriminator": {"propertyName": "kind"}}
    schemas = {"Pet": union, "Cat": cat, "Tomcat": {"$ref": "#/components/schemas/Cat"}}
    result = opened({"components": {"schemas": schemas}})["components"]
    assert result["schemas"]["Cat"]["properties"] == {
        "kind": {"const": "cat"},
        "sound": {"type": "string", "enum": ["meow"]},
    }
    assert result["schemas"]["Pet"]["oneOf"][1] == dog
