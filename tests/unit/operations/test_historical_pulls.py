"""The flat record."""

import copy
import pickle

import attrs
import pytest

from junction_introspect.operations.historical_pulls import HistoricalPull, rows
from tests.support.payloads import encoded, page, statistics, user, user_id
from tests.support.pulls import decode_page

_SCHEDULED = {
    "status": "scheduled",
    "timeline": {"scheduled_at": "2026-01-05T10:00:00Z"},
    "release": "1",
}


def _rows(record):
    return list(rows(decode_page(encoded(page(record))).data[0]))


def test_row_a_resource_whether_pulled_or_not():
    table = [(row.provider, row.resource, row.pulled, row.status) for row in _rows(user(1))]

    assert table == [
        ("oura", "sleep", True, "success"),
        ("oura", "activity", True, "success"),
        ("oura", "hrv", False, None),
    ]


def test_row_holds_every_field_that_the_server_sent():
    (row, _) = _rows(user(7, sleep=statistics(error_details="provider_unavailable")))

    assert row.user_id == user_id(7)
    assert row.range_start.isoformat() == "2025-10-05T00:00:00+00:00"
    assert row.range_end.isoformat() == "2026-01-05T00:00:00+00:00"
    assert row.scheduled_at.isoformat() == "2026-01-05T10:00:00+00:00"
    assert row.started_at.isoformat() == "2026-01-05T10:00:03+00:00"
    assert row.ended_at.isoformat() == "2026-01-05T10:04:00+00:00"
    assert row.days_with_data == 70
    assert row.release == "1.2.3"
    assert row.trace_id == "51cc7d2d72e98ed4eb63e2b0864b39e3"
    assert row.error_details == "provider_unavailable"


def test_absent_optional_fields_are_none():
    (row, _) = _rows(user(1, sleep=_SCHEDULED))

    assert row.range_start is row.range_end is row.started_at is row.ended_at is None
    assert row.trace_id is row.error_details is None
    assert row.days_with_data == 0


def test_empty_texts_are_kept():
    (row, _) = _rows(user(1, sleep=statistics(trace_id="", error_details="", release="")))

    assert (row.trace_id, row.error_details, row.release) == ("", "", "")
    assert row.error_kind == "unrecognized"


def test_user_without_providers_has_no_rows():
    assert _rows({**user(1), "provider": {}}) == []


@pytest.mark.parametrize(
    ("status", "settled"),
    [
        ("success", True),
        ("failure", True),
        ("in_progress", False),
        ("scheduled", False),
        ("retrying", False),
        ("paused", False),
    ],
)
def test_only_success_and_failure_settle_a_pull(status, settled):
    (row, not_pulled) = _rows(user(1, sleep=statistics(status=status)))

    assert row.settled is settled
    assert not_pulled.settled


def test_known_non_retriable_error_is_never_taken_for_a_retriable_one():
    (row, _) = _rows(user(1, sleep=statistics(error_details="retry_quota_exhausted")))

    assert row.error_kind == "non_retriable"


def test_row_is_frozen_hashable_and_picklable():
    (row, _) = _rows(user(1, sleep=statistics()))

    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        row.status = "failure"
    assert {row: 1}[row] == 1
    assert pickle.loads(pickle.dumps(row)) == row  # noqa: S301 - our own bytes


def test_key_of_a_row_comes_first():
    assert [field.name for field in attrs.fields(HistoricalPull)][:3] == [
        "user_id",
        "provider",
        "resource",
    ]


def test_row_of_a_resource_not_pulled_has_nothing_but_its_key():
    *_, row = _rows(user(1))

    assert attrs.asdict(row) == {
        "user_id": user_id(1),
        "provider": "oura",
        "resource": "hrv",
        "status": None,
        "pulled": False,
        "range_start": None,
        "range_end": None,
        "scheduled_at": None,
        "started_at": None,
        "ended_at": None,
        "days_with_data": 0,
        "release": None,
        "trace_id": None,
        "error_details": None,
    }


def test_row_is_built_by_name_alone():
    with pytest.raises(TypeError):
        HistoricalPull(user_id(1), "oura", "sleep")


def test_row_is_what_its_constructor_makes_of_the_same_fields():
    for row in _rows(user(1, sleep=statistics(), activity={**_SCHEDULED, "trace_id": None})):
        built = HistoricalPull(**attrs.asdict(row))

        assert type(row) is HistoricalPull
        assert (row, hash(row), repr(row)) == (built, hash(built), repr(built))


def test_copy_of_a_row_is_equal_to_it():
    (row, _) = _rows(user(1, sleep=statistics()))

    assert copy.copy(row) == copy.deepcopy(row) == attrs.evolve(row) == row
