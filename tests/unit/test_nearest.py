"""Which listed value somebody meant."""

from functools import cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from junction_introspect._nearest import did_you_mean, nearest
from junction_introspect.enums import LAB_VALUES, PROVIDER_VALUES, RESOURCE_VALUES, STATUS_VALUES
from junction_introspect.environments import Environment


@pytest.mark.parametrize(
    ("value", "known", "meant"),
    [
        ("slep", RESOURCE_VALUES, "sleep"),
        ("lseep", RESOURCE_VALUES, "sleep"),
        ("hvr", RESOURCE_VALUES, "hrv"),
        ("Sleep", RESOURCE_VALUES, "sleep"),
        ("ourra", PROVIDER_VALUES, "oura"),
        ("FITBIT", PROVIDER_VALUES, "fitbit"),
        ("apple-health-kit", PROVIDER_VALUES, "apple_health_kit"),
        ("aple health kit", PROVIDER_VALUES, "apple_health_kit"),
        ("production", Environment, "Production"),
        ("sandboxeu", Environment, "SandboxEU"),
        ("sucess", STATUS_VALUES, "success"),
        ("in-progres", STATUS_VALUES, "in_progress"),
    ],
)
def test_slip_is_seen_through(value, known, meant):
    assert nearest(value, known) == meant


@pytest.mark.parametrize("value", ["", "x", "wrist_of_tomorrow", "oura_band_next", "moon", "sl"])
def test_what_is_like_nothing_is_no_slip(value):
    assert nearest(value, PROVIDER_VALUES | LAB_VALUES | RESOURCE_VALUES) is None
    assert did_you_mean(value, RESOURCE_VALUES) == ""


def test_nothing_is_near_where_nothing_is_listed():
    assert nearest("sleep", ()) is None


def test_question_names_what_was_meant():
    assert did_you_mean("slep", RESOURCE_VALUES) == "; did you mean `sleep`?"


@cache
def slips(first, second):
    """Count slips by the definition: what the last character of each text may have come from."""
    if not first or not second:
        return len(first) + len(second)
    counts = [
        slips(first[:-1], second) + 1,
        slips(first, second[:-1]) + 1,
        slips(first[:-1], second[:-1]) + (first[-1] != second[-1]),
    ]
    if len(first) > 1 and first[-2:] == second[-2:][::-1]:
        counts.append(slips(first[:-2], second[:-2]) + 1)
    return min(counts)


@given(st.text("abc", max_size=8), st.text("abc", max_size=8))
@example("abcab", "cbcab")  # one slip in five characters
@example("abcab", "cccab")  # two
@example("abcabc", "cccabc")  # two in six
@example("abcabc", "cccbbc")  # three
@example("abcabc", "abca")  # two are missing
@example("abcabc", "abc")  # three
@example("abcabc", "bacbac")  # two swaps of neighbours
@example("abcabc", "bacccc")  # a swap and two wrong
@example("cabcbabc", "abcabc")  # two are extra, apart
@example("abcabc", "cabcbabc")  # two are missing, apart
@example("", "a")  # all of it is missing
def test_number_of_slips_decides(value, known):
    allowed = 2 if len(value) >= 6 else 1
    assert nearest(value, [known]) == (known if slips(value, known) <= allowed else None)


def test_value_with_fewest_slips_is_meant():
    assert nearest("abcabc", ["abccbb", "abcabb", "abcabbb"]) == "abcabb"
