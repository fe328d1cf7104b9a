"""Contains all the data models used in inputs/outputs"""

from .client_facing_resource import ClientFacingResource
from .historical_pull_non_retriable_error_details import HistoricalPullNonRetriableErrorDetails
from .historical_pull_retriable_error_details import HistoricalPullRetriableErrorDetails
from .historical_pull_status import HistoricalPullStatus
from .historical_pull_timeline import HistoricalPullTimeline
from .http_validation_error import HTTPValidationError
from .labs import Labs
from .problem import Problem
from .providers import Providers
from .single_historical_pull_statistics import SingleHistoricalPullStatistics
from .single_provider_historical_pull_response import SingleProviderHistoricalPullResponse
from .single_provider_historical_pull_response_pulled import (
    SingleProviderHistoricalPullResponsePulled,
)
from .single_user_historical_pull_response import SingleUserHistoricalPullResponse
from .single_user_historical_pull_response_provider import SingleUserHistoricalPullResponseProvider
from .user_historical_pulls_response import UserHistoricalPullsResponse

__all__ = (
    "ClientFacingResource",
    "HistoricalPullNonRetriableErrorDetails",
    "HistoricalPullRetriableErrorDetails",
    "HistoricalPullStatus",
    "HistoricalPullTimeline",
    "HTTPValidationError",
    "Labs",
    "Problem",
    "Providers",
    "SingleHistoricalPullStatistics",
    "SingleProviderHistoricalPullResponse",
    "SingleProviderHistoricalPullResponsePulled",
    "SingleUserHistoricalPullResponse",
    "SingleUserHistoricalPullResponseProvider",
    "UserHistoricalPullsResponse",
)
