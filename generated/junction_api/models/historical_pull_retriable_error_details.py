from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

from ..types import Unrecognized

KnownHistoricalPullRetriableErrorDetails: TypeAlias = Literal[
    "provider_rate_limit_exceeded",
    "provider_unavailable",
    "resource_contention",
    "transport_failure",
]

if TYPE_CHECKING:
    HistoricalPullRetriableErrorDetails: TypeAlias = (
        KnownHistoricalPullRetriableErrorDetails | Unrecognized
    )
else:
    HistoricalPullRetriableErrorDetails = str

HISTORICAL_PULL_RETRIABLE_ERROR_DETAILS_VALUES: Final[
    frozenset[KnownHistoricalPullRetriableErrorDetails]
] = frozenset(get_args(KnownHistoricalPullRetriableErrorDetails))
