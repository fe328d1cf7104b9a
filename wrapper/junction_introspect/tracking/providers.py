"""Lists how each provider delivers data and how often each resource recurs, with the sources.

Delivery: the vendor's documentation, https://docs.junction.com/wearables/providers/update-frequency,
from an undated copy of the page, read on 2026-11-26. A provider that the page does not mention is
unknown here. The slugs are those of specification 0.4.483.

Recurrence: the vendor does not publish it. It is our reading of what each resource of specification
0.4.483 measures. What a worn device measures is daily. What a person has to do, log or undergo is
episodic. What comes once, or may never come, does not recur.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

Delivery: TypeAlias = Literal["push", "poll", "hybrid", "phone", "unknown"]
Recurrence: TypeAlias = Literal["daily", "episodic", "never", "unknown"]

PROVIDERS: Final[Mapping[Delivery, frozenset[str]]] = {
    # The provider announces each change.
    "push": frozenset({"cronometer", "garmin", "strava", "whoop", "whoop_v2"}),
    # The vendor polls every 15 minutes or so; for some resources less often.
    "poll": frozenset(
        {
            "abbott_libreview",
            "dexcom",
            "dexcom_v3",
            "eight_sleep",
            "google_fit",
            "hammerhead",
            "peloton",
            "wahoo",
            "zwift",
        }
    ),
    # Pushed where the provider supports it, polled otherwise.
    "hybrid": frozenset({"fitbit", "oura", "withings"}),
    # Sent by the vendor's SDK in the team's app: when the app is opened, and at most hourly in the
    # background if the operating system allows it. Bluetooth devices: when they are read.
    "phone": frozenset(
        {
            "accuchek_ble",
            "apple_health_kit",
            "beurer_ble",
            "contour_ble",
            "freestyle_libre_ble",
            "health_connect",
            "omron_ble",
            "onetouch_ble",
            "samsung_health",
        }
    ),
}

RESOURCES: Final[Mapping[Recurrence, frozenset[str]]] = {
    "daily": frozenset(
        {
            "activity",
            "blood_oxygen",
            "body_temperature_delta",
            "calories_active",
            "calories_basal",
            "daylight_exposure",
            "distance",
            "floors_climbed",
            "glucose",
            "handwashing",
            "heartrate",
            "hrv",
            "hypnogram",
            "respiratory_rate",
            "sleep",
            "sleep_breathing_disturbance",
            "sleep_cycle",
            "sleep_stream",
            "stand_duration",
            "stand_hour",
            "steps",
            "stress_level",
            "uv_exposure",
            "wheelchair_push",
        }
    ),
    "episodic": frozenset(
        {
            "afib_burden",
            "basal_body_temperature",
            "blood_pressure",
            "body",
            "body_mass_index",
            "body_temperature",
            "caffeine",
            "carbohydrates",
            "electrocardiogram",
            "electrocardiogram_voltage",
            "fat",
            "forced_expiratory_volume_1",
            "forced_vital_capacity",
            "heart_rate_recovery_one_minute",
            "inhaler_usage",
            "insulin_injection",
            "lean_body_mass",
            "meal",
            "menstrual_cycle",
            "mindfulness_minutes",
            "note",
            "peak_expiratory_flow_rate",
            "vo2_max",
            "waist_circumference",
            "water",
            "weight",
            "workout_distance",
            "workout_duration",
            "workout_stream",
            "workout_swimming_stroke",
            "workouts",
        }
    ),
    "never": frozenset(
        {
            "appointment",
            "cholesterol",
            "connection",
            "device",
            "device_legacy",
            "fall",
            "heart_rate_alert",
            "ige",
            "igg",
            "match_review",
            "order",
            "profile",
            "result",
            "sleep_apnea_alert",
        }
    ),
}

DELIVERY: Final[Mapping[str, Delivery]] = {
    provider: delivery for delivery, providers in PROVIDERS.items() for provider in providers
}
RECURRENCE: Final[Mapping[str, Recurrence]] = {
    resource: recurrence for recurrence, names in RESOURCES.items() for resource in names
}


def delivery_of(provider: str) -> Delivery:
    """Return how a provider's data reaches the vendor.

    ``"push"``: the provider announces it. ``"poll"``: the vendor asks for it. ``"hybrid"``: the
    provider announces some of it, and the vendor asks for the rest. ``"phone"``: the vendor's SDK
    on a phone sends it. ``"unknown"``: the provider is not in `PROVIDERS`.
    """
    return DELIVERY.get(provider, "unknown")


def recurrence_of(resource: str) -> Recurrence:
    """Return how often to expect new data of a resource.

    ``"daily"``: every day, from a user who wears the device. ``"episodic"``: whenever the user
    measures it or does it. ``"never"``: once, or by chance. ``"unknown"``: the resource is not in
    `RESOURCES`.
    """
    return RECURRENCE.get(resource, "unknown")
