"""Exact on every record: whatever the schema allows is kept, whatever it forbids is named."""

import copy
import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from junction_introspect.errors import ResponseDecodeError
from tests.payloads import TIMELINE, encoded, page, statistics, user
from tests.pulls import decode_page
from tests.schemas import CURRENT

LENIENT = CURRENT.opened()


def _back(decoded):
    """What a decoded page says, as a document."""
    return {
        "data": [json.loads(msgspec.json.encode(each)) for each in decoded.data],
        "next_cursor": decoded.next_cursor,
    }


@settings(max_examples=2 * settings.default.max_examples)
@given(CURRENT.documents())
def test_valid_document_is_decoded_and_encodes_back_to_an_equivalent_one(document):
    assert CURRENT.is_valid(document)

    decoded = decode_page(encoded(document))

    assert not decoded.invalid
    assert not decoded.cursor_missing
    expected = CURRENT.canonical(document)
    expected.pop("next", None)
    assert CURRENT.canonical(_back(decoded)) == expected


_OTHERS = st.sampled_from([None, True, 0, -7, 1.5, "", "text", [], {}, [None], {"a": 1}])


@st.composite
def _edited(draw):
    """A valid document, one place of it edited, and how msgspec writes that place."""
    document = draw(CURRENT.documents().filter(lambda drawn: drawn["data"]))
    place = draw(st.sampled_from(list(CURRENT.places(document))))
    edits = ["retype"]
    if isinstance(place.value, dict):
        edits += ["add"]
        edits += ["delete"] if place.value.keys() & place.schema.get("required", ()) else []
        edits += ["rename"] if "additionalProperties" in place.schema and place.value else []
    edit = draw(st.sampled_from(edits))
    if not place.keys and edit == "retype":
        return draw(_OTHERS), "$"
    document = copy.deepcopy(document)
    parent = target = document
    for key in place.keys:
        parent, target = target, target[key]
    if edit == "add":
        target["x_unheard_of"] = draw(_OTHERS)
    elif edit == "delete":
        del target[draw(st.sampled_from(sorted(target.keys() & set(place.schema["required"]))))]
    elif edit == "rename":
        target["unheard_of"] = target.pop(draw(st.sampled_from(sorted(target))))
    else:
        parent[place.keys[-1]] = draw(_OTHERS)
    return document, place.path


def _tried(body):
    try:
        return decode_page(body), None
    except ResponseDecodeError as error:
        return None, error.path if error.well_formed else "not JSON"


@settings(max_examples=2 * settings.default.max_examples)
@given(_edited())
def test_document_with_one_edit_is_taken_unchanged_or_refused_at_the_place_of_the_edit(edited):
    document, path = edited
    if LENIENT.is_valid(document):
        decoded = decode_page(encoded(document))
        assert not decoded.invalid
        assert len(decoded.data) == len(document["data"])
        expected = CURRENT.canonical(document)
        expected.pop("next", None)
        assert CURRENT.canonical(_back(decoded)) == expected
        return
    decoded, refused_at = _tried(encoded(document))
    if decoded is None:
        assert refused_at.startswith(path)
        return
    if "next_cursor" not in document:
        # Pagination decides from what is left: the deprecated name, or that nothing is said.
        assert decoded.cursor_missing == ("next" not in document)
        assert not decoded.invalid
        return
    (invalid,) = decoded.invalid
    # Deeper where a container took the place of another, and what it holds is wrong.
    assert invalid.path.startswith(path)
    assert len(decoded.data) == len(document["data"]) - 1
    assert json.loads(invalid.raw) == document["data"][invalid.index]


def _with_days(days):
    body = encoded(page(user(1, sleep=statistics(days_with_data="DAYS"))))
    return body.replace(b'"DAYS"', days)


@pytest.mark.parametrize("days", [b"70.0", b"7e1", b"-0.0"])
def test_integer_written_as_a_fraction_is_quarantined(days):
    """JSON Schema takes 70.0 for an integer; msgspec does not, and no value is guessed."""
    assert CURRENT.is_valid(json.loads(_with_days(days)))

    (invalid,) = decode_page(_with_days(days)).invalid
    assert invalid.path.endswith(".days_with_data")


@pytest.mark.parametrize(
    "days", [b"9223372036854775808", b"-9223372036854775809", b"1" + b"0" * 40]
)
def test_integer_of_any_size_is_kept(days):
    decoded = decode_page(_with_days(days))

    assert decoded.data[0].provider["oura"].pulled["sleep"].days_with_data == int(days)


def _scheduled(text):
    return page(user(1, sleep=statistics(timeline={**TIMELINE, "scheduled_at": text})))


@pytest.mark.parametrize(
    "text", ["2016-12-31T23:59:60Z", "0000-01-01T00:00:00Z"], ids=["leap second", "year 0"]
)
def test_moment_that_python_has_not_is_quarantined(text):
    """RFC 3339 allows both; a datetime holds neither, and no moment is guessed."""
    assert CURRENT.is_valid(_scheduled(text))

    (invalid,) = decode_page(encoded(_scheduled(text))).invalid
    assert invalid.path.endswith(".scheduled_at")


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2023-10-24T13:53:59", "2023-10-24T13:53:59"),
        ("2023-10-24 13:53:59Z", "2023-10-24T13:53:59+00:00"),
        ("2023-10-24T13:53:59+0200", "2023-10-24T13:53:59+02:00"),
    ],
    ids=["without a zone", "with a space", "offset without a colon"],
)
def test_moment_in_a_looser_spelling_is_read(text, same):
    """RFC 3339 forbids these, and the vendor has sent the first for five months."""
    assert not CURRENT.is_valid(_scheduled(text))

    decoded = decode_page(encoded(_scheduled(text)))
    moment = decoded.data[0].provider["oura"].pulled["sleep"].timeline.scheduled_at
    assert moment.isoformat() == same


def test_fraction_beyond_microseconds_is_rounded():
    decoded = decode_page(encoded(_scheduled("2023-10-24T13:53:59.1234567Z")))

    moment = decoded.data[0].provider["oura"].pulled["sleep"].timeline.scheduled_at
    assert moment.microsecond == 123457


def test_uuid_without_hyphens_is_read():
    """RFC 9562 writes hyphens; 32 digits are no less an id."""
    record = {**user(1), "user_id": "0b6ab5a46a624d31a4f88a1e4bd7c9d1"}
    assert not CURRENT.is_valid(page(record))

    (decoded,) = decode_page(encoded(page(record))).data
    assert str(decoded.user_id) == "0b6ab5a4-6a62-4d31-a4f8-8a1e4bd7c9d1"
