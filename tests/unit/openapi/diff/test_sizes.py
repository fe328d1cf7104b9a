"""Schemas made to be too much: compared as far as can be, and never without an end."""

from __future__ import annotations

import pytest

from openapi.diff import schemas, variants
from openapi.diff.changes import Grade
from openapi.diff.compare import compare
from openapi.diff.variants import Schemas
from openapi.documents import DocumentError

STRING, NULL = {"type": "string"}, {"type": "null"}


def document(schema, **components):
    content = {"application/json": {"schema": schema}}
    responses = {"200": {"description": "d", "content": content}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {"/x": {"get": {"responses": responses}}},
        "components": {"schemas": components},
    }


def reference(name):
    return {"$ref": f"#/components/schemas/{name}"}


def fields(**properties):
    return {"type": "object", "properties": properties}


def told(old, new):
    return [(change.grade, change.what) for change in compare(old, new)]


def unions(number, kind):
    """Return an `allOf` of unions of two, one of which holds a field of a type at last."""
    return {
        "allOf": [
            {"anyOf": [fields(**{f"a{n}": {"type": kind if n == 7 else "string"}}), fields(b=NULL)]}
            for n in range(number)
        ]
    }


@pytest.mark.parametrize("number", [8, 14, 30])
def test_unions_that_multiply_are_not_multiplied_out(number):
    old, new = (document(unions(number, kind)) for kind in ("string", "integer"))
    schema = old["paths"]["/x"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert len(Schemas(old).variants(schema)) <= 256
    assert told(old, unions_reread(old)) == []
    assert (Grade.BREAKING, "string is now integer") in told(old, new)


def unions_reread(old):
    schema = old["paths"]["/x"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    return document({**schema})


def test_unions_that_multiply_in_another_number_ask_for_attention():
    assert told(document(unions(14, "string")), document(unions(15, "string"))) == [
        (Grade.ATTENTION, "allOf changed")
    ]


def test_many_constants_are_one_enum():
    constants = {"oneOf": [{"const": f"c{n}"} for n in range(3000)]}
    enum = {"enum": [f"c{n}" for n in range(3001)]}
    assert told(document(constants), document(enum)) == [(Grade.ABSORBED, "new enum value c3000")]


def test_many_alternatives_are_matched_by_what_they_hold():
    several = [fields(**{f"f{n}": STRING}) for n in range(400)]
    changed = [*several[:-1], fields(f399={"type": "integer"})]
    old, new = ({"oneOf": listed} for listed in (several, reversed_first(changed)))
    assert told(document(old), document(new)) == [(Grade.BREAKING, "string is now integer")]


def test_many_alternatives_that_are_new_are_matched_one_by_one():
    old, new = (
        {"oneOf": [fields(**{f"f{n}": {"type": kind}}) for n in range(400)]}
        for kind in ("string", "integer")
    )
    assert told(document(old), document(new)) == [(Grade.BREAKING, "string is now integer")] * 400


def reversed_first(listed):
    return [*listed[:-1][::-1], listed[-1]]


def connected(number, word):
    """Return components that all refer to one another, by a union or by an `allOf`."""
    return {
        f"A{n}": {
            word: [
                *(reference(f"A{other}") for other in range(number) if other != n),
                fields(**{f"x{n}": reference(f"A{(n + 1) % number}")}),
            ]
        }
        for n in range(number)
    }


@pytest.mark.parametrize("word", ["anyOf", "allOf"])
def test_components_that_all_refer_to_one_another_are_compared(word):
    old, new = connected(6, word), connected(6, word)
    new["A5"][word][-1] = fields(x5=STRING)
    assert told(document(reference("A0"), **old), document(reference("A0"), **old)) == []
    assert told(document(reference("A0"), **old), document(reference("A0"), **new))


def test_merged_recursion_ends():
    components = {
        f"A{n}": fields(
            up={"allOf": [reference(f"A{(3 * n + 1) % 9}"), reference(f"A{(5 * n + 2) % 9}")]}
        )
        for n in range(9)
    }
    both = {"allOf": [reference("A0"), reference("A1")]}
    new = {**components, "A7": fields(up=components["A7"]["properties"]["up"], z=STRING)}
    assert told(document(both, **components), document(both, **components)) == []
    assert {grade for grade, _ in told(document(both, **components), document(both, **new))} == {
        Grade.ABSORBED
    }


def test_alternatives_behind_a_cycle_are_not_forgotten():
    def two(member):
        return {
            "A": {"anyOf": [member, reference("B")]},
            "B": {"anyOf": [{"type": "boolean"}, reference("A")]},
        }

    both = fields(a=reference("A"), b=reference("B"))
    old, new = (document(both, **two(member)) for member in (STRING, {"type": "integer"}))
    places = {place for change in compare(old, new) for place in change.places}
    assert places == {"GET /x → 200 → a", "GET /x → 200 → b"}


def test_too_many_ways_from_schema_to_schema_are_refused(monkeypatch):
    monkeypatch.setattr(variants, "_MOST_READ", 50)
    both = document(reference("A0"), **connected(12, "anyOf"))
    with pytest.raises(DocumentError, match="too many ways"):
        compare(both, both)


def test_what_is_too_large_asks_for_attention(monkeypatch):
    monkeypatch.setattr(schemas, "_MOST", 20)
    many = {f"f{n}": fields(a=STRING) for n in range(40)}
    old, new = (document(fields(**many)) for _ in range(2))
    assert told(old, new) == [(Grade.ATTENTION, "too large to be compared completely")]
