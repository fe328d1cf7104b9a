"""Finds enum values that the specification does not list.

Each function takes a decoded model and a list. For every occurrence of a value that its enum does
not list, it appends (name of the enum, value) to the list. If a value may be of several enums, the
name is all their names, joined by " | ".
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from . import models
from .enums import ENUM_VALUES
from .types import UNSET

Found: TypeAlias = list[tuple[str, Any]]


_LISTED_1: Final[frozenset[Any]] = ENUM_VALUES["ConnectionErrorDetailsErrorType"]
_LISTED_2: Final[frozenset[Any]] = ENUM_VALUES["ClientFacingResource"]
_LISTED_3: Final[frozenset[Any]] = ENUM_VALUES["Availability"]
_LISTED_4: Final[frozenset[Any]] = ENUM_VALUES["AttemptStatus"]
_LISTED_5: Final[frozenset[Any]] = ENUM_VALUES["Providers"]
_LISTED_6: Final[frozenset[Any]] = ENUM_VALUES["HistoricalPullStatus"]
_LISTED_7: Final[frozenset[Any]] = (
    ENUM_VALUES["HistoricalPullRetriableErrorDetails"]
    | ENUM_VALUES["HistoricalPullNonRetriableErrorDetails"]
    | {None, UNSET}
)


def unlisted_in_connection_error_details(
    value: models.ConnectionErrorDetails, found: Found
) -> None:
    """Append the unlisted enum values of a `ConnectionErrorDetails`."""
    x0: Any = value
    if x0.error_type not in _LISTED_1:
        found.append(("ConnectionErrorDetailsErrorType", x0.error_type))


def unlisted_in_provider(value: models.Provider, found: Found) -> None:
    """Append the unlisted enum values of a `Provider`."""
    x0: Any = value
    x1 = x0.resource_availability
    if not _LISTED_2.issuperset(x1):
        found.extend(("ClientFacingResource", x) for x in x1 if x not in _LISTED_2)
    for x2 in x1.values():
        if x2.status not in _LISTED_3:
            found.append(("Availability", x2.status))
    if x0.error_details:
        x10 = x0.error_details
        if x10.error_type not in _LISTED_1:
            found.append(("ConnectionErrorDetailsErrorType", x10.error_type))


def unlisted_in_last_attempt(value: models.LastAttempt, found: Found) -> None:
    """Append the unlisted enum values of a `LastAttempt`."""
    x0: Any = value
    if x0.status not in _LISTED_4:
        found.append(("AttemptStatus", x0.status))


def unlisted_in_user_historical_pulls_response(
    value: models.UserHistoricalPullsResponse, found: Found
) -> None:
    """Append the unlisted enum values of a `UserHistoricalPullsResponse`."""
    x0: Any = value
    for x1 in x0.data:
        x2 = x1.provider
        if not _LISTED_5.issuperset(x2):
            found.extend(("Providers", x) for x in x2 if x not in _LISTED_5)
        for x3 in x2.values():
            x4 = x3.pulled
            if not _LISTED_2.issuperset(x4):
                found.extend(("ClientFacingResource", x) for x in x4 if x not in _LISTED_2)
            for x5 in x4.values():
                if x5.status not in _LISTED_6:
                    found.append(("HistoricalPullStatus", x5.status))
                if x5.error_details not in _LISTED_7:
                    found.append(
                        (
                            "HistoricalPullRetriableErrorDetails | HistoricalPullNonRetriableErrorDetails",
                            x5.error_details,
                        )
                    )
            if not _LISTED_2.issuperset(x3.not_pulled):
                found.extend(
                    ("ClientFacingResource", x) for x in x3.not_pulled if x not in _LISTED_2
                )


def unlisted_in_user_resources_response(value: models.UserResourcesResponse, found: Found) -> None:
    """Append the unlisted enum values of a `UserResourcesResponse`."""
    x0: Any = value
    for x1 in x0.data:
        x2 = x1.provider
        if not _LISTED_5.issuperset(x2):
            found.extend(("Providers", x) for x in x2 if x not in _LISTED_5)
        for x3 in x2.values():
            if not _LISTED_2.issuperset(x3):
                found.extend(("ClientFacingResource", x) for x in x3 if x not in _LISTED_2)
            for x4 in x3.values():
                if x4.last_attempt:
                    x5 = x4.last_attempt
                    if x5.status not in _LISTED_4:
                        found.append(("AttemptStatus", x5.status))


def unlisted_in_http_validation_error(value: models.HTTPValidationError, found: Found) -> None:
    """Append the unlisted enum values of a `HTTPValidationError`."""


def unlisted_in_single_user_historical_pull_response(
    value: models.SingleUserHistoricalPullResponse, found: Found
) -> None:
    """Append the unlisted enum values of a `SingleUserHistoricalPullResponse`."""
    x0: Any = value
    x1 = x0.provider
    if not _LISTED_5.issuperset(x1):
        found.extend(("Providers", x) for x in x1 if x not in _LISTED_5)
    for x2 in x1.values():
        x3 = x2.pulled
        if not _LISTED_2.issuperset(x3):
            found.extend(("ClientFacingResource", x) for x in x3 if x not in _LISTED_2)
        for x4 in x3.values():
            if x4.status not in _LISTED_6:
                found.append(("HistoricalPullStatus", x4.status))
            if x4.error_details not in _LISTED_7:
                found.append(
                    (
                        "HistoricalPullRetriableErrorDetails | HistoricalPullNonRetriableErrorDetails",
                        x4.error_details,
                    )
                )
        if not _LISTED_2.issuperset(x2.not_pulled):
            found.extend(("ClientFacingResource", x) for x in x2.not_pulled if x not in _LISTED_2)


def unlisted_in_single_user_resource_response(
    value: models.SingleUserResourceResponse, found: Found
) -> None:
    """Append the unlisted enum values of a `SingleUserResourceResponse`."""
    x0: Any = value
    x1 = x0.provider
    if not _LISTED_5.issuperset(x1):
        found.extend(("Providers", x) for x in x1 if x not in _LISTED_5)
    for x2 in x1.values():
        if not _LISTED_2.issuperset(x2):
            found.extend(("ClientFacingResource", x) for x in x2 if x not in _LISTED_2)
        for x3 in x2.values():
            if x3.last_attempt:
                x4 = x3.last_attempt
                if x4.status not in _LISTED_4:
                    found.append(("AttemptStatus", x4.status))


def unlisted_in_single_provider_historical_pull_response(
    value: models.SingleProviderHistoricalPullResponse, found: Found
) -> None:
    """Append the unlisted enum values of a `SingleProviderHistoricalPullResponse`."""
    x0: Any = value
    x1 = x0.pulled
    if not _LISTED_2.issuperset(x1):
        found.extend(("ClientFacingResource", x) for x in x1 if x not in _LISTED_2)
    for x2 in x1.values():
        if x2.status not in _LISTED_6:
            found.append(("HistoricalPullStatus", x2.status))
        if x2.error_details not in _LISTED_7:
            found.append(
                (
                    "HistoricalPullRetriableErrorDetails | HistoricalPullNonRetriableErrorDetails",
                    x2.error_details,
                )
            )
    if not _LISTED_2.issuperset(x0.not_pulled):
        found.extend(("ClientFacingResource", x) for x in x0.not_pulled if x not in _LISTED_2)


def unlisted_in_single_resource_statistics(
    value: models.SingleResourceStatistics, found: Found
) -> None:
    """Append the unlisted enum values of a `SingleResourceStatistics`."""
    x0: Any = value
    if x0.last_attempt:
        x1 = x0.last_attempt
        if x1.status not in _LISTED_4:
            found.append(("AttemptStatus", x1.status))


def unlisted_in_single_historical_pull_statistics(
    value: models.SingleHistoricalPullStatistics, found: Found
) -> None:
    """Append the unlisted enum values of a `SingleHistoricalPullStatistics`."""
    x0: Any = value
    if x0.status not in _LISTED_6:
        found.append(("HistoricalPullStatus", x0.status))
    if x0.error_details not in _LISTED_7:
        found.append(
            (
                "HistoricalPullRetriableErrorDetails | HistoricalPullNonRetriableErrorDetails",
                x0.error_details,
            )
        )


def unlisted_in_resource_availability(value: models.ResourceAvailability, found: Found) -> None:
    """Append the unlisted enum values of a `ResourceAvailability`."""
    x0: Any = value
    if x0.status not in _LISTED_3:
        found.append(("Availability", x0.status))


def unlisted_in_scope_requirements_grants(
    value: models.ScopeRequirementsGrants, found: Found
) -> None:
    """Append the unlisted enum values of a `ScopeRequirementsGrants`."""


def unlisted_in_scope_requirementsstr(value: models.ScopeRequirementsstr, found: Found) -> None:
    """Append the unlisted enum values of a `ScopeRequirementsstr`."""


def unlisted_in_historical_pull_timeline(
    value: models.HistoricalPullTimeline, found: Found
) -> None:
    """Append the unlisted enum values of a `HistoricalPullTimeline`."""


def unlisted_in_problem(value: models.Problem, found: Found) -> None:
    """Append the unlisted enum values of a `Problem`."""


def unlisted_in_connected_providers(value: models.ConnectedProviders, found: Found) -> None:
    """Append the unlisted enum values of a `ConnectedProviders`."""
    x0: Any = value
    for x1 in x0.providers:
        x2 = x1.resource_availability
        if not _LISTED_2.issuperset(x2):
            found.extend(("ClientFacingResource", x) for x in x2 if x not in _LISTED_2)
        for x3 in x2.values():
            if x3.status not in _LISTED_3:
                found.append(("Availability", x3.status))
        if x1.error_details:
            x11 = x1.error_details
            if x11.error_type not in _LISTED_1:
                found.append(("ConnectionErrorDetailsErrorType", x11.error_type))


def unlisted_in_provider_resource_availability(
    value: models.ProviderResourceAvailability, found: Found
) -> None:
    """Append the unlisted enum values of a `ProviderResourceAvailability`."""
    x0: Any = value
    if not _LISTED_2.issuperset(x0):
        found.extend(("ClientFacingResource", x) for x in x0 if x not in _LISTED_2)
    for x1 in x0.values():
        if x1.status not in _LISTED_3:
            found.append(("Availability", x1.status))


def unlisted_in_single_user_historical_pull_response_provider(
    value: models.SingleUserHistoricalPullResponseProvider, found: Found
) -> None:
    """Append the unlisted enum values of a `SingleUserHistoricalPullResponseProvider`."""
    x0: Any = value
    if not _LISTED_5.issuperset(x0):
        found.extend(("Providers", x) for x in x0 if x not in _LISTED_5)
    for x1 in x0.values():
        x2 = x1.pulled
        if not _LISTED_2.issuperset(x2):
            found.extend(("ClientFacingResource", x) for x in x2 if x not in _LISTED_2)
        for x3 in x2.values():
            if x3.status not in _LISTED_6:
                found.append(("HistoricalPullStatus", x3.status))
            if x3.error_details not in _LISTED_7:
                found.append(
                    (
                        "HistoricalPullRetriableErrorDetails | HistoricalPullNonRetriableErrorDetails",
                        x3.error_details,
                    )
                )
        if not _LISTED_2.issuperset(x1.not_pulled):
            found.extend(("ClientFacingResource", x) for x in x1.not_pulled if x not in _LISTED_2)


def unlisted_in_single_user_resource_response_provider_additional_property(
    value: models.SingleUserResourceResponseProviderAdditionalProperty, found: Found
) -> None:
    """Append the unlisted enum values of a `SingleUserResourceResponseProviderAdditionalProperty`."""
    x0: Any = value
    if not _LISTED_2.issuperset(x0):
        found.extend(("ClientFacingResource", x) for x in x0 if x not in _LISTED_2)
    for x1 in x0.values():
        if x1.last_attempt:
            x2 = x1.last_attempt
            if x2.status not in _LISTED_4:
                found.append(("AttemptStatus", x2.status))


def unlisted_in_single_user_resource_response_provider(
    value: models.SingleUserResourceResponseProvider, found: Found
) -> None:
    """Append the unlisted enum values of a `SingleUserResourceResponseProvider`."""
    x0: Any = value
    if not _LISTED_5.issuperset(x0):
        found.extend(("Providers", x) for x in x0 if x not in _LISTED_5)
    for x1 in x0.values():
        if not _LISTED_2.issuperset(x1):
            found.extend(("ClientFacingResource", x) for x in x1 if x not in _LISTED_2)
        for x2 in x1.values():
            if x2.last_attempt:
                x3 = x2.last_attempt
                if x3.status not in _LISTED_4:
                    found.append(("AttemptStatus", x3.status))


def unlisted_in_single_provider_historical_pull_response_pulled(
    value: models.SingleProviderHistoricalPullResponsePulled, found: Found
) -> None:
    """Append the unlisted enum values of a `SingleProviderHistoricalPullResponsePulled`."""
    x0: Any = value
    if not _LISTED_2.issuperset(x0):
        found.extend(("ClientFacingResource", x) for x in x0 if x not in _LISTED_2)
    for x1 in x0.values():
        if x1.status not in _LISTED_6:
            found.append(("HistoricalPullStatus", x1.status))
        if x1.error_details not in _LISTED_7:
            found.append(
                (
                    "HistoricalPullRetriableErrorDetails | HistoricalPullNonRetriableErrorDetails",
                    x1.error_details,
                )
            )
