"""Decoded pages to an Arrow table: column by column, and by way of rows."""

from __future__ import annotations

from datetime import UTC, datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from junction_introspect import rows
from tests.benchmarks import workload
from tests.benchmarks.measuring import Answer, at_least, gain, interleaved
from tests.support.pulls import SCHEMA, decode_page, record_batch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from junction_introspect import Page
    from tests.benchmarks.setting import Setting

_RUNS = 9
_PAGES = 10
_OBSERVED: Final = datetime(2026, 1, 5, tzinfo=UTC)

_NAMES: Final = [name for name in SCHEMA.names if name not in {"user_id", "observed_at"}]
_VALUES: Final = attrgetter(*_NAMES)


def _by_columns(pages: Sequence[Page]) -> Any:
    return pa.Table.from_batches(record_batch(page, _OBSERVED) for page in pages)


def _by_rows(pages: Sequence[Page]) -> Any:
    records = [
        {
            "user_id": str(row.user_id),
            **dict(zip(_NAMES, _VALUES(row), strict=True)),
            "observed_at": _OBSERVED,
        }
        for page in pages
        for user in page.data
        for row in rows(user)
    ]
    return pa.Table.from_pylist(records, schema=SCHEMA)


def ask(setting: Setting) -> Answer:  # noqa: ARG001 - every question is asked alike
    """Build the same table twice over."""
    pages = [decode_page(workload.body(data, None)) for data in workload.records()[:_PAGES]]
    assert _by_columns(pages).to_pylist() == _by_rows(pages).to_pylist()
    series = interleaved(
        {
            "to_arrow, column by column": lambda: _by_columns(pages),
            "rows(), then Table.from_pylist": lambda: _by_rows(pages),
        },
        _RUNS,
    )
    return Answer(
        f"Arrow table of {_PAGES} pages",
        series,
        [gain(series[0], series[1], at_least(3))],
        "From pages that are decoded already. Both tables are the same, value by value.",
    )
