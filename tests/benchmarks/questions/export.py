"""A store into files of each format, beside a loop of Python that writes the same lines."""

from __future__ import annotations

import tempfile
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from junction_introspect import Junction
from junction_introspect.export import Format, export, stored
from junction_introspect.store import Store, sync
from tests.benchmarks.measuring import Answer, Claim, Series, at_least, gain, interleaved
from tests.benchmarks.setting import API_KEY

if TYPE_CHECKING:
    from tests.benchmarks.setting import Setting

# About 240,000 rows.
_PAGES = 200
_RUNS = 5

_ROWS_A_SECOND = {Format.PARQUET: 300_000, Format.CSV: 150_000, Format.NDJSON: 150_000}


def ask(setting: Setting) -> Answer:
    """Export the same store to each format."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Junction(api_key=API_KEY, base_url=setting.url(_PAGES, distinct=True)) as junction,
        Store.open(Path(folder) / "pulls.duckdb") as store,
    ):
        sync(junction, store)
        rows, names = store.count(), count()

        def to(format_: Format) -> None:
            exported = export(stored(store), Path(folder) / str(next(names)) / f"part-*.{format_}")
            assert exported.manifest.rows == rows

        def by_a_loop() -> None:
            with (Path(folder) / f"{next(names)}.ndjson").open("wb") as out:
                for batch in store.batches():
                    out.write(msgspec.json.Encoder().encode_lines(batch.to_pylist()))

        series = interleaved(
            {
                **{f"store to {each}": partial(to, each) for each in Format},
                "store to NDJSON, by a loop of Python": by_a_loop,
            },
            _RUNS,
        )
    return Answer(
        f"Export of {rows:,} rows from a store",
        series,
        [
            *(
                _rate(of, rows, _ROWS_A_SECOND[each])
                for each, of in zip(Format, series, strict=False)
            ),
            gain(series[2], series[3], at_least(2)),
        ],
        "In parts of 100,000 rows, each with its SHA-256, and on the disk before the next begins.",
    )


def _rate(series: Series, rows: int, bound: int) -> Claim:
    return Claim(
        f"{series.name}: rows a second",
        1000 * rows / series.median,
        1000 * rows / series.minimum,
        at_least(bound, "rows/s"),
        "rows/s",
    )
