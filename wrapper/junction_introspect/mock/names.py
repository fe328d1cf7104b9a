"""Checks the names that a test passes to the mock: only those of the specification are allowed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, cast

from junction_api.enums import CONNECTION_ERROR_DETAILS_ERROR_TYPE_VALUES
from junction_api.models.client_facing_resource import KnownClientFacingResource
from junction_api.models.connection_error_details_error_type import (
    KnownConnectionErrorDetailsErrorType,
)
from junction_api.models.historical_pull_status import KnownHistoricalPullStatus
from junction_api.models.providers import KnownProviders
from junction_introspect._nearest import did_you_mean
from junction_introspect.enums import PROVIDER_VALUES, RESOURCE_VALUES, STATUS_VALUES
from junction_introspect.mock.backfills import NON_RETRIABLE, RETRIABLE, ErrorDetails

# The errors that each status may have; all other statuses have no error.
ERRORS: Final[Mapping[str, Sequence[str]]] = {"failure": NON_RETRIABLE, "retrying": RETRIABLE}


def provider(name: str) -> KnownProviders:
    """Return the name if it is a provider's.

    Raises:
        ValueError: The name is not a provider. A lab is not a provider either.
    """
    return cast("KnownProviders", _checked("provider", name, PROVIDER_VALUES))


def resource(name: str) -> KnownClientFacingResource:
    """Return the name if it is a resource's.

    Raises:
        ValueError: The name is not a resource.
    """
    return cast("KnownClientFacingResource", _checked("resource", name, RESOURCE_VALUES))


def status(name: str) -> KnownHistoricalPullStatus:
    """Return the name if it is a status.

    Raises:
        ValueError: The name is not a status.
    """
    return cast("KnownHistoricalPullStatus", _checked("status", name, STATUS_VALUES))


def error(name: str, of: str) -> ErrorDetails:
    """Return the name if it is an error that a pull with the status `of` may have.

    Raises:
        ValueError: A pull with this status cannot have this error.
    """
    known = ERRORS.get(of, ())
    if name not in known:
        raise ValueError(
            f"{name!r} is not an error of a pull with the status {of}{_instead(name, known)}"
        )
    return cast("ErrorDetails", name)


def error_type(name: str) -> KnownConnectionErrorDetailsErrorType:
    """Return the name if it is an error type of a connection.

    Raises:
        ValueError: The name is not an error type.
    """
    return cast(
        "KnownConnectionErrorDetailsErrorType",
        _checked("connection error", name, CONNECTION_ERROR_DETAILS_ERROR_TYPE_VALUES),
    )


def _checked(kind: str, name: str, known: frozenset[str]) -> str:
    if name not in known:
        raise ValueError(f"{name!r} is not a {kind} of the specification{_instead(name, known)}")
    return name


def _instead(name: str, known: Iterable[str]) -> str:
    """Return what was probably meant, or else the list of known names."""
    known = sorted(known)
    return did_you_mean(name, known) or f", which lists {', '.join(known) or 'none'}"
