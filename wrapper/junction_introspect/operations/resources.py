"""How the data of each resource is doing: one row per user × provider × resource."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from attrs import frozen

from junction_api.models import ClientFacingResource, Providers


@frozen(kw_only=True)
class ResourceStatistics:
    """How the data of one resource of one user from one provider is doing, history apart.

    ``(user_id, provider, resource)`` is the key. Fields that the server left out are None. Times
    are as the server sent them: with an offset, or naive where it sent none.

    Attributes:
        user_id: The user.
        provider: The provider, or one that the specification does not list.
        resource: The resource, or one that the specification does not list.
        last_attempt_at: When the vendor last polled the resource; or last took data in, of one that
            the provider pushes.
        last_attempt_status: How that went, as sent.
        oldest_data: The oldest time that a datum bears.
        newest_data: The newest time that a datum bears, which is not when it arrived.
        sent_count: How many summaries or samples were sent so far.
    """

    user_id: UUID
    provider: Providers
    resource: ClientFacingResource
    last_attempt_at: datetime | None = None
    last_attempt_status: str | None = None
    oldest_data: datetime | None = None
    newest_data: datetime | None = None
    sent_count: int | None = None
