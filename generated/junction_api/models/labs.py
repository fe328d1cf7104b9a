from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

from ..types import Unrecognized

KnownLabs: TypeAlias = Literal[
    "ayumetrix",
    "bioreference",
    "crl",
    "ihd",
    "labcorp",
    "manual",
    "my_uti",
    "nexus",
    "quest",
    "sanocardio",
    "sonora_quest",
    "spiriplex",
    "us_biotek",
    "ussl",
]

if TYPE_CHECKING:
    Labs: TypeAlias = KnownLabs | Unrecognized
else:
    Labs = str

LABS_VALUES: Final[frozenset[KnownLabs]] = frozenset(get_args(KnownLabs))
