"""What is made of a schema is what the schema allows, and all that it allows is made."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openapi.documents import resolved
from openapi.lint import validator
from openapi.samples import (
    UNFORESEEN,
    SampleError,
    foreseen,
    json_schema,
    samples,
    status_code,
)
from tests.support.schemas import SPECIFICATION

TREE = {
    "properties": {"below": {"anyOf": [{"$ref": "#/components/schemas/Tree"}, {"type": "null"}]}}
}
LOCAL = {"components": {"schemas": {"Tree": {**TREE, "type": "object", "required": ["below"]}}}}

SCHEMAS = [
    {},
    True,
    {"type": "null"},
    {"type": "boolean"},
    {"const": "x"},
    {"enum": [1, "a", None]},
    {"type": "integer", "minimum": 3, "exclusiveMaximum": 5},
    {"type": "integer", "exclusiveMinimum": 3, "maximum": 4},
    {"type": "number", "minimum": -1, "maximum": 1},
    {"type": "number", "maximum": -5},
    {"type": "string", "minLength": 7, "maxLength": 9},
    *({"type": "string", "format": name} for name in ("date-time", "date", "uuid", "email")),
    {"type": ["string", "null"]},
    {"type": "array", "items": {"type": "integer"}, "minItems": 4},
    {"type": "array", "items": {"enum": [1, 2]}, "uniqueItems": True},
    {"type": "array", "maxItems": 0},
    {"prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False},
    {"properties": {"a": {"type": "string"}, "b": {}}, "required": ["a"], "type": "object"},
    {"type": "object", "properties": {"a": {}}, "additionalProperties": False},
    {"additionalProperties": {"type": "integer"}, "propertyNames": {"enum": ["x", "y"]}},
    {
        "type": "object",
        "propertyNames": {"anyOf": [{"const": "x"}, {"enum": ["y"]}]},
        "additionalProperties": {"type": "null"},
    },
    {"anyOf": [{"type": "string"}, {"type": "integer"}], "title": "Either"},
    {
        "allOf": [
            {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
            {"properties": {"b": {"type": "integer"}}, "required": ["b"]},
        ]
    },
    {"$ref": "#/components/schemas/Tree"},
]


def sample(schema, document, source):
    return next(samples(schema, document, [source]))


@given(schema=st.sampled_from(SCHEMAS), source=st.randoms(use_true_random=False))
def test_sample_is_valid(schema, source):
    value = sample(schema, LOCAL, source)
    assert validator(schema, LOCAL).is_valid(json.loads(json.dumps(value)))


@given(st.randoms(use_true_random=False))
def test_sample_of_the_specification_is_valid(source):
    reference = {"$ref": "#/components/schemas/UserHistoricalPullsResponse"}
    validator(reference, SPECIFICATION).validate(sample(reference, SPECIFICATION, source))


def test_sample_matches_a_pattern():
    schema = {"type": "string", "pattern": r"^\d{5}(-\d{4})?$"}
    assert {len(sample(schema, {}, Random(seed))) for seed in range(9)} <= {5, 10}


def test_same_chance_gives_the_same_sample():
    reference = {"$ref": "#/components/schemas/UserHistoricalPullsResponse"}
    one, other = (sample(reference, SPECIFICATION, Random(4)) for _ in range(2))
    assert one == other


@pytest.mark.parametrize(
    ("schema", "wanted"),
    [
        ({"enum": ["a", "b"]}, {"a", "b"}),
        ({"type": ["string", "null"], "maxLength": 0}, {"", None}),
        ({"anyOf": [{"const": 1}, {"const": 2}]}, {1, 2}),
        ({"type": "boolean"}, {True, False}),
    ],
)
def test_everything_that_is_allowed_is_made_some_time(schema, wanted):
    assert {sample(schema, {}, Random(seed)) for seed in range(60)} == wanted


def test_optional_properties_are_there_or_not_and_others_now_and_then():
    schema = {"type": "object", "properties": {"a": {"const": 1}}}
    made = [sample(schema, {}, Random(seed)) for seed in range(100)]
    assert {"a" in one for one in made} == {True, False}
    others = {key for one in made for key in one} - {"a"}
    assert others
    assert all(key.startswith(UNFORESEEN) for key in others)
    assert {tuple(foreseen([one])[0]) for one in made} == {(), ("a",)}


def test_schema_that_contradicts_itself_has_no_sample():
    with pytest.raises(SampleError, match="no valid document could be made: "):
        sample({"type": "integer", "not": {}}, {}, Random(0))


@pytest.mark.parametrize(
    ("content", "schema"),
    [
        ({"application/json": {"schema": {"const": 1}}}, {"const": 1}),
        ({"application/problem+json; charset=utf-8": {"schema": {"const": 1}}}, {"const": 1}),
        ({"text/csv": {}, "application/json": {}}, {}),
        ({"text/csv": {"schema": {"const": 1}}}, None),
        ({}, None),
    ],
)
def test_schema_of_a_response_is_that_of_its_json(content, schema):
    assert json_schema({"content": content}, {}) == schema
    assert json_schema({}, {}) is None


@pytest.mark.parametrize(("status", "code"), [("200", 200), ("4XX", 400), ("default", 511)])
def test_status_stands_for_one_code(status, code):
    assert status_code(status) == code


def test_what_stands_beside_a_reference_counts_as_well():
    document = {"a": {"type": "string"}, "b": {"$ref": "#/a", "title": "B"}, "c": True}
    assert resolved({"$ref": "#/b"}, document) == {"type": "string", "title": "B"}
    assert resolved({"$ref": "#/c"}, document) is True
