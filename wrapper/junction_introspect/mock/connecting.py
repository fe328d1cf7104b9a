"""The history of one connection: drawn at random, or set by a test."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Final
from uuid import UUID

from attrs import evolve, field, frozen

from junction_api.enums import CONNECTION_ERROR_DETAILS_ERROR_TYPE_VALUES
from junction_api.models.connection_error_details_error_type import (
    KnownConnectionErrorDetailsErrorType,
)
from junction_introspect.mock.backfills import Backfill
from junction_introspect.mock.courses import SETTLED
from junction_introspect.tracking import delivery_of

# Sorted, because the order of a set of strings differs from process to process.
ERROR_TYPES: Final = sorted(CONNECTION_ERROR_DETAILS_ERROR_TYPE_VALUES)

# Shares of the settled connections, and of the resources, that have each kind of trouble.
_BROKEN: Final = 1 / 10
_SILENT: Final = 1 / 10
_DENIED: Final = 1 / 4
_WITHHELD: Final = 1 / 4
_FAILING: Final = 1 / 40
_ABANDONED: Final = 1 / 40


@frozen
class Broken:
    """Why and since when a connection is in error."""

    error_type: KnownConnectionErrorDetailsErrorType
    since: datetime


@frozen
class Denied:
    """Since when a resource is unavailable, and which scopes the user denied.

    Without scopes, the provider does not offer the resource.
    """

    since: datetime
    scopes: tuple[str, ...]


@frozen(kw_only=True)
class Connecting:
    """The history of one connection. Events later than now have not happened yet.

    Attributes:
        connected_on: When the user connected.
        disconnected_on: When the user removed the connection, or None.
        broken: Why and since when the connection is in error, or None.
        denied: For each unavailable resource, why and since when.
        silent: For each silent resource, since when the device or phone sends no new data.
        failing: For each failing resource, since when the vendor's attempts fail.
        abandoned: For each abandoned resource, since when the vendor makes no attempts.
    """

    connected_on: datetime
    disconnected_on: datetime | None = None
    broken: Broken | None = None
    denied: Mapping[str, Denied] = field(factory=dict[str, Denied])
    silent: Mapping[str, datetime] = field(factory=dict[str, datetime])
    failing: Mapping[str, datetime] = field(factory=dict[str, datetime])
    abandoned: Mapping[str, datetime] = field(factory=dict[str, datetime])

    def ended(self, now: datetime, resource: str) -> datetime:
        """Return until when the connection could deliver a resource: `now`, or earlier."""
        trouble = (self.broken, self.denied.get(resource))
        ends = (self.disconnected_on, *(each.since for each in trouble if each is not None))
        return min([now, *(end for end in ends if end is not None)])


def drawn(user_id: UUID, provider: str, backfill: Backfill, now: datetime) -> Connecting:
    """Draw the history of a connection, consistent with its backfill.

    A connection breaks or falls silent only after its backfill has settled. Only resources that
    were not pulled are unavailable. For a few resources, the vendor's attempts fail or stop.

    Args:
        user_id: The user; together with the provider, decides the result.
        provider: The provider.
        backfill: The backfill as it is at `now`.
        now: The moment to draw it for.
    """
    rng = Random(f"connection {user_id} {provider}")  # noqa: S311  it must be reproducible
    connected_on, response = backfill
    denied: dict[str, Denied] = {}
    for resource in response.not_pulled:
        draw = rng.random()
        if draw < _DENIED:
            denied[resource] = Denied(connected_on, scopes_of(provider, resource))
        elif draw < _DENIED + _WITHHELD:
            denied[resource] = Denied(connected_on, ())
    story = Connecting(connected_on=connected_on, denied=denied)
    pulls = response.pulled
    ends = [pull.timeline.ended_at for pull in pulls.values() if pull.status in SETTLED]
    settled_at = max((end for end in ends if isinstance(end, datetime)), default=connected_on)
    seconds = int((now - settled_at).total_seconds())
    fate = rng.random()
    since = settled_at + timedelta(seconds=rng.randrange(max(seconds, 1)))
    if len(ends) < len(pulls) or seconds <= 0:
        return story
    if fate < _BROKEN:
        return evolve(story, broken=Broken(rng.choice(ERROR_TYPES), since))
    if fate < _BROKEN + _SILENT:
        return evolve(story, silent=dict.fromkeys((*pulls, *response.not_pulled), since))
    failing = {resource: since for resource in pulls if rng.random() < _FAILING}
    abandoned = {
        resource: since
        for resource in pulls
        if delivery_of(provider) == "poll" and rng.random() < _ABANDONED
    }
    return evolve(story, failing=failing, abandoned=abandoned)


def scopes_of(provider: str, resource: str) -> tuple[str, ...]:
    """Return the scopes that a resource needs from a provider; the names are made up."""
    return (f"{provider}.{resource}.read",)
