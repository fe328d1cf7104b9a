"""Checked by mypy and pyright, never run: what tracking, stores and exports take and give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, assert_type
from uuid import UUID

from junction_introspect import HistoricalPull, Junction, tracking
from junction_introspect.exporting import Exported, Pulls, Stored, export
from junction_introspect.report import Report, build, render
from junction_introspect.store import Run, Store, Synced, Transition, sync

if TYPE_CHECKING:
    from pathlib import Path


def tracked(rows: list[HistoricalPull], now: datetime) -> None:
    """The pure functions."""
    summary = tracking.summarize(rows)
    assert_type(summary.total.states, Counter[tracking.State])
    assert_type(summary.by_resource, Mapping[tuple[str, str], tracking.Tally])
    assert_type(summary.by_user, Mapping[UUID, Counter[tracking.State]])
    for found in tracking.stuck(rows, now, tracking.Thresholds(scheduled=timedelta(hours=2))):
        assert_type(found.problem, tracking.Problem)
        assert_type(found.overdue, timedelta | None)
    for covered in tracking.coverage(rows):
        assert_type(covered.fraction, float)
    changes = tracking.changes(rows, rows)
    assert_type(changes, list[tracking.Change])
    assert_type(tracking.apply(rows, changes), list[HistoricalPull])
    report = build(rows, now)
    assert_type(report, Report)
    assert_type(render(report), str)


def stored(junction: Junction, path: Path) -> None:
    """A store, and exports from either source."""
    with Store.open(path) as store:
        synced = sync(junction, store, team="acme", on_page=committed)
        assert_type(synced, Synced)
        assert_type(synced.kinds, Mapping[str, int])
        assert_type(store.rows("acme"), Iterator[HistoricalPull])
        assert_type(store.changes(datetime.now(UTC)), Iterator[Transition])
        assert_type(store.runs(), list[Run])
        assert_type(export(Stored(store), path / "part-*.parquet"), Exported)
    assert_type(export(Pulls(junction), "out/part-*.csv", rows_per_part=1000), Exported)


def committed(run: Run) -> None:
    """Take a run after a page."""
    assert_type(run.next_cursor, str | None)
