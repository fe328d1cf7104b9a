"""Names that a test hands to the mock: only those that the specification lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, cast

from junction_api.models.client_facing_resource import (
    CLIENT_FACING_RESOURCE_VALUES,
    KnownClientFacingResource,
)
from junction_api.models.connection_error_details_error_type import (
    CONNECTION_ERROR_DETAILS_ERROR_TYPE_VALUES,
    KnownConnectionErrorDetailsErrorType,
)
from junction_api.models.historical_pull_retriable_error_details import (
    KnownHistoricalPullRetriableErrorDetails,
)
from junction_api.models.historical_pull_status import (
    HISTORICAL_PULL_STATUS_VALUES,
    KnownHistoricalPullStatus,
)
from junction_api.models.providers import PROVIDERS_VALUES, KnownProviders
from junction_introspect._nearest import did_you_mean
from junction_introspect.mock.backfills import NON_RETRIABLE, RETRIABLE
from junction_introspect.mock.catalogue import BASIC, MEASURES

# Which errors a status may bear; one that is not here bears none.
ERRORS: Final[Mapping[str, Sequence[str]]] = {"failure": NON_RETRIABLE, "retrying": RETRIABLE}


def provider(name: str) -> KnownProviders:
    """Return the name of a provider.

    Raises:
        ValueError: It is none; a lab is none either.
    """
    return cast("KnownProviders", _checked("provider", name, PROVIDERS_VALUES))


def resource(name: str) -> KnownClientFacingResource:
    """Return the name of a resource.

    Raises:
        ValueError: It is none.
    """
    return cast(
        "KnownClientFacingResource", _checked("resource", name, CLIENT_FACING_RESOURCE_VALUES)
    )


def status(name: str) -> KnownHistoricalPullStatus:
    """Return the name of a status.

    Raises:
        ValueError: It is none.
    """
    return cast(
        "KnownHistoricalPullStatus", _checked("status", name, HISTORICAL_PULL_STATUS_VALUES)
    )


def error(name: str, of: str) -> KnownHistoricalPullRetriableErrorDetails:
    """Return the name of an error that a pull of status `of` may bear.

    Raises:
        ValueError: It may bear no such error.
    """
    if name not in ERRORS.get(of, ()):
        known = ERRORS.get(of, ())
        raise ValueError(f"{name!r} is not an error of a pull that is {of}{_instead(name, known)}")
    return cast("KnownHistoricalPullRetriableErrorDetails", name)


def error_type(name: str) -> KnownConnectionErrorDetailsErrorType:
    """Return the name of an error of a connection.

    Raises:
        ValueError: It is none.
    """
    return cast(
        "KnownConnectionErrorDetailsErrorType",
        _checked("connection error", name, CONNECTION_ERROR_DETAILS_ERROR_TYPE_VALUES),
    )


def connections(
    providers: Mapping[str, Sequence[str]] | Sequence[str],
) -> dict[KnownProviders, Sequence[KnownClientFacingResource]]:
    """Return the resources to pull from each provider.

    Args:
        providers: By name; with the resources to pull, or else all that the provider has.

    Raises:
        ValueError: A provider or a resource is none.
    """
    if isinstance(providers, Mapping):
        return {provider(name): [*map(resource, each)] for name, each in providers.items()}
    return {name: MEASURES.get(name, BASIC) for name in map(provider, providers)}


def _checked(kind: str, name: str, known: frozenset[str]) -> str:
    if name not in known:
        raise ValueError(f"{name!r} is not a {kind} of the specification{_instead(name, known)}")
    return name


def _instead(name: str, known: Iterable[str]) -> str:
    """Return what was meant, or else what there is."""
    known = sorted(known)
    return did_you_mean(name, known) or f", which lists {', '.join(known) or 'none'}"
