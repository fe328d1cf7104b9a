"""Requests the three operations for one user, and diagnoses why there is no data."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

import anyio

from junction_api.models import Providers
from junction_introspect._paging.arguments import checked_user_id
from junction_introspect._paging.listing import AsyncListing, OnInvalid
from junction_introspect.async_client import AsyncJunction
from junction_introspect.client import Junction
from junction_introspect.operations.connections import Connection
from junction_introspect.operations.historical_pulls import HistoricalPull
from junction_introspect.operations.resources import ResourceStatistics
from junction_introspect.tracking.diagnosis import Diagnosis, diagnose
from junction_introspect.tracking.stuck import Thresholds

Row = TypeVar("Row")


def explain(
    junction: Junction,
    user_id: UUID | str,
    *,
    provider: Providers | str | None = None,
    now: datetime | None = None,
    thresholds: Thresholds | None = None,
    on_invalid: OnInvalid | None = None,
    on_connection: Callable[[Connection], object] | None = None,
) -> list[Diagnosis]:
    """Request a user's connections, backfills and data, and diagnose why there is no data.

    Sends three requests, or more if a listing has more than one page.

    Args:
        junction: The client to ask with.
        user_id: The user.
        provider: Diagnose this provider only, even if the user never connected it.
        now: The time to measure from; by default the time in UTC after the last response.
        thresholds: How long is too long.
        on_invalid: Called with each record that cannot be decoded; the record is left out. By
            default, such a record raises `ResponseDecodeError`.
        on_connection: Called with each connection as it was sent. It may contain personal data.

    Returns:
        As `diagnose`.

    Raises:
        NotFoundError: The API does not know the user.
        APIError: A request failed.
        TypeError: An argument is of the wrong type.
        ValueError: ``user_id`` is not a UUID.
    """
    connections = junction.connections(user_id, on_invalid=on_invalid)
    _hand_over(connections, on_connection)
    asked: dict[str, Any] = {"user_id": user_id, "provider": provider, "on_invalid": on_invalid}
    return diagnose(
        connections,
        list(junction.historical_pulls(**asked).rows()),
        list(junction.resources(**asked).rows()),
        now or datetime.now(UTC),
        thresholds,
        user_id=checked_user_id(user_id),
        provider=provider,
    )


async def explain_async(
    junction: AsyncJunction,
    user_id: UUID | str,
    *,
    provider: Providers | str | None = None,
    now: datetime | None = None,
    thresholds: Thresholds | None = None,
    on_invalid: OnInvalid | None = None,
    on_connection: Callable[[Connection], object] | None = None,
) -> list[Diagnosis]:
    """As `explain`, awaited. The three requests are sent at once.

    When one fails, the others are cancelled and its error is raised.
    """
    asked: dict[str, Any] = {"user_id": user_id, "provider": provider, "on_invalid": on_invalid}
    connections: list[Connection] = []
    pulls: list[HistoricalPull] = []
    resources: list[ResourceStatistics] = []

    async def ask_connections() -> None:
        connections.extend(await junction.connections(user_id, on_invalid=on_invalid))

    async def ask(listing: AsyncListing[Any, Row], found: list[Row]) -> None:
        found.extend([row async for row in listing.rows()])

    try:
        async with anyio.create_task_group() as group:
            group.start_soon(ask_connections)
            group.start_soon(ask, junction.historical_pulls(**asked), pulls)
            group.start_soon(ask, junction.resources(**asked), resources)
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    _hand_over(connections, on_connection)
    return diagnose(
        connections,
        pulls,
        resources,
        now or datetime.now(UTC),
        thresholds,
        user_id=checked_user_id(user_id),
        provider=provider,
    )


def _hand_over(
    connections: Iterable[Connection], on_connection: Callable[[Connection], object] | None
) -> None:
    if on_connection is not None:
        for connection in connections:
            on_connection(connection)
