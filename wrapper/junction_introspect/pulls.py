"""The flat record: one row per user × provider × resource."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

from attrs import frozen

from junction_api.types import Unset
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
        SingleHistoricalPullStatistics,
        SingleUserHistoricalPullResponse,
    )
    from junction_introspect.enums import ErrorKind

T = TypeVar("T")


# Without slots: attrs sets a frozen slotted attribute by a call each, and rows come by the million.
@frozen(kw_only=True, slots=False)
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


def rows(user: SingleUserHistoricalPullResponse) -> Iterator[HistoricalPull]:
    """Yield a user's rows, lazily: per provider what was pulled, then what was not."""
    user_id = user.user_id
    for provider, pulls in user.provider.items():
        # The generator leaves `propertyNames` aside and types map keys as str.
        known_provider = cast("Providers", provider)
        for resource, statistics in pulls.pulled.items():
            yield _row(user_id, known_provider, cast("ClientFacingResource", resource), statistics)
        for resource in pulls.not_pulled:
            yield HistoricalPull(user_id=user_id, provider=known_provider, resource=resource)


def _row(
    user_id: UUID,
    provider: Providers,
    resource: ClientFacingResource,
    statistics: SingleHistoricalPullStatistics,
) -> HistoricalPull:
    timeline = statistics.timeline
    return HistoricalPull(
        user_id=user_id,
        provider=provider,
        resource=resource,
        status=statistics.status,
        pulled=True,
        range_start=_or_none(statistics.range_start),
        range_end=_or_none(statistics.range_end),
        scheduled_at=timeline.scheduled_at,
        started_at=_or_none(timeline.started_at),
        ended_at=_or_none(timeline.ended_at),
        days_with_data=_or_none(statistics.days_with_data) or 0,
        release=statistics.release,
        trace_id=_or_none(statistics.trace_id),
        error_details=_or_none(statistics.error_details),
    )


def _or_none(value: T | Unset | None) -> T | None:
    return None if isinstance(value, Unset) else value
