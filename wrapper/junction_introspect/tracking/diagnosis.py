"""Combines the answers of three operations into one: why a user has no data."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias
from uuid import UUID

from attrs import evolve, field, frozen

from junction_introspect._data import Data
from junction_introspect.operations.connections import Connection
from junction_introspect.operations.historical_pulls import HistoricalPull
from junction_introspect.operations.resources import ResourceStatistics
from junction_introspect.tracking.cases import Case
from junction_introspect.tracking.contradictions import contradictions
from junction_introspect.tracking.states import in_utc, key_of
from junction_introspect.tracking.stuck import Thresholds
from junction_introspect.tracking.verdicts import (
    VERDICTS,
    Row,
    Turn,
    Verdict,
    connection_row,
    resource_row,
)
from junction_introspect.tracking.wording import words

# As `states.Key`, but the user may be unknown: connections do not name theirs.
_Key: TypeAlias = tuple[UUID | None, str, str]


@frozen(kw_only=True)
class Diagnosis(Data):
    """Why one resource has data or has none, and whose turn it is.

    Attributes:
        user_id: The user; None if only connections were given, which do not name their user.
        provider: The provider.
        resource: The resource; None if the diagnosis is about the whole connection.
        verdict: The result, in one word for programs.
        turn: Whose turn it is: ``"user"``, ``"team"`` (yours), ``"junction"``, ``"nobody"``, or
            ``"unknown"`` if that cannot be determined.
        explanation: The result in one sentence, with times and without ids.
        advice: What to do, in one sentence for whoever's turn it is.
        evidence: The fields and times that were seen; absent ones are left out. Contains nothing
            personal: no error message of a connection, no id of the user at the provider.
        contradictions: One sentence for each pair of values that cannot both be true.
        newest_data: The time of the newest data, or None.
        trace_id: The id to quote to the vendor's support, or None.
    """

    user_id: UUID | None
    provider: str
    resource: str | None
    verdict: Verdict
    turn: Turn
    explanation: str
    advice: str
    evidence: Mapping[str, Any] = field(hash=False)
    contradictions: tuple[str, ...]
    newest_data: datetime | None
    trace_id: str | None


def diagnose(
    connections: Iterable[Connection] | None,
    pulls: Iterable[HistoricalPull],
    resources: Iterable[ResourceStatistics],
    now: datetime,
    thresholds: Thresholds | None = None,
    *,
    user_id: UUID | None = None,
    provider: str | None = None,
) -> list[Diagnosis]:
    """Tell for every provider and resource why there is data or why there is none.

    A problem of a whole connection is one diagnosis, whose resource is None. If several rows have
    the same key, the last counts; if there are several connections to one provider, the newest.

    Args:
        connections: All connections of one user. None if they were not requested, as for a whole
            team: then connections and permissions are not considered, and each explanation says
            so.
        pulls: Any rows of backfills, of any users.
        resources: Any rows of how the data is doing, of any users.
        now: The time to measure from; read as UTC if it has no offset.
        thresholds: How long is too long.
        user_id: The user that the connections belong to; by default the only user in the rows.
            Other users are diagnosed without connections.
        provider: Diagnose this provider only, even if nothing mentions it.

    Returns:
        One user after the other, in the order of the rows. Within a user, the providers that need
        somebody come first; within a provider, so do the resources that need somebody.

    Raises:
        ValueError: There are connections and rows of several users, but no ``user_id`` says which
            user the connections belong to.
    """
    backfills: dict[_Key, HistoricalPull] = {key_of(row): row for row in pulls}
    statistics: dict[_Key, ResourceStatistics] = {key_of(row): row for row in resources}
    named: dict[UUID | None, dict[str, set[str]]] = {}
    for user, name, resource in [*backfills, *statistics]:
        named.setdefault(user, {}).setdefault(name, set()).add(resource)
    owned: dict[str, list[Connection]] | None = None
    owner = user_id
    if connections is not None:
        owner = _owner(user_id, named)
        theirs, owned = named.setdefault(owner, {}), {}
        for connection in connections:
            owned.setdefault(connection.provider, []).append(connection)
            theirs.setdefault(connection.provider, set()).update(connection.resources)
        if provider is not None:
            theirs.setdefault(provider, set())
    known = _Known(backfills, statistics, in_utc(now), thresholds or Thresholds())
    return [
        diagnosis
        for user, providers in named.items()
        for diagnosis in _by_provider(
            known.diagnosed(user, name, names, owned if user == owner else None)
            for name, names in providers.items()
            if provider in {None, name}
        )
    ]


def _owner(user_id: UUID | None, named: Collection[UUID | None]) -> UUID | None:
    """Return the user that the connections belong to."""
    if user_id is None and len(named) > 1:
        raise ValueError(
            "the rows are of several users: pass user_id to say whose connections these are"
        )
    return next(iter(named), None) if user_id is None else user_id


def _by_provider(diagnosed: Iterable[list[Diagnosis]]) -> Iterator[Diagnosis]:
    """Yield diagnoses provider by provider; the providers that need somebody come first."""
    ordered = [sorted(each, key=_urgency) for each in diagnosed]
    for each in sorted(ordered, key=lambda each: (_urgency(each[0])[0], each[0].provider)):
        yield from each


def _urgency(diagnosis: Diagnosis) -> tuple[int, int, str]:
    """Return the sort key of a diagnosis within its provider; the most urgent is the least."""
    turn = {"unknown": 1, "nobody": 2}.get(diagnosis.turn, 0)
    return turn, VERDICTS.index(diagnosis.verdict), diagnosis.resource or ""


@frozen
class _Known:
    """What is known about every user."""

    backfills: Mapping[_Key, HistoricalPull]
    statistics: Mapping[_Key, ResourceStatistics]
    now: datetime
    limits: Thresholds

    def diagnosed(
        self,
        user: UUID | None,
        provider: str,
        resources: Collection[str],
        connections: Mapping[str, Sequence[Connection]] | None,
    ) -> list[Diagnosis]:
        """Diagnose one provider of one user. Returns at least one diagnosis, in no set order.

        Args:
            user: The user.
            provider: The provider.
            resources: The resources that any of the answers mentions.
            connections: The user's connections by provider; None if they were not requested.
        """
        candidates = (connections or {}).get(provider, ())
        found = (self.statistics.get((user, provider, each)) for each in resources)
        whole = Case(
            provider=provider,
            resource=None,
            looked=connections is not None,
            connection=max(candidates, key=_recency, default=None),
            connections=len(candidates),
            newest_data=max(
                (each.newest_data for each in found if each and each.newest_data),
                key=in_utc,
                default=None,
            ),
            now=self.now,
            limits=self.limits,
        )
        row = connection_row(whole)
        if row is not None or not resources:
            return [diagnosis_of(user, whole, row or resource_row(whole))]
        return [self._of_resource(user, whole, resource) for resource in resources]

    def _of_resource(self, user: UUID | None, whole: Case, resource: str) -> Diagnosis:
        key = (user, whole.provider, resource)
        statistics = self.statistics.get(key)
        case = evolve(
            whole,
            resource=resource,
            pull=self.backfills.get(key),
            statistics=statistics,
            newest_data=statistics.newest_data if statistics else None,
        )
        return diagnosis_of(user, case, resource_row(case))


def _recency(connection: Connection) -> tuple[datetime, bool]:
    # A connection without a time counts as the oldest. Of two with the same time, the one that is
    # not connected counts as newer, so that its trouble is reported.
    made = connection.created_on or datetime.min.replace(tzinfo=UTC)
    return in_utc(made), connection.status != "connected"


def diagnosis_of(user: UUID | None, case: Case, row: Row) -> Diagnosis:
    """Return the diagnosis of a user's case, by the row of the table that decides it."""
    explanation, advice = words(case, row)
    return Diagnosis(
        user_id=user,
        provider=case.provider,
        resource=case.resource,
        verdict=row.verdict,
        turn=row.turn,
        explanation=explanation,
        advice=advice,
        evidence=case.evidence(),
        contradictions=tuple(contradictions(case)),
        newest_data=case.newest_data,
        trace_id=case.pull.trace_id if case.pull else None,
    )
