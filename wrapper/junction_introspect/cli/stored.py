"""What commands read from a store: its teams, their rows, and when they were last synced."""

from __future__ import annotations

from heapq import merge
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeVar

import typer
from attrs import evolve

from junction_introspect import HistoricalPull, ResourceStatistics
from junction_introspect._nearest import did_you_mean
from junction_introspect.cli.plain_text import shown
from junction_introspect.enums import LAB_VALUES, PROVIDER_VALUES
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS
from junction_introspect.operations.resources import RESOURCES
from junction_introspect.tracking import diagnose

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path
    from uuid import UUID

    from junction_introspect import Operation
    from junction_introspect.cli.filters import Filters
    from junction_introspect.cli.notices import Notices
    from junction_introspect.store import Filters as StoreFilters
    from junction_introspect.store import Store
    from junction_introspect.tracking import Diagnosis

R = TypeVar("R")


def opened(path: Path) -> Store:
    """Open a store for reading.

    Raises:
        StoreError: The file cannot be read, or is not a store.
    """
    from junction_introspect.store import Store  # noqa: PLC0415 - an extra

    return Store.open(path, read_only=True)


def teams_of(
    store: Store, filters: Filters, *operations: Operation[Any, Any]
) -> Mapping[str, datetime]:
    """Return when each team whose rows are read was last synced, by the team's name.

    Args:
        store: The store.
        filters: Which rows are read.
        operations: The operations that are needed. Of several, the one that was synced earlier
            counts.

    Raises:
        typer.BadParameter: The store has no such team, or a filter is for the API only.
        StoreIncompleteError: The store lacks an operation.
    """
    if filters.provider in LAB_VALUES - PROVIDER_VALUES:
        raise typer.BadParameter(
            f"{filters.provider!r} is a lab: no row of a store names a lab, so only the API can"
            " filter by it",
            param_hint="--provider",
        )
    synced = {each.team: each.observed_at for each in store.teams()}
    if filters.team is not None and filters.team not in synced:
        teams = f"its teams: {', '.join(map(shown, synced))}" if synced else "it is empty"
        raise typer.BadParameter(
            f"{store.path} has no team {filters.team!r}; {teams}"
            f"{did_you_mean(filters.team, synced)}",
            param_hint="--team",
        )
    wanted = list(synced) if filters.team is None else [filters.team]
    store.require(*operations, teams=wanted)
    return {team: min(synced[team][each.what] for each in operations) for team in wanted}


def of_store(
    operation: Operation[Any, Any], filters: Filters, team: str | None = None
) -> StoreFilters:
    """Return filters as the store has them.

    Raises:
        typer.BadParameter: The operation's rows do not have what is filtered by.
    """
    from junction_introspect.store import Filters as StoreFilters  # noqa: PLC0415 - an extra

    filters.values(operation)
    return StoreFilters(
        team=team or filters.team,
        user_id=filters.user_id,
        provider=filters.provider,
        resource=filters.resources,
        status=filters.statuses,
        error=filters.errors,
    )


def rows_of(store: Store, operation: Operation[Any, R], filters: Filters, team: str) -> Iterator[R]:
    """Yield the rows of a team that pass, by user, provider and resource; lazily.

    Raises:
        typer.BadParameter: As `of_store`.
    """
    return store.rows(operation, filters=of_store(operation, filters, team))


def diagnosed(
    store: Store,
    teams: Mapping[str, datetime],
    filters: Filters,
    user_id: UUID | None,
    notices: Notices,
) -> Iterator[tuple[str, UUID, list[Diagnosis]]]:
    """Yield the diagnoses of a user, or of every user, from what a store has: no connections.

    Args:
        store: The store.
        teams: The teams, and when each was last synced.
        filters: Which rows to diagnose.
        user_id: The user; None for all.
        notices: Draws the progress.

    Yields:
        A team, a user of it with rows that pass, and the diagnoses.
    """
    filters = evolve(filters, user_id=user_id)
    for team, observed_at in teams.items():
        listed = rows_of(store, HISTORICAL_PULLS, filters, team)
        statistics = rows_of(store, RESOURCES, filters, team)
        rows: Iterator[HistoricalPull | ResourceStatistics] = merge(
            listed, statistics, key=lambda row: row.user_id
        )
        for user, of_user in groupby(notices.counting(rows, "row"), lambda row: row.user_id):
            both = list(of_user)
            pulls = [row for row in both if isinstance(row, HistoricalPull)]
            resources = [row for row in both if isinstance(row, ResourceStatistics)]
            yield team, user, diagnose(None, pulls, resources, observed_at)
