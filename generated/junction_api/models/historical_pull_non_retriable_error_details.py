from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

from ..types import Unrecognized

KnownHistoricalPullNonRetriableErrorDetails: TypeAlias = Literal[
    "non_retriable_error", "retry_quota_exhausted", "unexpected_error"
]

if TYPE_CHECKING:
    HistoricalPullNonRetriableErrorDetails: TypeAlias = (
        KnownHistoricalPullNonRetriableErrorDetails | Unrecognized
    )
else:
    HistoricalPullNonRetriableErrorDetails = str

HISTORICAL_PULL_NON_RETRIABLE_ERROR_DETAILS_VALUES: Final[
    frozenset[KnownHistoricalPullNonRetriableErrorDetails]
] = frozenset(get_args(KnownHistoricalPullNonRetriableErrorDetails))
