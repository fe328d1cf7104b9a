"""Asks the three operations about one user, and tells why there is no data."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from uuid import UUID

import anyio

from junction_api.models import Providers
from junction_introspect._paging.arguments import checked_user_id
from junction_introspect._paging.listing import OnInvalid
from junction_introspect.async_client import AsyncJunction
from junction_introspect.client import Junction
from junction_introspect.operations.connections import Connection
from junction_introspect.operations.historical_pulls import HistoricalPull
from junction_introspect.operations.resources import ResourceStatistics
from junction_introspect.tracking.diagnosis import Diagnosis, diagnose
from junction_introspect.tracking.stuck import Thresholds


def explain(
    junction: Junction,
    user_id: UUID | str,
    *,
    provider: Providers | None = None,
    now: datetime | None = None,
    thresholds: Thresholds | None = None,
    on_invalid: OnInvalid | None = None,
    on_connection: Callable[[Connection], object] | None = None,
) -> list[Diagnosis]:
    """Tell why a user has no data: asks for connections, backfills and data, and diagnoses.

    Sends three requests, more where a listing has more pages.

    Args:
        junction: The client to ask with.
        user_id: The user.
        provider: That provider only, even if the user never connected it.
        now: The time to measure from; by default the time, in UTC, when all has been answered.
        thresholds: How long is too long.
        on_invalid: Receives each record that cannot be decoded, and is left out. Without it such an
            answer raises `ResponseDecodeError`.
        on_connection: Receives each connection as it was sent. It may hold what is personal.

    Returns:
        As `diagnose`.

    Raises:
        NotFoundError: The API does not know the user.
        APIError: An answer could not be had.
        TypeError: An argument is of the wrong type.
        ValueError: ``user_id`` is not a UUID.
    """
    connections = junction.connections(user_id, on_invalid=on_invalid)
    _hand_over(connections, on_connection)
    pulls = list(
        junction.historical_pulls(user_id=user_id, provider=provider, on_invalid=on_invalid).rows()
    )
    resources = list(
        junction.resources(user_id=user_id, provider=provider, on_invalid=on_invalid).rows()
    )
    return diagnose(
        connections,
        pulls,
        resources,
        now or datetime.now(UTC),
        thresholds,
        user_id=checked_user_id(user_id),
        provider=provider,
    )


async def explain_async(
    junction: AsyncJunction,
    user_id: UUID | str,
    *,
    provider: Providers | None = None,
    now: datetime | None = None,
    thresholds: Thresholds | None = None,
    on_invalid: OnInvalid | None = None,
    on_connection: Callable[[Connection], object] | None = None,
) -> list[Diagnosis]:
    """As `explain`, awaited. The three requests are sent at once.

    When one fails, the others are cancelled and its error is raised.
    """
    connections: list[Connection] = []
    pulls: list[HistoricalPull] = []
    resources: list[ResourceStatistics] = []
    failures: list[Exception] = []

    async def ask_connections() -> None:
        connections.extend(await junction.connections(user_id, on_invalid=on_invalid))

    async def ask_pulls() -> None:
        listing = junction.historical_pulls(
            user_id=user_id, provider=provider, on_invalid=on_invalid
        )
        pulls.extend([row async for row in listing.rows()])

    async def ask_resources() -> None:
        listing = junction.resources(user_id=user_id, provider=provider, on_invalid=on_invalid)
        resources.extend([row async for row in listing.rows()])

    try:
        async with anyio.create_task_group() as group:
            for ask in (ask_connections, ask_pulls, ask_resources):
                group.start_soon(ask)
    except* Exception as errors:  # noqa: BLE001 - raised below, as it would be by `explain`
        failures.append(errors.exceptions[0])
    if failures:
        # Outside, so that the error is raised as `explain` raises it, and not in a group.
        raise failures[0]
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
