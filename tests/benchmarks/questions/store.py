"""A listing into a store, beside the same listing by Arrow into a new table of DuckDB's."""

from __future__ import annotations

import tempfile
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from junction_introspect import Junction
from junction_introspect.store import Store, sync
from tests.benchmarks.measuring import Answer, at_most, cost, interleaved
from tests.benchmarks.setting import API_KEY

if TYPE_CHECKING:
    from tests.benchmarks.setting import Setting

# About 240,000 rows.
_PAGES = 200
_RUNS = 5


def ask(setting: Setting) -> Answer:
    """List the same pages into a table, into a new store, and into that store once more."""
    url = setting.url(_PAGES, distinct=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        Junction(api_key=API_KEY, base_url=url) as junction,
    ):
        names = count()
        filled: list[Path] = []

        def to_arrow() -> None:
            path = Path(folder) / f"{next(names)}.duckdb"
            with duckdb.connect(str(path)) as connection:
                connection.register("listed", junction.historical_pulls().to_arrow())
                connection.execute("CREATE TABLE pulls AS FROM listed")
            path.unlink()

        def first() -> None:
            path = Path(folder) / f"{next(names)}.duckdb"
            with Store.open(path) as store:
                synced = sync(junction, store)
            assert list(synced.kinds["pulls"]) == ["appeared"]
            filled.append(path)

        def second() -> None:
            # Each first sync leaves a store behind, and this one takes it away.
            path = filled.pop()
            with Store.open(path) as store:
                synced = sync(junction, store)
            assert not synced.kinds["pulls"]
            path.unlink()

        series = interleaved(
            {
                "to_arrow() into a new table": to_arrow,
                "first sync": first,
                "second sync, nothing changed": second,
            },
            _RUNS,
            busy=setting.busy,
        )
    table, new, again = series
    return Answer(
        f"Store of {_PAGES} pages",
        series,
        [cost(new, table, at_most(2)), cost(again, table, at_most(1.5))],
        "From loopback, every time into a file. A sync looks for changes and can be resumed.",
    )
