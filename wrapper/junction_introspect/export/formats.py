"""The formats of a part: turns record batches into bytes, always the same ones."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import IO, Any, Final

import msgspec
import pyarrow.compute  # pyright: ignore[reportMissingTypeStubs]
import pyarrow.parquet  # pyright: ignore[reportMissingTypeStubs]

from junction_introspect._texts import json_escaped, spreadsheet_safe
from junction_introspect.arrow import RecordBatch, Schema, pa

# As in `junction_introspect.arrow`.
_compute: Any = pyarrow.compute
_parquet: Any = pyarrow.parquet

_FIRST: Final = datetime.min.replace(tzinfo=UTC)
_LAST: Final = datetime.max.replace(tzinfo=UTC)


class Format(StrEnum):
    """The format of a part."""

    PARQUET = "parquet"
    CSV = "csv"
    NDJSON = "ndjson"


def write(
    batches: Sequence[RecordBatch],
    schema: Schema,
    format_: Format,
    out: IO[bytes],
    *,
    csv_safe: bool = False,
) -> None:
    r"""Write record batches as one file.

    Parquet is compressed with zstd, in one row group. CSV has a header, lines that end with
    ``\r\n`` (RFC 4180), and an empty field for null. NDJSON has one object per line, with every
    field. In both, times are in UTC, in the format of RFC 3339. NDJSON escapes as ``\\u…`` the
    characters that some readers treat as line ends, and those that control a terminal.

    Args:
        batches: The rows.
        schema: The schema of the batches, from `junction_introspect.arrow.schema`.
        format_: The format.
        out: Where to write; anything that accepts bytes.
        csv_safe: Whether CSV text that a spreadsheet would run as a formula gets a ``'`` before it.
    """
    if format_ is Format.PARQUET:
        table = pa.Table.from_batches(batches, schema).unify_dictionaries()
        _parquet.write_table(table, out, compression="zstd", row_group_size=max(table.num_rows, 1))
    elif format_ is Format.CSV:
        text = io.StringIO(newline="")
        lines = csv.DictWriter(text, schema.names)
        lines.writeheader()
        records = _records(batches)
        lines.writerows(map(_safe, records) if csv_safe else records)
        out.write(text.getvalue().encode())
    else:
        encode = msgspec.json.Encoder().encode_lines
        out.write(json_escaped(encode(_records(batches)).decode()).encode())


def _safe(record: dict[str, object]) -> dict[str, object]:
    return {name: spreadsheet_safe(value) for name, value in record.items()}


def _records(batches: Sequence[RecordBatch]) -> Iterator[dict[str, object]]:
    for batch in batches:
        columns = [msgspec.to_builtins(_clamped(column).to_pylist()) for column in batch.columns]
        for values in zip(*columns, strict=True):
            yield dict(zip(batch.schema.names, values, strict=True))


def _clamped(column: Any) -> Any:
    # An offset can move a time beyond the years that Python supports.
    if not pa.types.is_timestamp(column.type):
        return column
    least, most = (pa.scalar(end, column.type).cast(pa.int64()) for end in (_FIRST, _LAST))
    # As integers, because Arrow does not compare times that have a zone.
    late = _compute.min_element_wise(column.cast(pa.int64()), most, skip_nulls=False)
    return _compute.max_element_wise(late, least, skip_nulls=False).cast(column.type)
