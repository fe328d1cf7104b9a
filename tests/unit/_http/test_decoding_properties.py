"""Exact on every record: whatever the schema allows is kept, whatever it forbids is named."""

import copy
import datetime as dt
import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from junction_introspect.errors import ResponseDecodeError
from tests.support.payloads import TIMELINE, encoded, page, statistics, user
from tests.support.pulls import decode_page
from tests.support.schemas import CURRENT

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


@pytest.mark.parametrize(
    ("days", "number"),
    [
        (b"70.0", 70),
        (b"7e1", 70),
        (b"7E+01", 70),
        (b"-7.0e1", -70),
        (b"700e-1", 70),
        (b"70." + b"0" * 5000, 70),
        (b"0.7e2", 70),
        (b"-0.0", 0),
        (b"0e7", 0),
        (b"9007199254740993.0", 9007199254740993),
        (b"1.5e300", 15 * 10**299),
    ],
)
@pytest.mark.parametrize("more", [[], [{}]], ids=["alone", "beside a bad record"])
def test_integer_written_as_a_fraction_is_that_integer(days, number, more):
    """JSON Schema takes 70.0 for an integer, and a float would lose digits of a large one."""
    record = user(1, sleep=statistics(days_with_data="DAYS"))
    decoded = decode_page(encoded(page(record, *more)).replace(b'"DAYS"', days))

    found = decoded.data[0].provider["oura"].pulled["sleep"].days_with_data
    assert found == number
    assert type(found) is int


@pytest.mark.parametrize(
    "days", [b"70.5", b"7e-1", b"1e400", b"70.0000000000000000001", b"1e-99999", b"07.0", b"7."]
)
def test_number_that_is_no_integer_is_quarantined(days):
    (invalid,) = decode_page(_with_days(days)).invalid

    assert invalid.raw in _with_days(days)


@pytest.mark.parametrize(
    "days", [b"9223372036854775808", b"-9223372036854775809", b"1" + b"0" * 40]
)
def test_integer_of_any_size_is_kept(days):
    decoded = decode_page(_with_days(days))

    assert decoded.data[0].provider["oura"].pulled["sleep"].days_with_data == int(days)


def _scheduled(text, *more):
    return page(user(1, sleep=statistics(timeline={**TIMELINE, "scheduled_at": text})), *more)


def _moment(text, *more):
    (decoded,) = decode_page(encoded(_scheduled(text, *more))).data
    return decoded.provider["oura"].pulled["sleep"].timeline.scheduled_at.isoformat()


@pytest.mark.parametrize(
    "text",
    ["0000-01-01T00:00:00Z", "2016-12-31T22:59:60Z", "9999-12-31T23:59:60-08:00", "23:59:60"],
    ids=["year 0", "second 60 within a day", "after the last year", "no date"],
)
def test_moment_that_there_is_not_is_quarantined(text):
    (invalid,) = decode_page(encoded(_scheduled(text))).invalid

    assert invalid.path.endswith(".scheduled_at")


beside = pytest.mark.parametrize("more", [[], [{}]], ids=["alone", "beside a bad record"])


@beside
@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59+00:00"),
        ("1990-12-31T15:59:60-08:00", "1990-12-31T15:59:59-08:00"),
        ("2016-12-31T23:59:60", "2016-12-31T23:59:59"),
        ("2016-12-31T23:59:60.25Z", "2016-12-31T23:59:59.250000+00:00"),
        ("2016-12-31t23:59:60.9999999z", "2016-12-31T23:59:59.999999+00:00"),
    ],
)
def test_leap_second_is_the_second_before_it(text, same, more):
    """RFC 3339, 5.8, has the first two for examples; a datetime has no second 60."""
    assert _moment(text, *more) == same


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


@beside
@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2023-10-24T13:53:59.1234567Z", "2023-10-24T13:53:59.123456+00:00"),
        ("2023-12-31T23:59:59.9999999Z", "2023-12-31T23:59:59.999999+00:00"),
        ("2023-12-31T23:59:59.999999999+02:00", "2023-12-31T23:59:59.999999+02:00"),
        ("2023-12-31 23:59:59.99999999999", "2023-12-31T23:59:59.999999"),
        ("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.999999+00:00"),
    ],
)
def test_digits_beyond_microseconds_are_cut(text, same, more):
    assert _moment(text, *more) == same


@st.composite
def _spelled(draw):
    """A time with any number of digits, and how JSON may write it: any character as an escape."""
    moment = draw(st.datetimes(timezones=st.just(dt.UTC)))
    digits = draw(st.text("09", max_size=9) | st.text("0123456789", max_size=9))
    text = f"{moment:%Y-%m-%dT%H:%M:%S}".rjust(19, "0") + f"{digits and '.'}{digits}Z"
    escaped = draw(st.sets(st.integers(0, len(text) - 1), max_size=3))
    spelled = "".join(
        f"\\u{ord(each):04x}" if place in escaped else each for place, each in enumerate(text)
    )
    microsecond = int(digits[:6].ljust(6, "0"))
    return spelled, moment.replace(microsecond=microsecond)


@given(_spelled(), st.sampled_from([[], [{}]]))
def test_time_is_cut_to_microseconds_however_it_is_written(spelled, more):
    text, moment = spelled
    body = encoded(_scheduled("TIME", *more)).replace(b"TIME", text.encode())

    (decoded,) = decode_page(body).data
    assert decoded.provider["oura"].pulled["sleep"].timeline.scheduled_at == moment


def test_what_looks_like_a_time_elsewhere_keeps_its_digits():
    text = "2023-12-31T23:59:59.9999999Z"
    record = user(1, sleep=statistics(release=text, timeline={**TIMELINE, "scheduled_at": text}))

    (decoded,) = decode_page(encoded(page(record))).data
    assert decoded.provider["oura"].pulled["sleep"].release == text


def test_uuid_without_hyphens_is_read():
    """RFC 9562 writes hyphens; 32 digits are no less an id."""
    record = {**user(1), "user_id": "0b6ab5a46a624d31a4f88a1e4bd7c9d1"}
    assert not CURRENT.is_valid(page(record))

    (decoded,) = decode_page(encoded(page(record))).data
    assert str(decoded.user_id) == "0b6ab5a4-6a62-4d31-a4f8-8a1e4bd7c9d1"


# What stands in for "DAMAGE" in a record: text that JSON, UTF-8 or the models do not allow, or that
# is rewritten, or that is allowed after all.
_DAMAGE = st.one_of(
    st.sampled_from(
        [
            rb'"\ud83d"',
            rb'"\ud83d\ude00"',
            rb'"\ude00\ud83d"',
            rb'"\""',
            rb'"\\"',
            rb'"\x"',
            b'"\xff"',
            b'"\xed\xa0\xbd"',
            b'"]},{["',
            b'"\x00"',
            b"NaN",
            b"-Infinity",
            b"1e400",
            b"1e-400",
            b"1" * 5000,
            b"70.0",
            b"7e1",
            b"70.5",
            b"07",
            b"tru",
            b"1 2",
            b'"a" "b"',
            b"[1,]",
            b'{"a"}',
            b"[" * 1100 + b"]" * 1100,
            b'{"a":[' * 30_000 + b"]}" * 30_000,
            b'"2016-12-31T23:59:60.1234567Z"',
            b'"2023-12-31T23:59:59.9999999Z"',
            rb'"2023-12-31T23:59:59\u002e9999999Z"',
            rb'"\u002e\ud83d"',
            b"12.12345678",
            b"null",
            b"{}",
        ]
    ),
    st.binary(max_size=8)
    .filter(lambda drawn: not set(drawn) & set(b'"\\[]{},'))
    .map(lambda drawn: b'"' + drawn + b'"'),
)
_PLACES = [
    "DAMAGE",
    {**user(2), "user_id": "DAMAGE"},
    {**user(2), "unheard_of": "DAMAGE"},
    {**user(2), "provider": {"oura": "DAMAGE"}},
    user(2, sleep=statistics(days_with_data="DAMAGE")),
    user(2, sleep=statistics(status="DAMAGE")),
    user(2, sleep=statistics(trace_id="DAMAGE")),
    user(2, sleep=statistics(unheard_of="DAMAGE", days_with_data=7)),
    user(2, sleep=statistics(timeline={**TIMELINE, "ended_at": "DAMAGE"})),
]
_RECORDS = st.one_of(
    st.integers(1, 9).map(lambda number: encoded(user(number))),
    st.builds(
        lambda record, damage: encoded(record).replace(b'"DAMAGE"', damage),
        st.sampled_from(_PLACES),
        _DAMAGE,
    ),
)


def _page_of(records, more=b""):
    return b'{"data": [' + b", ".join(records) + b'], "next_cursor": "c"' + more + b"}"


def _outcome(decoded):
    return (
        list(decoded.data),
        [(each.index, each.path, each.reason, each.raw) for each in decoded.invalid],
        decoded.next_cursor,
    )


@given(st.lists(_RECORDS, max_size=5))
def test_records_are_decoded_alike_whatever_stands_beside_them(records):
    decoded = decode_page(_page_of(records))

    assert decoded.next_cursor == "c"
    good, bad = iter(decoded.data), {each.index: each for each in decoded.invalid}
    for index, record in enumerate(records):
        alone = decode_page(_page_of([record]))
        if index in bad:
            (invalid,) = alone.invalid
            assert bad[index].raw == invalid.raw == record
            assert bad[index].path == invalid.path.replace("[0]", f"[{index}]", 1)
            assert bad[index].reason == invalid.reason
        else:
            assert [next(good)] == alone.data
    assert next(good, None) is None


@given(st.lists(_RECORDS, max_size=3))
def test_page_is_decoded_alike_at_once_record_by_record_and_split(records):
    at_once = _outcome(decode_page(_page_of(records)))

    # A bare word beside the records is nothing that msgspec reads.
    assert _outcome(decode_page(_page_of(records, b', "unheard_of": word'))) == at_once
    # A bad record beside them has each of them decoded by itself.
    data, invalid, next_cursor = _outcome(decode_page(_page_of([*records, b"0"])))
    assert (data, invalid[:-1], next_cursor) == at_once
