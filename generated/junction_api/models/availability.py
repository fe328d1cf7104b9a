from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

from ..types import Unrecognized

KnownAvailability: TypeAlias = Literal["available", "unavailable"]

if TYPE_CHECKING:
    Availability: TypeAlias = KnownAvailability | Unrecognized
else:
    Availability = str

AVAILABILITY_VALUES: Final[frozenset[KnownAvailability]] = frozenset(get_args(KnownAvailability))
