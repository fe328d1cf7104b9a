"""Arrow (extra `arrow`): a decoded page as a record batch, built column by column.

| column | type | |
| --- | --- | --- |
| ``user_id`` | string | as the server writes it, with hyphens |
| ``provider``, ``resource`` | dictionary of strings | as sent, whether the specification lists it |
| ``status`` | dictionary of strings | as sent; null for a resource that was not pulled |
| ``pulled`` | bool | false for a resource listed under ``not_pulled`` |
| ``range_start``, ``range_end`` | timestamp, µs, UTC | the time range that was pulled |
| ``scheduled_at``, ``started_at``, ``ended_at`` | timestamp, µs, UTC | |
| ``days_with_data`` | int64 | 0 for a resource not pulled |
| ``release``, ``trace_id`` | string | |
| ``error_details`` | dictionary of strings | as sent; null for no error |
| ``settled`` | bool | whether nothing more is to come |
| ``error_kind`` | dictionary of strings | as `junction_introspect.error_kind` |
| ``observed_at`` | timestamp, µs, UTC | when the page was received |

The first fourteen are the fields of `HistoricalPull`. A time that was sent without an offset is
taken for UTC. Every batch has dictionaries of its own.
"""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar, cast

import msgspec
import pyarrow  # noqa: ICN001 - named below  # pyright: ignore[reportMissingTypeStubs]

from junction_api.types import UNSET, Unset
from junction_introspect.enums import error_kind, is_final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from junction_api.models import SingleHistoricalPullStatistics
    from junction_introspect.pages import Page

# pyarrow has no types, so that all of it is Any; the names below are for the reader.
pa: Any = pyarrow

T = TypeVar("T")

RecordBatch: TypeAlias = Any
RecordBatchReader: TypeAlias = Any

TIMESTAMP: Final = pa.timestamp("us", tz="UTC")
CATEGORY: Final = pa.dictionary(pa.int32(), pa.string())

SCHEMA: Final = pa.schema(
    [
        pa.field("user_id", pa.string(), nullable=False),
        pa.field("provider", CATEGORY, nullable=False),
        pa.field("resource", CATEGORY, nullable=False),
        pa.field("status", CATEGORY),
        pa.field("pulled", pa.bool_(), nullable=False),
        pa.field("range_start", TIMESTAMP),
        pa.field("range_end", TIMESTAMP),
        pa.field("scheduled_at", TIMESTAMP),
        pa.field("started_at", TIMESTAMP),
        pa.field("ended_at", TIMESTAMP),
        pa.field("days_with_data", pa.int64(), nullable=False),
        pa.field("release", pa.string()),
        pa.field("trace_id", pa.string()),
        pa.field("error_details", CATEGORY),
        pa.field("settled", pa.bool_(), nullable=False),
        pa.field("error_kind", CATEGORY),
        pa.field("observed_at", TIMESTAMP, nullable=False),
    ]
)

_INT64: Final = range(-(2**63), 2**63)

# What stands in the columns where a resource was not pulled.
_NOT_PULLED: Final = cast(
    "SingleHistoricalPullStatistics",
    SimpleNamespace(
        status=None,
        timeline=SimpleNamespace(scheduled_at=None, started_at=None, ended_at=None),
        release=None,
        range_start=None,
        range_end=None,
        days_with_data=0,
        trace_id=None,
        error_details=None,
    ),
)


def utc_now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


def record_batch(page: Page, observed_at: datetime) -> RecordBatch:
    """Return the rows of a page as a ``pyarrow.RecordBatch`` of `SCHEMA`, in the page's order.

    Args:
        page: The page; its invalid records are no rows.
        observed_at: When it was received; naive is taken for UTC.
    """
    users: list[str] = []
    providers: list[str] = []
    resources: list[str] = []
    pulls: list[SingleHistoricalPullStatistics] = []
    for user in page.data:
        for provider, group in user.provider.items():
            resources += group.pulled
            pulls += group.pulled.values()
            resources += group.not_pulled
            pulls += [_NOT_PULLED] * len(group.not_pulled)
            providers += [provider] * (len(resources) - len(providers))
        users += [str(user.user_id)] * (len(resources) - len(users))
    timelines = [pull.timeline for pull in pulls]
    statuses: list[str | None] = [pull.status for pull in pulls]
    errors = _or_none([pull.error_details for pull in pulls])
    settled = {status: status is None or is_final(status) for status in set(statuses)}
    kinds = {error: error_kind(error) for error in set(errors)}
    columns = [
        pa.array(users, pa.string()),
        pa.array(providers, CATEGORY),
        pa.array(resources, CATEGORY),
        pa.array(statuses, CATEGORY),
        pa.array([pull is not _NOT_PULLED for pull in pulls], pa.bool_()),
        _times(_or_none([pull.range_start for pull in pulls])),
        _times(_or_none([pull.range_end for pull in pulls])),
        _times([line.scheduled_at for line in timelines]),
        _times(_or_none([line.started_at for line in timelines])),
        _times(_or_none([line.ended_at for line in timelines])),
        _integers([pull.days_with_data or 0 for pull in pulls]),
        pa.array([pull.release for pull in pulls], pa.string()),
        pa.array(_or_none([pull.trace_id for pull in pulls]), pa.string()),
        pa.array(errors, CATEGORY),
        pa.array([settled[status] for status in statuses], pa.bool_()),
        pa.array([kinds[error] for error in errors], CATEGORY),
        pa.repeat(pa.scalar(observed_at, TIMESTAMP), len(pulls)),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


def empty_batch() -> RecordBatch:
    """Return a batch of `SCHEMA` without rows."""
    return pa.RecordBatch.from_pylist([], SCHEMA)


def _or_none(column: Sequence[T | Unset | None]) -> list[T | None]:
    return cast("list[T | None]", [None if value is UNSET else value for value in column])


def _times(column: Sequence[datetime | None]) -> Any:
    try:
        # By way of text: a third of what Arrow takes to ask each datetime for its offset.
        return pa.array(msgspec.to_builtins(column), pa.string()).cast(TIMESTAMP)
    except pa.ArrowInvalid:
        return pa.array(column, TIMESTAMP)  # one has no offset, and is taken for UTC


def _integers(column: Sequence[Any]) -> Any:
    try:
        return pa.array(column, pa.int64())
    except OverflowError:
        least, most = _INT64[0], _INT64[-1]
        return pa.array([min(max(number, least), most) for number in column], pa.int64())


def unpacker(now: Callable[[], datetime] = utc_now) -> Callable[[Page], Iterable[RecordBatch]]:
    """Return what makes a page into the batches of it: one, or none for a page without rows.

    Args:
        now: Tells when a page was received.
    """

    def unpack(page: Page) -> Iterable[RecordBatch]:
        batch = record_batch(page, now())
        return (batch,) if batch.num_rows else ()

    return unpack


def reader(batches: Iterable[RecordBatch]) -> RecordBatchReader:
    """Return a ``pyarrow.RecordBatchReader`` of batches of `SCHEMA`, which are taken as asked for.

    What taking one raises, the reader raises. A consumer that reads it over Arrow's C interface, as
    DuckDB and Polars do, raises an error of its own with that text.
    """
    return pa.RecordBatchReader.from_batches(SCHEMA, batches)
