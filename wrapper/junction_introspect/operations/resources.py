"""The operation that lists the state of users' data. One row per user × provider × resource."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final, TypeAlias, cast
from uuid import UUID

from junction_api.api.introspect.list_resources import build_request
from junction_api.leniency import unlisted_in_single_user_resource_response
from junction_api.models import (
    ClientFacingResource,
    Providers,
    SingleUserResourceResponse,
    UserResourcesResponse,
)
from junction_api.types import define
from junction_introspect._data import StructData
from junction_introspect._paging.arguments import listing_arguments
from junction_introspect._paging.filters import hold
from junction_introspect._paging.listing import AsyncListing, Listing
from junction_introspect._paging.operation import Column, Operation, or_none


@define(kw_only=True, frozen=True)
class ResourceStatistics(StructData, kw_only=True):
    """The state of the data of one resource of one user from one provider, backfills left out.

    ``(user_id, provider, resource)`` is the key. Fields that the server left out are None. Times
    are as the server sent them: with an offset, or naive if it sent none.

    Attributes:
        user_id: The user.
        provider: The provider; may be one that the specification does not list.
        resource: The resource; may be one that the specification does not list.
        last_attempt_at: When the vendor last polled the resource; for a resource that the provider
            pushes, when the vendor last received data.
        last_attempt_status: The result of that attempt, as sent.
        oldest_data: The timestamp of the oldest data.
        newest_data: The timestamp of the newest data, which is not when it arrived.
        sent_count: How many summaries or samples have been sent.
    """

    user_id: UUID
    provider: Providers
    resource: ClientFacingResource
    last_attempt_at: datetime | None = None
    last_attempt_status: str | None = None
    oldest_data: datetime | None = None
    newest_data: datetime | None = None
    sent_count: int | None = None


def resource_rows(user: SingleUserResourceResponse) -> Iterator[ResourceStatistics]:
    """Yield a user's rows, lazily, provider by provider."""
    for provider, resources in user.provider.items():
        for resource, statistics in resources.items():
            attempt = or_none(statistics.last_attempt)
            yield ResourceStatistics(
                user_id=user.user_id,
                # The generator ignores `propertyNames` and types map keys as str.
                provider=cast("Providers", provider),
                resource=cast("ClientFacingResource", resource),
                last_attempt_at=attempt.timestamp if attempt else None,
                last_attempt_status=attempt.status if attempt else None,
                oldest_data=or_none(statistics.oldest_data),
                newest_data=or_none(statistics.newest_data),
                sent_count=or_none(statistics.sent_count),
            )


RESOURCES: Final = Operation(
    name="list_resources",
    what="resources",
    arguments=listing_arguments,
    request=build_request,
    response=UserResourcesResponse,
    record=SingleUserResourceResponse,
    row=ResourceStatistics,
    rows=resource_rows,
    unlisted=unlisted_in_single_user_resource_response,
    unrequested=hold,
    status="last_attempt_status",
    columns=(
        Column("user_id", "id", nullable=False),
        Column("provider", "category", nullable=False),
        Column("resource", "category", nullable=False),
        Column("last_attempt_at", "time"),
        Column("last_attempt_status", "category"),
        Column("oldest_data", "time"),
        Column("newest_data", "time"),
        Column("sent_count", "integer"),
    ),
)

Resources: TypeAlias = Listing[SingleUserResourceResponse, ResourceStatistics]
AsyncResources: TypeAlias = AsyncListing[SingleUserResourceResponse, ResourceStatistics]
