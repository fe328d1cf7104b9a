"""Leniency: what is known, what is not, and what an error means."""

import pickle

import pytest

from junction_introspect.enums import (
    LAB_VALUES,
    NON_RETRIABLE_ERROR_VALUES,
    PROVIDER_VALUES,
    RESOURCE_VALUES,
    RETRIABLE_ERROR_VALUES,
    STATUS_VALUES,
    error_kind,
    is_final,
    is_recognized,
)
from tests.support.payloads import encoded, page, statistics, user
from tests.support.pulls import decode_page


@pytest.mark.parametrize("value", sorted(RETRIABLE_ERROR_VALUES))
def test_known_retriable_error_is_retriable(value):
    assert error_kind(value) == "retriable"


@pytest.mark.parametrize("value", sorted(NON_RETRIABLE_ERROR_VALUES))
def test_known_non_retriable_error_is_non_retriable(value):
    assert error_kind(value) == "non_retriable"


@pytest.mark.parametrize("value", ["", "solar_flare", "RETRY_QUOTA_EXHAUSTED"])
def test_unknown_error_is_neither(value):
    assert error_kind(value) == "unrecognized"


def test_no_error_is_no_kind():
    assert error_kind(None) is None


def test_no_error_is_listed_as_both_kinds():
    """Were one listed twice, its kind would be whichever set is asked first."""
    assert not RETRIABLE_ERROR_VALUES & NON_RETRIABLE_ERROR_VALUES


def test_success_and_failure_are_final_and_nothing_else():
    assert {status for status in STATUS_VALUES if is_final(status)} == {"success", "failure"}
    assert not is_final("paused")


@pytest.mark.parametrize(
    ("known", "unknown"),
    [
        (PROVIDER_VALUES, "neo_ring"),
        (LAB_VALUES, "neo_lab"),
        (RESOURCE_VALUES, "aura"),
        (STATUS_VALUES, "paused"),
    ],
)
def test_value_is_recognized_exactly_if_it_is_listed(known, unknown):
    assert all(is_recognized(value, known) for value in known)
    assert not is_recognized(unknown, known)
    assert not is_recognized("", known)


def _decoded(*records):
    return decode_page(encoded(page(*records))).data


def test_unknown_values_are_kept_as_sent_and_never_merged():
    record = user(1, sleep=statistics(status="paused"), activity=statistics(status="parked"))
    record["provider"]["oura"]["not_pulled"] = ["dream", "soul"]
    (decoded,) = _decoded(record)

    pulls = decoded.provider["oura"]
    assert pulls.pulled["sleep"].status == "paused"
    assert pulls.pulled["activity"].status == "parked"
    assert pulls.not_pulled == ["dream", "soul"]


def test_unknown_values_survive_encoding_and_pickling():
    record = user(1, sleep=statistics(status="paused", error_details="solar_flare"))
    (decoded,) = _decoded(record)

    assert decoded.to_dict()["provider"]["oura"]["pulled"]["sleep"]["status"] == "paused"
    assert pickle.loads(pickle.dumps(decoded)) == decoded  # noqa: S301 - our own bytes
