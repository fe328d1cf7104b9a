"""JSON, split at its brackets and commas."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from junction_introspect._http.splitting import NotJSONError, members, parts

pytestmark = pytest.mark.any_specification

_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.text(max_size=5)
    | st.text('"\\[]{},:', max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
)


@given(st.lists(_VALUES), st.sampled_from([None, 1]), st.booleans())
def test_array_is_split_into_its_items(values, indent, ascii_only):
    text = json.dumps(values, indent=indent, ensure_ascii=ascii_only).encode(errors="surrogatepass")

    found = [json.loads(part.decode(errors="surrogatepass")) for part in parts(text)]

    assert repr(found) == repr(values)


@given(st.dictionaries(st.text(max_size=5), _VALUES), st.sampled_from([None, 1]))
def test_object_is_split_into_names_and_values(values, indent):
    text = json.dumps(values, indent=indent).encode()

    found = {json.loads(name): json.loads(value) for name, value in members(text)}

    assert repr(found) == repr(values)


@pytest.mark.parametrize(
    "text",
    [
        b"[",
        b"[1",
        b"[1}",
        b"{1]",
        b"[[1}]",
        b"[[]",
        b"[]]",
        b"[] ]",
        b"[1]2",
        b'["a]',
        b'["a\\"]',
        b"[1,]",
        b"[,1]",
        b"[1,,2]",
        b"[ , ]",
        b"",
    ],
)
def test_text_whose_brackets_strings_or_commas_are_not_those_of_json_is_refused(text):
    with pytest.raises(NotJSONError):
        parts(text)


@pytest.mark.parametrize(
    "text",
    [b"{1: 2}", b'{"a"}', b'{"a" 1}', b'{"%s":}' % (b"a" * 1000), b'{"a": 1, "b": }'],
    ids=["no string", "name alone", "no colon", "no value", "no second value"],
)
def test_member_without_a_name_or_value_is_refused(text):
    with pytest.raises(NotJSONError):
        members(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b"[]", []),
        (b"[ \n]", []),
        (b'[ "a,]" ,\t{"b": [1, 2]} ]', [b'"a,]"', b'{"b": [1, 2]}']),
        (b'["\\\\", "\\"", NaN, \xff, "\xff"]', [b'"\\\\"', b'"\\""', b"NaN", b"\xff", b'"\xff"']),
    ],
)
def test_parts_keep_their_bytes(text, found):
    assert parts(text) == found


def test_depth_and_length_take_no_stack():
    deep = b"[" * 200_000 + b"]" * 200_000
    long = b'"' + b"\\n" * 1_000_000 + b'"'

    assert parts(b"[" + deep + b"," + long + b"]") == [deep, long]
    with pytest.raises(NotJSONError):
        parts(deep[:-1] + b"}")
