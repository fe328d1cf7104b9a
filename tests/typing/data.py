"""Checked by mypy and pyright, never run: what tracking, stores and exports take and give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, assert_type
from uuid import UUID

from junction_introspect import HistoricalPull, Junction, ResourceStatistics, tracking
from junction_introspect.export import Exported, export, listed, stored
from junction_introspect.operations.resources import RESOURCES
from junction_introspect.report import Report, build, render
from junction_introspect.store import (
    Filters,
    Run,
    Store,
    StoredTeam,
    Synced,
    Transition,
    sync,
    sync_async,
)
from junction_introspect.sweep import parts, sweep
from junction_introspect.teams import Outcome, Team, read_teams, run_teams

if TYPE_CHECKING:
    from pathlib import Path

    from distributed import Client

    from junction_introspect import AsyncJunction


def tracked(rows: list[HistoricalPull], resources: list[ResourceStatistics], now: datetime) -> None:
    """The pure functions."""
    assert_type(rows[0].to_dict(), dict[str, Any])
    summary = tracking.summarize(rows)
    assert_type(summary.total.states, Counter[tracking.State])
    assert_type(summary.by_resource, Mapping[tuple[str, str], tracking.Tally])
    assert_type(summary.by_user, Mapping[UUID, Counter[tracking.State]])
    for found in tracking.stuck(rows, now, tracking.Thresholds(scheduled=timedelta(hours=2))):
        assert_type(found.problem, tracking.Problem)
        assert_type(found.overdue, timedelta | None)
    for silent in tracking.stale(resources, now):
        assert_type(silent, tracking.Diagnosis)
    for covered in tracking.coverage(rows):
        assert_type(covered.fraction, float)
    changes = tracking.changes(rows, rows)
    assert_type(changes, list[tracking.Change])
    assert_type(tracking.apply(rows, changes), list[HistoricalPull])
    report = build(rows, now)
    assert_type(report, Report)
    assert_type(build({"acme": rows, "globex": iter(rows)}, now), Report)
    assert_type(render(report), str)


def in_a_store(junction: Junction, path: Path) -> None:
    """A store, and exports from either source."""
    with Store.open(path) as store:
        synced = sync(junction, store, team="acme", on_commit=committed)
        assert_type(synced, Synced)
        assert_type(synced.kinds, Mapping[str, Mapping[str, int]])
        assert_type(store.rows(filters=Filters(team="acme")), Iterator[HistoricalPull])
        assert_type(store.rows(RESOURCES), Iterator[ResourceStatistics])
        assert_type(store.changes(datetime.now(UTC)), Iterator[Transition[HistoricalPull]])
        assert_type(store.changes(operation=RESOURCES), Iterator[Transition[ResourceStatistics]])
        assert_type(store.teams(), list[StoredTeam])
        assert_type(store.runs(), list[Run])
        assert_type(export(stored(store), path / "part-*.parquet"), Exported)
    assert_type(export(listed(junction), "out/part-*.csv", rows_per_part=1000), Exported)


async def of_many_teams(store: Store, client: Client) -> None:
    """Work for each team, here and on a cluster."""

    async def work(team: Team, junction: AsyncJunction) -> Synced:
        return await sync_async(junction, store, team=team.name)

    teams = read_teams("teams.toml")
    assert_type(teams, tuple[Team, ...])
    assert_type(await run_teams(teams, work, jobs=8), list[Outcome[Synced]])
    assert_type(sweep(teams, "s3://pulls", client=client), list[Outcome[Exported]])
    assert_type(parts("s3://pulls", teams=["acme"]), list[str])


def committed(run: Run) -> None:
    """Take a run after a commit."""
    assert_type(run.next_cursor, str | None)
