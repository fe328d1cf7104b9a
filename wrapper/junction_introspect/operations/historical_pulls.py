"""The flat record: one row per user × provider × resource."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from attrs import fields, frozen

from junction_api.leniency import unlisted_in_single_user_historical_pull_response as unlisted
from junction_api.types import UNSET
from junction_introspect.enums import error_kind, is_final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from uuid import UUID

    from junction_api.models import (
        ClientFacingResource,
        HistoricalPullNonRetriableErrorDetails,
        HistoricalPullRetriableErrorDetails,
        HistoricalPullStatus,
        Providers,
        SingleUserHistoricalPullResponse,
    )
    from junction_introspect.enums import ErrorKind

__all__ = ["HistoricalPull", "rows", "unlisted"]


@frozen(kw_only=True, weakref_slot=False)  # that slot would keep a `_Draft` from becoming a row
class HistoricalPull:
    """How the backfill of one resource of one user from one provider went.

    ``(user_id, provider, resource)`` is the key. Fields that the server left out are None. Times
    are as the server sent them: with an offset, or naive where it sent none.

    Attributes:
        user_id: The user.
        provider: The provider, or one that the specification does not list.
        resource: The resource, or one that the specification does not list.
        status: How the pull stands, as sent; None for a resource that was not pulled.
        pulled: False for a resource listed under ``not_pulled``.
        range_start: Beginning of the time range that was pulled.
        range_end: End of the time range that was pulled.
        scheduled_at: When the pull was scheduled.
        started_at: When it started.
        ended_at: When it ended.
        days_with_data: A rough estimate, by the vendor's word; 0 for a resource not pulled.
        release: The vendor's software version that ran the pull.
        trace_id: What to quote to the vendor's support.
        error_details: The error, as sent. Connections made before May 2025 have none.
    """

    user_id: UUID
    provider: Providers
    resource: ClientFacingResource
    status: HistoricalPullStatus | None = None
    pulled: bool = False
    range_start: datetime | None = None
    range_end: datetime | None = None
    scheduled_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    days_with_data: int = 0
    release: str | None = None
    trace_id: str | None = None
    error_details: (
        HistoricalPullRetriableErrorDetails | HistoricalPullNonRetriableErrorDetails | None
    ) = None

    @property
    def settled(self) -> bool:
        """Whether nothing more is to come: the pull has ended for good, or there was none.

        ``success`` and ``failure`` are final. An unrecognized status is not.
        """
        return self.status is None or is_final(self.status)

    @property
    def error_kind(self) -> ErrorKind | None:
        """Who has to act on the error: see `junction_introspect.error_kind`."""
        return error_kind(self.error_details)


class _Draft:
    """A row while it is filled in: laid out like a `HistoricalPull`, and not yet frozen."""

    __slots__ = tuple(field.name for field in fields(HistoricalPull))


def rows(user: SingleUserHistoricalPullResponse) -> Iterator[HistoricalPull]:
    """Yield a user's rows, lazily: per provider what was pulled, then what was not."""
    row: Any
    value: Any
    user_id = user.user_id
    for provider, pulls in user.provider.items():
        for resource, statistics in pulls.pulled.items():
            timeline = statistics.timeline
            row = _Draft()
            row.user_id = user_id
            row.provider = provider
            row.resource = resource
            row.status = statistics.status
            row.pulled = True
            row.range_start = None if (value := statistics.range_start) is UNSET else value
            row.range_end = None if (value := statistics.range_end) is UNSET else value
            row.scheduled_at = timeline.scheduled_at
            row.started_at = None if (value := timeline.started_at) is UNSET else value
            row.ended_at = None if (value := timeline.ended_at) is UNSET else value
            row.days_with_data = 0 if (value := statistics.days_with_data) is UNSET else value or 0
            row.release = statistics.release
            row.trace_id = None if (value := statistics.trace_id) is UNSET else value
            row.error_details = None if (value := statistics.error_details) is UNSET else value
            # The constructor of a frozen class sets each attribute by a call, which takes four
            # times as long, and rows come by the million.
            row.__class__ = HistoricalPull
            yield row
        for resource in pulls.not_pulled:
            # The generator leaves `propertyNames` aside and types map keys as str.
            yield HistoricalPull(
                user_id=user_id, provider=cast("Providers", provider), resource=resource
            )
