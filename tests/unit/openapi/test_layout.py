from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from openapi.documents import JUNCTION, DocumentError, dumps, load_plain, parse
from openapi.layout import styled

pytestmark = pytest.mark.any_specification

WORDS = (
    "words that go on and on until the line is longer than any writer of YAML lets it be by itself"
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=12,
)


def test_vendors_document_is_written_as_it_was_but_for_folding():
    before = JUNCTION.read_text(encoding="utf-8").rstrip("\n").splitlines()
    after = dumps(styled(load_plain(JUNCTION))).rstrip("\n").splitlines()
    differing = [line for line in after if line not in before]
    assert all(line.lstrip().startswith("description: ") for line in differing)
    rest = [line for line in after if line not in differing]
    assert rest == [line for line in before if line in rest]


@given(st.dictionaries(st.text(max_size=9), JSON))
def test_whatever_it_holds_is_read_back(document):
    assert load_plain(dumps(styled(document))) == document


@given(st.text("0123456789_.:+-eExob=~<yn", min_size=1, max_size=6))
def test_string_is_one_in_yaml_1_1_as_well(text):
    assert yaml.safe_load(dumps(styled({"a": text}))) == {"a": text}


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("plain", "a: plain"),
        ("0.4.483", "a: 0.4.483"),
        ("200", "a: '200'"),
        ("null", "a: 'null'"),
        ("no", "a: 'no'"),
        ("12:30", "a: '12:30'"),
        ("", "a: ''"),
        (None, "a: null"),
        ("one\ntwo", 'a: "one\\ntwo"'),
        (WORDS, f"a: {WORDS}"),
    ],
)
def test_scalar_is_one_line_and_read_as_it_is(value, line):
    assert dumps(styled({"a": value})) == f"{line}\n"


def test_new_keys_follow_what_they_followed():
    like = {"c": 1, "a": 1}
    assert [*styled({"new": 1, "a": 1, "b": 1, "c": 1}, like)] == ["new", "c", "a", "b"]


def test_new_enum_values_follow_what_they_followed():
    like = {"enum": ["c", "a", "a"]}
    assert styled({"enum": ["a", "a", "b", "c"]}, like) == {"enum": ["c", "a", "a", "b"]}


def test_order_of_other_lists_is_the_documents():
    assert styled({"anyOf": ["b", "a"]}, {"anyOf": ["a", "b"]}) == {"anyOf": ["b", "a"]}


def test_parameters_are_matched_by_name():
    like = [{"x": 1, "name": "one", "in": "query"}, {"in": "query", "x": 1, "name": "two"}]
    turned = [{"name": "two", "in": "query", "x": 1}, {"name": "one", "in": "query", "x": 1}]
    assert [[*item] for item in styled(turned, like)] == [["in", "x", "name"], ["x", "name", "in"]]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a": 1, "b": 2, "a": 3}', "has the key 'a' twice"),
        ('{"a": NaN}', "NaN is not allowed in JSON"),
        ('{"a": ', "not JSON"),
        ('{"a": ' * 100_000, "nested too deep"),
        ("a: [1", "not YAML"),
    ],
)
def test_text_that_is_no_document_is_named(text, reason):
    with pytest.raises(DocumentError, match=rf"^there.*{reason}"):
        parse(text, "there")
