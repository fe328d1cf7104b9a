"""The models of the API. Each is imported when it is first used."""

from importlib import import_module
from threading import RLock
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .attempt_status import AttemptStatus
    from .availability import Availability
    from .client_facing_resource import ClientFacingResource
    from .connected_providers import ConnectedProviders
    from .connection_error_details import ConnectionErrorDetails
    from .connection_error_details_error_type import ConnectionErrorDetailsErrorType
    from .historical_pull_non_retriable_error_details import HistoricalPullNonRetriableErrorDetails
    from .historical_pull_retriable_error_details import HistoricalPullRetriableErrorDetails
    from .historical_pull_status import HistoricalPullStatus
    from .historical_pull_timeline import HistoricalPullTimeline
    from .http_validation_error import HTTPValidationError
    from .labs import Labs
    from .last_attempt import LastAttempt
    from .problem import Problem
    from .provider import Provider
    from .provider_resource_availability import ProviderResourceAvailability
    from .providers import Providers
    from .resource_availability import ResourceAvailability
    from .scope_requirements_grants import ScopeRequirementsGrants
    from .scope_requirementsstr import ScopeRequirementsstr
    from .single_historical_pull_statistics import SingleHistoricalPullStatistics
    from .single_provider_historical_pull_response import SingleProviderHistoricalPullResponse
    from .single_provider_historical_pull_response_pulled import (
        SingleProviderHistoricalPullResponsePulled,
    )
    from .single_resource_statistics import SingleResourceStatistics
    from .single_user_historical_pull_response import SingleUserHistoricalPullResponse
    from .single_user_historical_pull_response_provider import (
        SingleUserHistoricalPullResponseProvider,
    )
    from .single_user_resource_response import SingleUserResourceResponse
    from .single_user_resource_response_provider import SingleUserResourceResponseProvider
    from .single_user_resource_response_provider_additional_property import (
        SingleUserResourceResponseProviderAdditionalProperty,
    )
    from .user_historical_pulls_response import UserHistoricalPullsResponse
    from .user_resources_response import UserResourcesResponse
else:
    _MODULES: Final = {
        "AttemptStatus": ".attempt_status",
        "Availability": ".availability",
        "ClientFacingResource": ".client_facing_resource",
        "ConnectedProviders": ".connected_providers",
        "ConnectionErrorDetails": ".connection_error_details",
        "ConnectionErrorDetailsErrorType": ".connection_error_details_error_type",
        "HistoricalPullNonRetriableErrorDetails": ".historical_pull_non_retriable_error_details",
        "HistoricalPullRetriableErrorDetails": ".historical_pull_retriable_error_details",
        "HistoricalPullStatus": ".historical_pull_status",
        "HistoricalPullTimeline": ".historical_pull_timeline",
        "HTTPValidationError": ".http_validation_error",
        "Labs": ".labs",
        "LastAttempt": ".last_attempt",
        "Problem": ".problem",
        "Provider": ".provider",
        "ProviderResourceAvailability": ".provider_resource_availability",
        "Providers": ".providers",
        "ResourceAvailability": ".resource_availability",
        "ScopeRequirementsGrants": ".scope_requirements_grants",
        "ScopeRequirementsstr": ".scope_requirementsstr",
        "SingleHistoricalPullStatistics": ".single_historical_pull_statistics",
        "SingleProviderHistoricalPullResponse": ".single_provider_historical_pull_response",
        "SingleProviderHistoricalPullResponsePulled": ".single_provider_historical_pull_response_pulled",
        "SingleResourceStatistics": ".single_resource_statistics",
        "SingleUserHistoricalPullResponse": ".single_user_historical_pull_response",
        "SingleUserHistoricalPullResponseProvider": ".single_user_historical_pull_response_provider",
        "SingleUserResourceResponse": ".single_user_resource_response",
        "SingleUserResourceResponseProvider": ".single_user_resource_response_provider",
        "SingleUserResourceResponseProviderAdditionalProperty": ".single_user_resource_response_provider_additional_property",
        "UserHistoricalPullsResponse": ".user_historical_pulls_response",
        "UserResourcesResponse": ".user_resources_response",
    }

    # Two threads that import modules which import each other could deadlock without one common lock.
    _LOCK: Final = RLock()

    def __getattr__(name: str) -> Any:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        with _LOCK:
            model = globals()[name] = getattr(import_module(_MODULES[name], __name__), name)
        return model


__all__ = (
    "AttemptStatus",
    "Availability",
    "ClientFacingResource",
    "ConnectedProviders",
    "ConnectionErrorDetails",
    "ConnectionErrorDetailsErrorType",
    "HistoricalPullNonRetriableErrorDetails",
    "HistoricalPullRetriableErrorDetails",
    "HistoricalPullStatus",
    "HistoricalPullTimeline",
    "HTTPValidationError",
    "Labs",
    "LastAttempt",
    "Problem",
    "Provider",
    "ProviderResourceAvailability",
    "Providers",
    "ResourceAvailability",
    "ScopeRequirementsGrants",
    "ScopeRequirementsstr",
    "SingleHistoricalPullStatistics",
    "SingleProviderHistoricalPullResponse",
    "SingleProviderHistoricalPullResponsePulled",
    "SingleResourceStatistics",
    "SingleUserHistoricalPullResponse",
    "SingleUserHistoricalPullResponseProvider",
    "SingleUserResourceResponse",
    "SingleUserResourceResponseProvider",
    "SingleUserResourceResponseProviderAdditionalProperty",
    "UserHistoricalPullsResponse",
    "UserResourcesResponse",
)
