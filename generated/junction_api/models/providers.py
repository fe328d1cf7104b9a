from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

from ..types import Unrecognized

KnownProviders: TypeAlias = Literal[
    "abbott_libreview",
    "accuchek_ble",
    "apple_health_kit",
    "beurer_api",
    "beurer_ble",
    "contour_ble",
    "cronometer",
    "dexcom",
    "dexcom_v3",
    "eight_sleep",
    "fitbit",
    "freestyle_libre",
    "freestyle_libre_ble",
    "garmin",
    "google_fit",
    "hammerhead",
    "health_connect",
    "ihealth",
    "kardia",
    "manual",
    "map_my_fitness",
    "my_fitness_pal",
    "my_fitness_pal_v2",
    "omron",
    "omron_ble",
    "onetouch_ble",
    "oura",
    "peloton",
    "polar",
    "renpho",
    "runkeeper",
    "samsung_health",
    "strava",
    "tandem_source",
    "ultrahuman",
    "wahoo",
    "whoop",
    "whoop_v2",
    "withings",
    "zwift",
]

if TYPE_CHECKING:
    Providers: TypeAlias = KnownProviders | Unrecognized
else:
    Providers = str

PROVIDERS_VALUES: Final[frozenset[KnownProviders]] = frozenset(get_args(KnownProviders))
