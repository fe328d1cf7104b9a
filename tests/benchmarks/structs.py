"""The same page as msgspec's own Structs, into which it decodes fastest: the limit."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType


class Timeline(msgspec.Struct):
    """As the generated `HistoricalPullTimeline`."""

    scheduled_at: datetime
    started_at: datetime | UnsetType | None = UNSET
    ended_at: datetime | UnsetType | None = UNSET


class Statistics(msgspec.Struct):
    """As the generated `SingleHistoricalPullStatistics`."""

    status: str
    timeline: Timeline
    release: str
    range_start: datetime | UnsetType | None = UNSET
    range_end: datetime | UnsetType | None = UNSET
    days_with_data: int | UnsetType = 0
    trace_id: str | UnsetType | None = UNSET
    error_details: str | UnsetType | None = UNSET


class Provider(msgspec.Struct):
    """As the generated `SingleProviderHistoricalPullResponse`."""

    pulled: dict[str, Statistics]
    not_pulled: list[str]


class User(msgspec.Struct):
    """As the generated `SingleUserHistoricalPullResponse`."""

    user_id: UUID
    provider: dict[str, Provider]


class Page(msgspec.Struct):
    """As the generated `UserHistoricalPullsResponse`."""

    data: list[User]
    next_cursor: str | UnsetType | None = UNSET
    next: str | UnsetType | None = UNSET


DECODER = msgspec.json.Decoder(Page)
