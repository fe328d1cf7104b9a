"""What the three operations say about one resource, or about one connection as a whole."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from attrs import frozen

from junction_introspect.operations.connections import Connection, ResourceAvailability
from junction_introspect.operations.historical_pulls import HistoricalPull
from junction_introspect.operations.resources import ResourceStatistics
from junction_introspect.tracking.providers import Delivery, Recurrence, delivery_of, recurrence_of
from junction_introspect.tracking.states import State, in_utc, state_of
from junction_introspect.tracking.stuck import Finding, Thresholds, stuck

_STANDSTILLS: Final = frozenset({"not_started", "not_finished", "still_retrying"})
_NOTHING_SAID: Final = ResourceAvailability(status="")


@frozen(kw_only=True)
class Case:
    """What is known about one resource, or about the whole connection if the resource is None.

    Attributes:
        provider: The provider.
        resource: The resource, or None.
        looked: Whether connections were requested.
        connection: The newest connection; None if there is no connection, or none was requested.
        connections: How many connections to the provider there are.
        pull: The backfill of the resource, or None.
        statistics: How the data of the resource is doing, or None.
        newest_data: The time of the newest data; of all resources together if the resource is None.
        now: The time to measure from, with an offset.
        limits: The thresholds for what counts as late or stuck.
    """

    provider: str
    resource: str | None
    looked: bool = False
    connection: Connection | None = None
    connections: int = 0
    pull: HistoricalPull | None = None
    statistics: ResourceStatistics | None = None
    newest_data: datetime | None
    now: datetime
    limits: Thresholds

    @property
    def delivery(self) -> Delivery:
        """How the provider delivers."""
        return delivery_of(self.provider)

    @property
    def recurrence(self) -> Recurrence:
        """How often to expect new data of the resource."""
        return recurrence_of(self.resource or "")

    @property
    def status(self) -> str | None:
        """The connection's status; None if there is no connection, or none was requested."""
        return self.connection.status if self.connection else None

    @property
    def error_type(self) -> str | None:
        """Why the connection is in error, if it is."""
        return self.connection.error_type if self.connection else None

    @property
    def availability(self) -> ResourceAvailability:
        """What the connection says about the resource; the status is empty if it says nothing."""
        if self.connection is None:
            return _NOTHING_SAID
        return self.connection.resources.get(self.resource or "", _NOTHING_SAID)

    @property
    def backfill(self) -> State | None:
        """The state of the backfill, or None if no backfill is listed."""
        return state_of(self.pull) if self.pull else None

    @property
    def standstill(self) -> Finding | None:
        """The finding that the backfill is overdue, or None if it is not."""
        found = stuck((self.pull,), self.now, self.limits) if self.pull else ()
        return next((each for each in found if each.problem in _STANDSTILLS), None)

    @property
    def attempted_at(self) -> datetime | None:
        """When the last attempt was made."""
        return self.statistics.last_attempt_at if self.statistics else None

    @property
    def attempt(self) -> str | None:
        """How the last attempt went."""
        return self.statistics.last_attempt_status if self.statistics else None

    @property
    def has_data(self) -> bool:
        """Whether anything shows data: a time of the newest data, a count, or a day with data."""
        sent = self.statistics.sent_count if self.statistics else None
        days = self.pull.days_with_data if self.pull else 0
        return self.newest_data is not None or (sent or 0) > 0 or days > 0

    def longest_gap(self, daily: timedelta) -> timedelta | None:
        """Return how long the resource may bring no data, or None if it does not recur.

        Args:
            daily: The limit for a resource that recurs daily. A resource that is not in the list
                has the limit of an episodic one, which is longer.
        """
        if self.recurrence == "never":
            return None
        return daily if self.recurrence == "daily" else self.limits.episodic_data

    def is_older(self, moment: datetime | None, limit: timedelta | None) -> bool:
        """Tell whether a time is longer ago than the limit; False if either is None."""
        return moment is not None and limit is not None and self.now - in_utc(moment) > limit

    def evidence(self) -> dict[str, Any]:
        """Return every value that was seen and is not personal; absent values are left out."""
        seen: dict[str, Any] = {"connections_asked": self.looked, "delivery": self.delivery}
        if self.connection is not None:
            seen["connection_status"] = self.connection.status
            seen["connected_on"] = self.connection.created_on
            seen["error_type"] = self.connection.error_type
            seen["errored_at"] = self.connection.errored_at
        if self.resource is not None:
            granted, denied = self.availability.granted, self.availability.denied
            seen["recurrence"] = self.recurrence
            seen["availability"] = self.availability.status or None
            seen["granted_required"] = list(granted.required) or None
            seen["granted_optional"] = list(granted.optional) or None
            seen["denied_required"] = list(denied.required) or None
            seen["denied_optional"] = list(denied.optional) or None
        if self.pull is not None:
            seen["backfill_status"] = self.pull.status or "not_pulled"
            seen["backfill_error"] = self.pull.error_details
            seen["scheduled_at"] = self.pull.scheduled_at
            seen["started_at"] = self.pull.started_at
            seen["ended_at"] = self.pull.ended_at
            seen["days_with_data"] = self.pull.days_with_data
        if self.statistics is not None:
            seen["last_attempt_at"] = self.statistics.last_attempt_at
            seen["last_attempt_status"] = self.statistics.last_attempt_status
            seen["oldest_data"] = self.statistics.oldest_data
            seen["sent_count"] = self.statistics.sent_count
        seen["newest_data"] = self.newest_data
        return {name: value for name, value in seen.items() if value is not None}
