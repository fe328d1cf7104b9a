from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

from ..types import Unrecognized

KnownHistoricalPullStatus: TypeAlias = Literal[
    "failure", "in_progress", "retrying", "scheduled", "success"
]

if TYPE_CHECKING:
    HistoricalPullStatus: TypeAlias = KnownHistoricalPullStatus | Unrecognized
else:
    HistoricalPullStatus = str

HISTORICAL_PULL_STATUS_VALUES: Final[frozenset[KnownHistoricalPullStatus]] = frozenset(
    get_args(KnownHistoricalPullStatus)
)
