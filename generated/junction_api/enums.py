"""The values that the specification lists, by the name of their enum."""

from collections.abc import Mapping
from typing import Any, Final

from .models.attempt_status import ATTEMPT_STATUS_VALUES
from .models.availability import AVAILABILITY_VALUES
from .models.client_facing_resource import CLIENT_FACING_RESOURCE_VALUES
from .models.connection_error_details_error_type import CONNECTION_ERROR_DETAILS_ERROR_TYPE_VALUES
from .models.historical_pull_non_retriable_error_details import (
    HISTORICAL_PULL_NON_RETRIABLE_ERROR_DETAILS_VALUES,
)
from .models.historical_pull_retriable_error_details import (
    HISTORICAL_PULL_RETRIABLE_ERROR_DETAILS_VALUES,
)
from .models.historical_pull_status import HISTORICAL_PULL_STATUS_VALUES
from .models.labs import LABS_VALUES
from .models.providers import PROVIDERS_VALUES

ENUM_VALUES: Final[Mapping[str, frozenset[Any]]] = {
    "AttemptStatus": ATTEMPT_STATUS_VALUES,
    "Availability": AVAILABILITY_VALUES,
    "ClientFacingResource": CLIENT_FACING_RESOURCE_VALUES,
    "ConnectionErrorDetailsErrorType": CONNECTION_ERROR_DETAILS_ERROR_TYPE_VALUES,
    "HistoricalPullNonRetriableErrorDetails": HISTORICAL_PULL_NON_RETRIABLE_ERROR_DETAILS_VALUES,
    "HistoricalPullRetriableErrorDetails": HISTORICAL_PULL_RETRIABLE_ERROR_DETAILS_VALUES,
    "HistoricalPullStatus": HISTORICAL_PULL_STATUS_VALUES,
    "Labs": LABS_VALUES,
    "Providers": PROVIDERS_VALUES,
}

__all__ = (
    "ENUM_VALUES",
    "ATTEMPT_STATUS_VALUES",
    "AVAILABILITY_VALUES",
    "CLIENT_FACING_RESOURCE_VALUES",
    "CONNECTION_ERROR_DETAILS_ERROR_TYPE_VALUES",
    "HISTORICAL_PULL_NON_RETRIABLE_ERROR_DETAILS_VALUES",
    "HISTORICAL_PULL_RETRIABLE_ERROR_DETAILS_VALUES",
    "HISTORICAL_PULL_STATUS_VALUES",
    "LABS_VALUES",
    "PROVIDERS_VALUES",
)
