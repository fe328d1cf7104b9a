"""Unlisted values are found exactly where the specification does not list them."""

from __future__ import annotations

import importlib.util
import json
import random
import sys
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from junction_api import enums, leniency, models
from openapi import generate
from openapi.documents import load_plain
from openapi.lint import validator
from openapi.samples import Sampler
from tests.support.schemas import SPECIFICATION

SCHEMAS = SPECIFICATION["components"]["schemas"]
RESPONSE = {"$ref": "#/components/schemas/UserHistoricalPullsResponse"}


class Lawless(Sampler):
    """Makes documents that are valid but for the values of enums, one in four of them."""

    def listed(self, values):
        number = self._random.randrange(40)
        if number >= 10:
            return self._random.choice(values)
        return 1000 + number if isinstance(values[0], int) else f"unlisted-{number}"


def unlisted(schema, document, value):
    """Return how often jsonschema meets each (enum's name, value) that the schema refuses."""
    errors = validator(schema, document).iter_errors(value)
    return Counter(one for error in errors for one in told(error))


LISTS = ("enum", "const")


def name_of(title):
    """Return the name of an enum: behind its model's where it is no component."""
    own = {"Inline": "TreeInline", "Constant": "TreeConstant", "Seven": "TreeSeven"}
    return own.get(title, title)


def told(error):
    if error.validator in LISTS:
        yield name_of(error.schema["title"]), error.instance
        return
    assert error.validator == "anyOf", error  # nothing else is wrong
    alternatives = {}
    for inner in error.context:
        alternatives.setdefault(inner.relative_schema_path[0], []).append(inner)
    # An alternative of another type is not what was meant.
    meant = [
        inner
        for several in alternatives.values()
        if not any(one.validator == "type" and not one.relative_path for one in several)
        for inner in several
    ]
    if all(inner.validator in LISTS and inner.instance == error.instance for inner in meant):
        yield " | ".join(name_of(inner.schema["title"]) for inner in meant), error.instance
    else:
        for inner in meant:
            yield from told(inner)


@given(st.randoms(use_true_random=False))
def test_exactly_what_the_specification_does_not_list_is_found(source):
    document = Lawless(SPECIFICATION, source).value(RESPONSE)
    page = models.UserHistoricalPullsResponse.from_dict(document)

    found = []
    leniency.unlisted_in_user_historical_pulls_response(page, found)
    by_record = []
    for user in page.data:
        leniency.unlisted_in_single_user_historical_pull_response(user, by_record)

    assert Counter(found) == unlisted(RESPONSE, SPECIFICATION, document)
    assert Counter(by_record) == Counter(found)


def test_every_enum_of_the_specification_is_in_the_table_with_its_values():
    titles = {one["title"]: set(one["enum"]) for one in SCHEMAS.values() if "enum" in one}
    for model in SCHEMAS.values():
        for one in model.get("properties", {}).values():
            if "enum" in one:
                titles[model["title"] + one["title"].replace(" ", "")] = set(one["enum"])
    assert titles == enums.ENUM_VALUES


def test_every_model_has_a_walk():
    classes = {name for name in models.__all__ if name not in enums.ENUM_VALUES}
    walks = {name for name in dir(leniency) if name.startswith("unlisted_in_")}
    assert len(walks) == len(classes)


COLOUR = {"type": "string", "enum": ["red", "green"], "title": "Colour"}
SHAPE = {"type": "string", "enum": ["round", "green"], "title": "Shape"}
LEVEL = {"type": "integer", "enum": [1, 2, 3], "title": "Level"}


def reference(name):
    return {"$ref": f"#/components/schemas/{name}"}


# Every way for an enum to stand in a model that the specification itself does not have.
PLACES = {
    "plain": reference("Colour"),
    "inline": {"type": "string", "enum": ["one", "two"], "title": "Inline"},
    "number": reference("Level"),
    "constant": {"type": "string", "const": "only", "title": "Constant"},
    "constant_or_null": {
        "anyOf": [{"type": "integer", "const": 7, "title": "Seven"}, {"type": "null"}]
    },
    "either": {"anyOf": [reference("Colour"), reference("Shape")]},
    "either_or_null": {"anyOf": [reference("Colour"), reference("Shape"), {"type": "null"}]},
    "word_or_number": {"anyOf": [reference("Colour"), reference("Level")]},
    "anything_goes": {"anyOf": [reference("Colour"), {"type": "string"}]},
    "one_or_many": {"anyOf": [reference("Colour"), {"type": "array", "items": reference("Shape")}]},
    "many": {"type": "array", "items": reference("Colour")},
    "many_or_null": {"type": "array", "items": {"anyOf": [reference("Colour"), {"type": "null"}]}},
    "table": {"type": "array", "items": {"type": "array", "items": reference("Level")}},
    "by_name": {"type": "object", "additionalProperties": reference("Colour")},
    "names": {
        "type": "object",
        "propertyNames": reference("Shape"),
        "additionalProperties": {"type": "integer"},
    },
    "names_of_two": {
        "type": "object",
        "propertyNames": {"anyOf": [reference("Shape"), reference("Colour")]},
        "additionalProperties": reference("Level"),
    },
    "own_names": {
        "type": "object",
        "propertyNames": {"enum": ["north", "south"], "title": "Direction"},
        "additionalProperties": {"type": "array", "items": reference("Leaf")},
    },
    "leaf": reference("Leaf"),
    "leaf_or_null": {"anyOf": [reference("Leaf"), {"type": "null"}]},
    "leaf_or_leaves": {"anyOf": [reference("Leaf"), {"type": "array", "items": reference("Leaf")}]},
    "below": {"anyOf": [reference("Tree"), {"type": "null"}]},
    "trees": {"type": "array", "items": reference("Tree")},
}
TREE = {
    "type": "object",
    "title": "Tree",
    "properties": PLACES,
    "required": ["plain", "many", "names", "leaf"],
}
TREES = {
    "openapi": "3.1.0",
    "info": {"title": "Trees", "version": "1"},
    "paths": {
        "/trees": {
            "get": {
                "operationId": "get_tree",
                "tags": ["trees"],
                "responses": {
                    "200": {
                        "description": "A tree",
                        "content": {"application/json": {"schema": reference("Tree")}},
                    }
                },
            }
        }
    },
    "components": {
        "schemas": {
            "Tree": TREE,
            "Leaf": {
                "type": "object",
                "title": "Leaf",
                "properties": {"colour": reference("Colour"), "size": {"type": "integer"}},
                "required": ["size"],
            },
            "Colour": COLOUR,
            "Shape": SHAPE,
            "Level": LEVEL,
        }
    },
}


@pytest.fixture(scope="module")
def trees(tmp_path_factory, at_length):
    """Return the package of a document that has enums in every place.

    In `make proof` its types are checked as well.
    """
    folder = tmp_path_factory.mktemp("trees")
    (folder / "spec.yaml").write_text(json.dumps(TREES), encoding="utf-8")
    made = at_length(
        lambda path, output: generate.write(load_plain(path), output), generate.generate
    )
    made(folder / "spec.yaml", folder / "junction_api")
    name = "trees_api"  # which its relative imports allow: junction_api is imported already
    source = folder / "junction_api" / "__init__.py"
    spec = importlib.util.spec_from_file_location(
        name, source, submodule_search_locations=[str(source.parent)]
    )
    package = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(package)
    yield importlib.import_module(f"{name}.leniency")
    for module in [one for one in sys.modules if one.partition(".")[0] == name]:
        del sys.modules[module]


@given(source=st.randoms(use_true_random=False))
def test_unlisted_values_are_found_wherever_an_enum_may_stand(trees, source):
    document = Lawless(TREES, source).value(reference("Tree"))
    found = []
    trees.unlisted_in_tree(trees.models.Tree.from_dict(document), found)
    assert Counter(found) == unlisted(reference("Tree"), TREES, document)


@pytest.mark.parametrize("place", [one for one in PLACES if one != "anything_goes"])
def test_every_place_is_looked_at(trees, place):
    rest = {"plain": "red", "many": [], "names": {}, "leaf": {"size": 1}}
    for seed in range(100):
        source = random.Random(seed)
        document = {**rest, place: Lawless(TREES, source).value(PLACES[place])}
        found = []
        trees.unlisted_in_tree(trees.models.Tree.from_dict(document), found)
        assert Counter(found) == unlisted(reference("Tree"), TREES, document)
        if found:
            return
    pytest.fail("no document had an unlisted value there")


def test_string_beside_an_enum_of_strings_is_never_unlisted(trees):
    document = {"plain": "red", "many": [], "names": {}, "leaf": {"size": 1}}
    found = []
    trees.unlisted_in_tree(
        trees.models.Tree.from_dict({**document, "anything_goes": "whatever"}), found
    )
    assert found == []


def test_enum_of_map_keys_alone_is_in_the_table(trees):
    table = sys.modules["trees_api.enums"].ENUM_VALUES
    assert table["Direction"] == {"north", "south"}
    assert trees.ENUM_VALUES is table
