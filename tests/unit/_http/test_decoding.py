"""Bytes to page."""

import datetime as dt
import json
import pickle

import attrs
import pytest

from junction_api.types import UNSET
from junction_introspect._http import decoding
from junction_introspect.errors import ResponseDecodeError
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS
from junction_introspect.pages import Page
from tests.support.payloads import TIMELINE, encoded, page, statistics, user, user_id
from tests.support.pulls import decode_page


def test_whole_page_is_decoded():
    decoded = decode_page(encoded(page(user(1), user(2), next_cursor="c")))

    assert [each.user_id for each in decoded.data] == [user_id(1), user_id(2)]
    assert decoded.next_cursor == "c"
    assert decoded.invalid == ()
    assert not decoded.cursor_missing


@pytest.mark.parametrize("records", [[user(1)], [user(1), {}]])
def test_operation_without_a_cursor_is_one_page(records):
    """Neither is a cursor missing, nor is one that is there followed, whatever the records are."""
    unpaged = attrs.evolve(HISTORICAL_PULLS, paged=False)
    for document in (page(*records, next_cursor="c"), {"data": records}):
        decoded = decoding.decode_page(unpaged, encoded(document))

        assert [each.user_id for each in decoded.data] == [user_id(1)]
        assert decoded.next_cursor is None
        assert not decoded.cursor_missing


def test_absent_optional_is_told_from_null():
    pull = statistics(trace_id=None)
    del pull["range_start"]
    decoded = decode_page(encoded(page(user(1, sleep=pull))))

    sleep = decoded.data[0].provider["oura"].pulled["sleep"]
    assert sleep.range_start is UNSET
    assert sleep.trace_id is None


def test_next_gone_from_the_response_has_no_effect():
    document = page(user(1), next_cursor="c")
    del document["next"]

    assert decode_page(encoded(document)).next_cursor == "c"


def test_missing_next_cursor_falls_back_to_next():
    document = page(user(1), next_cursor="c")
    del document["next_cursor"]
    decoded = decode_page(encoded(document))

    assert decoded.next_cursor == "c"
    assert not decoded.cursor_missing
    assert len(decoded.data) == 1


def test_missing_next_cursor_with_null_next_is_the_last_page():
    document = page(user(1))
    del document["next_cursor"]
    decoded = decode_page(encoded(document))

    assert decoded.next_cursor is None
    assert not decoded.cursor_missing


def test_next_cursor_wins_over_next():
    assert decode_page(encoded(page(next_cursor="new") | {"next": "old"})).next_cursor == "new"
    assert decode_page(encoded(page() | {"next": "old"})).next_cursor is None


def test_page_without_either_cursor_says_so_and_keeps_its_users():
    decoded = decode_page(encoded({"data": [user(1)]}))

    assert decoded.cursor_missing
    assert len(decoded.data) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023-10-24T13:53:59Z", dt.datetime(2023, 10, 24, 13, 53, 59, tzinfo=dt.UTC)),
        ("2023-10-24T13:53:59+00:00", dt.datetime(2023, 10, 24, 13, 53, 59, tzinfo=dt.UTC)),
        ("2023-10-24T13:53:59.25Z", dt.datetime(2023, 10, 24, 13, 53, 59, 250_000, tzinfo=dt.UTC)),
        ("2023-10-24T15:53:59+02:00", dt.datetime(2023, 10, 24, 13, 53, 59, tzinfo=dt.UTC)),
    ],
)
def test_timestamp_with_a_zone_is_that_moment(text, expected):
    pull = statistics(timeline={**TIMELINE, "scheduled_at": text})
    decoded = decode_page(encoded(page(user(1, sleep=pull))))

    assert decoded.data[0].provider["oura"].pulled["sleep"].timeline.scheduled_at == expected


def test_naive_timestamp_stays_naive():
    pull = statistics(timeline={**TIMELINE, "scheduled_at": "2023-10-24T13:53:59"})
    decoded = decode_page(encoded(page(user(1, sleep=pull))))

    moment = decoded.data[0].provider["oura"].pulled["sleep"].timeline.scheduled_at
    assert moment == dt.datetime(2023, 10, 24, 13, 53, 59)  # noqa: DTZ001 - the promise
    assert moment.tzinfo is None


def _without(record, key):
    return {name: value for name, value in record.items() if name != key}


_PULL = "$.data[1].provider[...].pulled[...]"
_MALFORMED = {
    "missing user_id": (_without(user(2), "user_id"), "$.data[1]"),
    "missing provider": (_without(user(2), "provider"), "$.data[1]"),
    "bad UUID": ({**user(2), "user_id": ""}, "$.data[1].user_id"),
    "null user_id": ({**user(2), "user_id": None}, "$.data[1].user_id"),
    "not an object": ("user", "$.data[1]"),
    "null": (None, "$.data[1]"),
    "provider a list": ({**user(2), "provider": []}, "$.data[1].provider"),
    "pulled missing": (
        {**user(2), "provider": {"oura": {"not_pulled": []}}},
        "$.data[1].provider[...]",
    ),
    "not_pulled of numbers": (
        {**user(2), "provider": {"oura": {"pulled": {}, "not_pulled": [1]}}},
        "$.data[1].provider[...].not_pulled[0]",
    ),
    "status missing": (user(2, sleep=_without(statistics(), "status")), _PULL),
    "status null": (user(2, sleep=statistics(status=None)), f"{_PULL}.status"),
    "status a number": (user(2, sleep=statistics(status=7)), f"{_PULL}.status"),
    "release null": (user(2, sleep=statistics(release=None)), f"{_PULL}.release"),
    "days a string": (user(2, sleep=statistics(days_with_data="7")), f"{_PULL}.days_with_data"),
    "days null": (user(2, sleep=statistics(days_with_data=None)), f"{_PULL}.days_with_data"),
    "date without time": (
        user(2, sleep=statistics(range_start="2023-10-24")),
        f"{_PULL}.range_start",
    ),
    "date of month 13": (
        user(2, sleep=statistics(timeline={**TIMELINE, "ended_at": "2023-13-24T00:00:00Z"})),
        f"{_PULL}.timeline.ended_at",
    ),
    "scheduled_at null": (
        user(2, sleep=statistics(timeline={**TIMELINE, "scheduled_at": None})),
        f"{_PULL}.timeline.scheduled_at",
    ),
    "error_details a list": (user(2, sleep=statistics(error_details=[])), f"{_PULL}.error_details"),
}


@pytest.mark.parametrize(("record", "path"), _MALFORMED.values(), ids=_MALFORMED)
def test_malformed_record_is_quarantined_and_its_neighbours_are_not(record, path):
    decoded = decode_page(encoded(page(user(1), record, user(3), next_cursor="c")))

    assert [each.user_id for each in decoded.data] == [user_id(1), user_id(3)]
    assert decoded.next_cursor == "c"
    (invalid,) = decoded.invalid
    assert invalid.index == 1
    assert invalid.path == path
    assert invalid.reason
    assert json.loads(invalid.raw) == record


def test_raw_bytes_of_an_invalid_record_are_those_that_were_sent():
    raw = b'{ "user_id" :\t"\\u00e9",  "provider": {} }'
    body = b'{"data": [' + raw + b'], "next_cursor": null}'

    (invalid,) = decode_page(body).invalid

    assert invalid.raw == raw


def test_every_invalid_record_is_kept_in_order():
    decoded = decode_page(encoded(page({}, user(1), {}, {})))

    assert [record.index for record in decoded.invalid] == [0, 2, 3]
    assert len(decoded.data) == 1


def test_invalid_record_shows_no_payload():
    (invalid,) = decode_page(encoded(page({**user(2), "user_id": "private"}))).invalid

    assert "private" not in repr(invalid)
    assert "private" not in invalid.reason
    assert "private" not in invalid.path


def test_page_shows_no_payload():
    assert repr(decode_page(encoded(page(user(1), {})))) == "<Page of 1 records, 1 invalid>"


def test_page_says_by_itself_whether_there_is_more():
    page_made_by_a_caller = Page([], None)

    assert not page_made_by_a_caller.cursor_missing
    assert page_made_by_a_caller.invalid == ()


def test_page_can_be_pickled():
    decoded = decode_page(encoded(page(user(1), {}, next_cursor="c")))

    assert pickle.loads(pickle.dumps(decoded)) == decoded  # noqa: S301 - our own bytes


@pytest.mark.parametrize(
    ("document", "path"),
    [
        (None, "$"),
        ([], "$"),
        ("data", "$"),
        ({}, "$"),
        ({"data": None, "next_cursor": None}, "$.data"),
        ({"data": {}, "next_cursor": None}, "$.data"),
        ({"data": [], "next_cursor": 5}, "$.next_cursor"),
        ({"data": [], "next_cursor": None, "next": 5}, "$.next"),
    ],
)
def test_json_of_another_shape_than_a_page_names_the_path(document, path):
    with pytest.raises(ResponseDecodeError) as caught:
        decode_page(encoded(document))

    assert caught.value.path == path
    assert caught.value.well_formed


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"   ", id="white space"),
        pytest.param(b"<html></html>", id="HTML"),
        pytest.param(encoded(page(user(1)))[:-20], id="truncated"),
        pytest.param(encoded(page(user(1))) + b"}", id="more after the end"),
        pytest.param(b'{"data": [], "next_cursor": NaN}', id="NaN"),
        pytest.param(b'{"data": [], "next_cursor": "\\ud800"}', id="lone surrogate"),
        pytest.param(b'{"data": [], "next_cursor": "\xff"}', id="invalid UTF-8"),
        pytest.param(b'{"data": [], "next_cursor": null} {}', id="another document after it"),
        pytest.param(b'{"data": [,], "next_cursor": null}', id="commas and no records"),
        pytest.param(b'{"data": [nul], "next_cursor" null}', id="no colon"),
        pytest.param(b'{"data": nul, "next_cursor": null}', id="data is no value"),
        pytest.param(b'{"data": [{"a": 1], "next_cursor": null}', id="another bracket"),
        pytest.param(b'{"data": [{"a": "], "next_cursor": null}', id="open string"),
        pytest.param(b'{"data": 5, "next_cursor": nul', id="wrong shape before a bad byte"),
        pytest.param(b'{"data": [{"user_id": 1}], "next_cursor": "\xff"}', id="bad record too"),
    ],
)
def test_body_that_is_no_json_is_told_from_json_of_the_wrong_shape(body):
    with pytest.raises(ResponseDecodeError) as caught:
        decode_page(body)

    assert not caught.value.well_formed


@pytest.mark.parametrize(("body", "words"), [(b"", "empty"), (b"<html>", "not JSON")])
def test_empty_body_is_told_from_one_that_is_no_json(body, words):
    with pytest.raises(ResponseDecodeError, match=words):
        decode_page(body)


# Python 3.14 refuses what does not fit onto the stack; 100,000 levels of a skipped field do.
_DEEP = 500_000


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"[" * _DEEP + b"]" * _DEEP, id="in place of the page"),
        pytest.param(
            b'{"data": [], "next_cursor": null, "new": ' + b"[" * _DEEP + b"]" * _DEEP + b"}",
            id="in a field that nobody knows",
        ),
    ],
)
def test_deep_nesting_is_an_error_of_ours(body):
    with pytest.raises(ResponseDecodeError, match="nested too deeply") as caught:
        decode_page(body)

    assert caught.value.well_formed


_ODD = {
    "lone surrogate": rb'"\ud83d"',
    "surrogates the wrong way round": rb'"\ude00\ud83d"',
    "escape that there is not": rb'"\x"',
    "no UTF-8": b'"\xff"',
    "control character": b'"\x01"',
    "number beyond a float": b"1e400",
    "5,000 digits": b"1" * 5000,
    "NaN": b"NaN",
    "Infinity": b"-Infinity",
    "a word": b"undefined",
    "nothing": b"",
    "nested 1,100 levels deep": b"[" * 1100 + b"]" * 1100,
    "nested 500,000 levels deep": b'{"a":' * _DEEP + b"1" + b"}" * _DEEP,
}
odd_values = pytest.mark.parametrize("odd", _ODD.values(), ids=_ODD)


def _with_odd(document, odd):
    return encoded(document).replace(b'"ODD"', odd)


@odd_values
@pytest.mark.parametrize(
    "record",
    [
        pytest.param(user(2, sleep=statistics(days_with_data="ODD")), id="an integer's field"),
        pytest.param(user(2, sleep=statistics(status="ODD")), id="a string's field"),
        pytest.param({**user(2), "user_id": "ODD"}, id="an id's field"),
        pytest.param("ODD", id="the record"),
    ],
)
def test_odd_value_is_set_apart_with_its_record_alone(record, odd):
    if record == "ODD" and not odd:
        pytest.skip("two commas, and no record between them")
    decoded = decode_page(_with_odd(page(user(1), record, user(3), next_cursor="c"), odd))

    assert [each.user_id for each in decoded.data] == [user_id(1), user_id(3)]
    assert decoded.next_cursor == "c"
    (invalid,) = decoded.invalid
    assert invalid.index == 1
    assert invalid.path.startswith("$.data[1]")
    assert invalid.raw == _with_odd(record, odd)


@odd_values
def test_odd_value_in_a_field_that_the_models_have_not_costs_no_neighbour(odd):
    record = {**user(2), "unheard_of": "ODD"}
    decoded = decode_page(_with_odd(page(user(1), record, user(3), next_cursor="c"), odd))

    assert {user_id(1), user_id(3)} <= {each.user_id for each in decoded.data}
    assert decoded.next_cursor == "c"
    assert len(decoded.data) + len(decoded.invalid) == 3


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        (b'"\xff"', "Not UTF-8"),
        (b"[" * _DEEP + b"]" * _DEEP, "Nested too deeply"),
        (b"NaN", "JSON is malformed"),
    ],
)
def test_reason_says_what_is_odd(odd, reason):
    record = {**user(2), "unheard_of": "ODD"}

    (invalid,) = decode_page(_with_odd(page(record), odd)).invalid

    assert reason in invalid.reason


@pytest.mark.parametrize("odd", [b"1e400", b"1" * 5000], ids=["float", "integer"])
@pytest.mark.parametrize("neighbour", [user(1), {}], ids=["good", "bad"])
def test_number_of_any_size_passes_in_a_field_that_the_models_have_not(odd, neighbour):
    record = {**user(2), "unheard_of": "ODD"}

    decoded = decode_page(_with_odd(page(neighbour, record), odd))

    assert decoded.data[-1].user_id == user_id(2)


@pytest.mark.parametrize("records", [(user(1), user(2)), (user(1), {}, user(2))])
@pytest.mark.parametrize(
    "odd",
    [rb'"\ud83d"', b'"\xff"', b"1e400", b"1" * 5000, b"NaN"],
    ids=["surrogate", "no UTF-8", "1e400", "5,000 digits", "NaN"],
)
def test_odd_value_beside_the_records_costs_none(odd, records):
    decoded = decode_page(_with_odd(page(*records, next_cursor="c", unheard_of="ODD"), odd))

    assert [each.user_id for each in decoded.data] == [user_id(1), user_id(2)]
    assert decoded.next_cursor == "c"


def test_odd_name_beside_the_records_costs_none():
    body = encoded(page(user(1), next_cursor="c", ODD=1)).replace(b'"ODD"', rb'"\ud83d"')

    assert len(decode_page(body).data) == 1


@pytest.mark.parametrize("number", [b"1e400", b"7"])
def test_number_in_place_of_a_page_is_json_of_another_shape(number):
    with pytest.raises(ResponseDecodeError) as caught:
        decode_page(number)

    assert caught.value.well_formed


def test_text_beyond_ascii_is_decoded():
    decoded = decode_page(
        json.dumps(page(user(1, sleep=statistics(release="é✓𝄞"))), ensure_ascii=False).encode(),
    )

    assert decoded.data[0].provider["oura"].pulled["sleep"].release == "é✓𝄞"


def test_unknown_fields_are_passed_over():
    record = {**user(1, sleep=statistics(score=1, timeline={**TIMELINE, "seen_at": None})), "x": {}}

    assert len(decode_page(encoded(page(record, total=3))).data) == 1
