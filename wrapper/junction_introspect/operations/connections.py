"""The operation that lists one user's connections. One row per provider; not paged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from attrs import field, frozen

from junction_api.api.user.list_connections import build_request
from junction_api.leniency import unlisted_in_provider
from junction_api.models import ConnectedProviders, Provider, ScopeRequirementsstr
from junction_api.models import ResourceAvailability as AvailabilityModel
from junction_introspect._data import Data
from junction_introspect._paging.arguments import checked_user_id
from junction_introspect._paging.operation import Arguments, Column, Operation, or_none


@frozen
class Scopes(Data):
    """Permissions for a resource, by the provider's names.

    Attributes:
        required: The resource has no data without these.
        optional: The resource has less data without these.
    """

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


@frozen(kw_only=True)
class ResourceAvailability(Data):
    """Whether a connection can deliver a resource.

    Attributes:
        status: ``"available"`` or ``"unavailable"``, or a value that the specification does not
            list.
        granted: The scopes that the user granted; empty if the server sent none.
        denied: The scopes that the user denied; empty if the server sent none.
    """

    status: str
    granted: Scopes = Scopes()
    denied: Scopes = Scopes()


@frozen(kw_only=True)
class Connection(Data):
    """One user's connection to one provider.

    Attributes:
        provider: The provider: the ``slug`` in the response.
        name: The provider's display name.
        created_on: When the user connected.
        status: ``"connected"`` or ``"error"``, or a value that the specification does not list.
        error_type: Why the connection is in error, as sent; None if it is not, or if no reason is
            given.
        error_message: The reason in words. May be personal, so no `repr` shows it.
        errored_at: When the connection broke.
        resources: The availability of each resource.
        external_user_id: The user's id at the provider. May be an e-mail address or a user name, so
            no `repr` shows it.
    """

    provider: str
    name: str | None = None
    created_on: datetime | None = None
    status: str
    error_type: str | None = None
    error_message: str | None = field(default=None, repr=False)
    errored_at: datetime | None = None
    resources: Mapping[str, ResourceAvailability] = field(
        factory=dict[str, ResourceAvailability], hash=False
    )
    external_user_id: str | None = field(default=None, repr=False)


def connection_rows(record: Provider) -> Iterator[Connection]:
    """Yield a record's only connection."""
    error = or_none(record.error_details)
    yield Connection(
        provider=record.slug,
        name=record.name,
        created_on=record.created_on,
        status=record.status,
        error_type=error.error_type if error else None,
        error_message=error.error_message if error else None,
        errored_at=error.errored_at if error else None,
        resources={
            resource: _availability(each) for resource, each in record.resource_availability.items()
        },
        external_user_id=or_none(record.external_user_id),
    )


def _availability(record: AvailabilityModel) -> ResourceAvailability:
    scopes = or_none(record.scope_requirements)
    if scopes is None:
        return ResourceAvailability(status=record.status)
    return ResourceAvailability(
        status=record.status,
        granted=_scopes(scopes.user_granted),
        denied=_scopes(scopes.user_denied),
    )


def _scopes(record: ScopeRequirementsstr) -> Scopes:
    return Scopes(tuple(record.required), tuple(record.optional))


def arguments(*, user_id: UUID | str) -> Arguments:
    """Return the operation's parameters, checked.

    Raises:
        TypeError: ``user_id`` is neither a UUID nor a string.
        ValueError: ``user_id`` is not a UUID.
    """
    checked = checked_user_id(user_id)
    if checked is None:
        raise TypeError("user_id must be a UUID or a string: connections are listed per user")
    return {"user_id": checked}


# The columns leave out `external_user_id` and `error_message`, which may be personal.
CONNECTIONS: Final = Operation(
    name="list_connections",
    what="connections",
    arguments=arguments,
    request=build_request,
    response=ConnectedProviders,
    record=Provider,
    records="providers",
    paged=False,
    row=Connection,
    rows=connection_rows,
    unlisted=unlisted_in_provider,
    key=("provider",),
    status="status",
    error="error_type",
    columns=(
        Column("provider", "category", nullable=False),
        Column("name", "text"),
        Column("created_on", "time"),
        Column("status", "category", nullable=False),
        Column("error_type", "category"),
        Column("errored_at", "time"),
    ),
)
