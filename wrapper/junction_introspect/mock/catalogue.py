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

MEASURES: Final[Mapping[KnownProviders, Resources]] = {
    "abbott_libreview": _SENSOR,
    "accuchek_ble": _SENSOR,
    "apple_health_kit": _PHONE,
    "beurer_api": _CUFF,
    "beurer_ble": _CUFF,
    "contour_ble": _SENSOR,
    "cronometer": _DIARY,
    "dexcom": _SENSOR,
    "dexcom_v3": _SENSOR,
    "eight_sleep": ("profile", "device", "sleep", "sleep_stream", "hrv", "respiratory_rate"),
    "fitbit": _TRACKER,
    "freestyle_libre": _SENSOR,
    "freestyle_libre_ble": _SENSOR,
    "garmin": _TRACKER,
    "hammerhead": _CYCLING,
    "health_connect": _PHONE,
    "ihealth": _CUFF,
    "kardia": ("profile", "electrocardiogram", "electrocardiogram_voltage", "heartrate"),
    "manual": ("profile", "meal", "weight", "blood_pressure", "glucose", "note"),
    "map_my_fitness": _CYCLING,
    "my_fitness_pal": _DIARY,
    "my_fitness_pal_v2": _DIARY,
    "omron": _CUFF,
    "omron_ble": _CUFF,
    "onetouch_ble": _SENSOR,
    "oura": _RING,
    "peloton": _CYCLING,
    "renpho": _SCALE,
    "runkeeper": _CYCLING,
    "samsung_health": _PHONE,
    "strava": _CYCLING,
    "tandem_source": _INSULIN,
    "ultrahuman": _RING,
    "wahoo": _CYCLING,
    "whoop": _RING,
    "whoop_v2": _RING,
    "withings": (*_SCALE, "sleep", "activity", "steps", "heartrate", "blood_pressure"),
    "zwift": _CYCLING,
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
