"""Lists which resources each provider measures, and which providers users connect most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from junction_api.models.client_facing_resource import KnownClientFacingResource
from junction_api.models.providers import KnownProviders

Resources = tuple[KnownClientFacingResource, ...]

# What every wearable measures. Also the default for a provider that is not listed here, such as one
# that a newer specification adds.
BASIC: Final[Resources] = (
    "profile",
    "device",
    "activity",
    "workouts",
    "sleep",
    "body",
    "heartrate",
    "steps",
    "distance",
    "calories_active",
    "calories_basal",
)
_TRACKER: Final[Resources] = (
    *BASIC,
    "workout_stream",
    "sleep_cycle",
    "hrv",
    "respiratory_rate",
    "blood_oxygen",
    "floors_climbed",
    "stress_level",
    "vo2_max",
    "weight",
    "water",
)
_RING: Final[Resources] = (
    *BASIC,
    "sleep_cycle",
    "hrv",
    "respiratory_rate",
    "blood_oxygen",
    "body_temperature_delta",
    "stress_level",
    "menstrual_cycle",
)
_PHONE: Final[Resources] = (
    *_TRACKER,
    "blood_pressure",
    "glucose",
    "electrocardiogram",
    "afib_burden",
    "body_temperature",
    "mindfulness_minutes",
    "caffeine",
    "meal",
    "stand_hour",
    "daylight_exposure",
    "menstrual_cycle",
    "lean_body_mass",
)
_CYCLING: Final[Resources] = ("profile", "workouts", "workout_stream", "heartrate", "distance")
_SENSOR: Final[Resources] = ("profile", "device", "glucose")
_INSULIN: Final[Resources] = (*_SENSOR, "insulin_injection", "carbohydrates")
_CUFF: Final[Resources] = ("profile", "device", "blood_pressure", "heartrate", "weight")
_SCALE: Final[Resources] = ("profile", "body", "weight", "fat", "body_mass_index")
_DIARY: Final[Resources] = ("profile", "meal", "carbohydrates", "water", "caffeine", "weight")

# The providers that measure the same.
_ALIKE: Final[Mapping[Resources, tuple[KnownProviders, ...]]] = {
    _SENSOR: (
        "abbott_libreview",
        "accuchek_ble",
        "contour_ble",
        "dexcom",
        "dexcom_v3",
        "freestyle_libre",
        "freestyle_libre_ble",
        "onetouch_ble",
    ),
    _PHONE: ("apple_health_kit", "health_connect", "samsung_health"),
    _CUFF: ("beurer_api", "beurer_ble", "ihealth", "omron", "omron_ble"),
    _DIARY: ("cronometer", "my_fitness_pal", "my_fitness_pal_v2"),
    ("profile", "device", "sleep", "sleep_stream", "hrv", "respiratory_rate"): ("eight_sleep",),
    _TRACKER: ("fitbit", "garmin"),
    _CYCLING: ("hammerhead", "map_my_fitness", "peloton", "runkeeper", "strava", "wahoo", "zwift"),
    ("profile", "electrocardiogram", "electrocardiogram_voltage", "heartrate"): ("kardia",),
    ("profile", "meal", "weight", "blood_pressure", "glucose", "note"): ("manual",),
    _RING: ("oura", "ultrahuman", "whoop", "whoop_v2"),
    _SCALE: ("renpho",),
    _INSULIN: ("tandem_source",),
    (*_SCALE, "sleep", "activity", "steps", "heartrate", "blood_pressure"): ("withings",),
}
_MEASURED: Final[Mapping[str, Resources]] = {
    name: measured for measured, names in _ALIKE.items() for name in names
}

# `manual` is included because it is also a lab, and a filter by lab must find some users.
POPULAR: Final[tuple[KnownProviders, ...]] = (
    "apple_health_kit",
    "dexcom_v3",
    "fitbit",
    "garmin",
    "health_connect",
    "manual",
    "oura",
    "strava",
    "whoop_v2",
    "withings",
)


def measured_by(provider: str) -> Resources:
    """Return the resources of a provider."""
    return _MEASURED.get(provider, BASIC)
