"""The formats of a part: turns a table into bytes, always the same ones, and reads it back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import IO, Any, Final

import msgspec
import pyarrow.compute  # pyright: ignore[reportMissingTypeStubs]
import pyarrow.csv  # pyright: ignore[reportMissingTypeStubs]
import pyarrow.json  # pyright: ignore[reportMissingTypeStubs]
import pyarrow.parquet  # pyright: ignore[reportMissingTypeStubs]

from junction_introspect._texts import FORMULA, STEERING, json_escaped, spreadsheet_safe
from junction_introspect.arrow import Schema, pa

# As in `junction_introspect.arrow`.
Array = Any
Table = Any
_compute: Any = pyarrow.compute
_csv: Any = pyarrow.csv
_json: Any = pyarrow.json
_parquet: Any = pyarrow.parquet

_FIRST: Final = datetime.min.replace(tzinfo=UTC)
_LAST: Final = datetime.max.replace(tzinfo=UTC)

# Rows that become text at a time.
_CHUNK: Final = 10_000

# Arrow reads a text block by block, and a line has to fit into a block.
_BLOCK: Final = range(1 << 20, (1 << 31) - 1)


class Format(StrEnum):
    """The format of a part."""

    PARQUET = "parquet"
    CSV = "csv"
    NDJSON = "ndjson"


def write(table: Table, format_: Format, out: IO[bytes], *, csv_safe: bool = False) -> None:
    r"""Write a table as one file.

    Parquet is compressed with zstd, in one row group. CSV has a header, lines that end with
    ``\r\n`` (RFC 4180), and an empty field for null. NDJSON has one object per line, with every
    field. In both, times are in UTC, in the format of RFC 3339. NDJSON escapes as ``\\u…`` the
    characters that some readers treat as line ends, and those that control a terminal.

    Args:
        table: The rows, with a schema from `junction_introspect.arrow.schema`.
        format_: The format.
        out: Where to write; anything that accepts bytes.
        csv_safe: Whether CSV text that a spreadsheet would run as a formula gets a ``'`` before it.
    """
    if format_ is Format.PARQUET:
        table = table.unify_dictionaries()
        _parquet.write_table(table, out, compression="zstd", row_group_size=max(table.num_rows, 1))
        return
    names = table.schema.names
    if format_ is Format.CSV:
        out.write(",".join(names).encode() + b"\r\n")
        befores, end, null = ["", *[","] * (len(names) - 1)], "\r\n", ""
        cells: Callable[[Array], Array] = partial(_csv_cells, safe=csv_safe)
    else:
        befores, end, null = [f',"{name}":' for name in names], "}\n", "null"
        befores[0] = "{" + befores[0][1:]
        cells = _json_cells
    for batch in table.combine_chunks().to_batches(max_chunksize=_CHUNK):
        columns = [cells(column) for column in batch.columns]
        between = [each for pair in zip(befores, columns, strict=True) for each in pair]
        lines = _compute.binary_join_element_wise(
            *between, end, "", null_handling="replace", null_replacement=null
        )
        # Arrow keeps the lines one after another, as they are to be written.
        out.write(lines.buffers()[2].slice(0, _compute.sum(_compute.binary_length(lines)).as_py()))


def read(content: bytes, format_: Format, schema: Schema) -> Table:
    """Return the table that `write` has written.

    Args:
        content: The file's content.
        format_: Its format.
        schema: The schema of the table.
    """
    source = pa.BufferReader(content)
    if format_ is Format.PARQUET:
        return _parquet.read_table(source)
    # In CSV an empty text is like a null, also where there may be none.
    schema = pa.schema([field.with_nullable(nullable=True) for field in schema])
    block = min(max(len(content) + 1, _BLOCK.start), _BLOCK.stop)
    if format_ is Format.CSV:
        return _csv.read_csv(
            source,
            _csv.ReadOptions(block_size=block),
            _csv.ParseOptions(newlines_in_values=True),
            _csv.ConvertOptions(column_types=schema, null_values=[""], strings_can_be_null=True),
        ).cast(schema)
    if not content:
        return schema.empty_table()  # Arrow refuses an empty file of JSON
    plain = pa.schema(
        [
            pa.field(field.name, pa.string()) if pa.types.is_dictionary(field.type) else field
            for field in schema
        ]
    )
    return _json.read_json(
        source,
        _json.ReadOptions(block_size=block),
        _json.ParseOptions(explicit_schema=plain),
    ).cast(schema)


def _csv_cells(column: Array, *, safe: bool) -> Array:
    def texts_in(texts: Array) -> Array:
        texts = _mended(texts, FORMULA, spreadsheet_safe) if safe else texts
        return _mended(texts, '[",\r\n]', _csv_quoted)

    return _cells(column, texts_in, "", ("True", "False"))


def _json_cells(column: Array) -> Array:
    def texts_in(texts: Array) -> Array:
        quoted = _compute.binary_join_element_wise('"', texts, '"', "")
        return _mended(texts, f'["\\\\\\x00-\\x1f{STEERING}]', _json_quoted, quoted)

    return _cells(column, texts_in, '"', ("true", "false"))


def _cells(
    column: Array, text: Callable[[Array], Array], quote: str, flags: tuple[str, str]
) -> Array:
    """Return a column as texts, with null for null."""
    if pa.types.is_dictionary(column.type):
        return text(column.dictionary).take(column.indices)
    if pa.types.is_string(column.type):
        return text(column)
    if pa.types.is_boolean(column.type):
        return _compute.if_else(column, *flags)
    if not pa.types.is_timestamp(column.type):
        return column.cast(pa.string())
    times = _clamped(column).cast(pa.timestamp("us")).cast(pa.string())
    times = _compute.replace_substring(times, " ", "T")
    times = _compute.replace_substring(times, ".000000", "")
    return _compute.binary_join_element_wise(quote, times, f"Z{quote}", "")


def _mended(
    texts: Array, pattern: str, mend: Callable[[str], str], others: Array | None = None
) -> Array:
    """Return texts with those that match a pattern mended; they are few, so Python does it.

    Args:
        texts: The texts.
        pattern: A regular expression.
        mend: Returns what stands for a text that matches.
        others: What stands for the texts that do not match; by default they stay.
    """
    odd = _compute.match_substring_regex(texts, pattern).fill_null(fill_value=False)
    mended = [mend(each) for each in texts.filter(odd).to_pylist()]
    return _compute.replace_with_mask(
        texts if others is None else others, odd, pa.array(mended, pa.string())
    )


def _csv_quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _json_quoted(text: str) -> str:
    return json_escaped(msgspec.json.encode(text).decode())


def _clamped(column: Array) -> Array:
    # An offset can move a time beyond the years that Python supports.
    least, most = (pa.scalar(end, column.type).cast(pa.int64()) for end in (_FIRST, _LAST))
    # As integers, because Arrow does not compare times that have a zone.
    late = _compute.min_element_wise(column.cast(pa.int64()), most, skip_nulls=False)
    return _compute.max_element_wise(late, least, skip_nulls=False).cast(column.type)
