"""Arrow (extra `arrow`): a decoded page as a record batch, built column by column.

`schema` has the columns of an operation's rows, and one more:

| column | type | |
| --- | --- | --- |
| ``observed_at`` | timestamp, µs, UTC | when the page was received |

A column of recurring texts is dictionary-encoded, with a dictionary per batch. A time that was sent
without an offset counts as UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final, TypeAlias

import msgspec

from junction_introspect._extras import extra_of
from junction_introspect._paging.operation import Kind, Operation
from junction_introspect.pages import Page

with extra_of(__name__):
    import pyarrow  # noqa: ICN001 - named below  # pyright: ignore[reportMissingTypeStubs]

# pyarrow has no type hints, so all of it is Any; the aliases below are for readers.
pa: Any = pyarrow

RecordBatch: TypeAlias = Any
RecordBatchReader: TypeAlias = Any
Schema: TypeAlias = Any

TIMESTAMP: Final = pa.timestamp("us", tz="UTC")
CATEGORY: Final = pa.dictionary(pa.int32(), pa.string())

_TYPES: Final[Mapping[Kind, Any]] = {
    "id": pa.string(),
    "text": pa.string(),
    "category": CATEGORY,
    "time": TIMESTAMP,
    "flag": pa.bool_(),
    "integer": pa.int64(),
}

_INT64: Final = range(-(2**63), 2**63)


@cache
def schema(operation: Operation[Any, Any], *, team: bool = False) -> Schema:
    """Return the ``pyarrow.Schema`` of an operation's rows.

    Args:
        operation: The operation.
        team: Whether the first column is the team, as in rows of a store.
    """
    fields = [
        pa.field(column.name, _TYPES[column.kind], nullable=column.nullable)
        for column in operation.columns
    ]
    first = [pa.field("team", CATEGORY, nullable=False)] if team else []
    return pa.schema([*first, *fields, pa.field("observed_at", TIMESTAMP, nullable=False)])


def utc_now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


def record_batch(
    operation: Operation[Any, Any], page: Page[Any], observed_at: datetime
) -> RecordBatch:
    """Return the rows of a page as a ``pyarrow.RecordBatch``, in the page's order.

    Args:
        operation: What was listed.
        page: The page; its invalid records are left out.
        observed_at: When it was received; a naive time counts as UTC.
    """
    cells = operation.columnwise(page.data)
    columns = [
        _array(column.kind, values) for column, values in zip(operation.columns, cells, strict=True)
    ]
    columns.append(pa.repeat(pa.scalar(observed_at, TIMESTAMP), len(columns[0])))
    return pa.RecordBatch.from_arrays(columns, schema=schema(operation))


def _array(kind: Kind, values: Sequence[Any]) -> Any:
    if kind == "time":
        return _times(values)
    if kind == "integer":
        return _integers(values)
    return pa.array(values, _TYPES[kind])


def _times(column: Sequence[datetime | None]) -> Any:
    try:
        # Text takes a third of the time: Arrow would ask each datetime for its offset.
        return pa.array(msgspec.to_builtins(column), pa.string()).cast(TIMESTAMP)
    except pa.ArrowInvalid:
        return pa.array(column, TIMESTAMP)  # a time without an offset counts as UTC


def _integers(column: Sequence[Any]) -> Any:
    try:
        return pa.array(column, pa.int64())
    except OverflowError:
        least, most = _INT64[0], _INT64[-1]
        return pa.array(
            [None if each is None else min(max(each, least), most) for each in column], pa.int64()
        )


def unpacker(
    operation: Operation[Any, Any], now: Callable[[], datetime] = utc_now
) -> Callable[[Page[Any]], Iterable[RecordBatch]]:
    """Return a function that turns a page into one batch, or into none if it has no rows.

    Args:
        operation: What is listed.
        now: Returns the time at which a page was received.
    """

    def unpack(page: Page[Any]) -> Iterable[RecordBatch]:
        batch = record_batch(operation, page, now())
        return (batch,) if batch.num_rows else ()

    return unpack


def reader(operation: Operation[Any, Any], batches: Iterable[RecordBatch]) -> RecordBatchReader:
    """Return a ``pyarrow.RecordBatchReader`` that takes each batch from an iterable when needed.

    The reader raises the errors of the iterable. A consumer that uses Arrow's C interface, such as
    DuckDB or Polars, raises an error of its own with the same text.
    """
    return pa.RecordBatchReader.from_batches(schema(operation), batches)
