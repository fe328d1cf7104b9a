"""Which listed value somebody meant."""

import pytest

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
