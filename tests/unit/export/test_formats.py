"""Text that Arrow writes is, byte for byte, what a loop of Python would write, and can be read."""

import csv
import io
from datetime import UTC, datetime

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from junction_introspect._texts import json_escaped, spreadsheet_safe
from junction_introspect.export.formats import Format, read, write
from tests.support.pulls import SCHEMA

pytestmark = pytest.mark.any_specification

# What quoting, escaping and spreadsheets stumble over, and what they do not.
TEXTS = st.text(
    st.sampled_from([*'=+-@\t\r\n "\\,/\x00\x1f\x7f\x85\u00a0\u2028\u2029\u202e\ufeffäz\U0001f600'])
) | st.sampled_from(["", "null", "NA", "True", "1", "oura"])
TIMES = st.datetimes(timezones=st.just(UTC)) | st.sampled_from(
    [datetime(1, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)]
)
OF_TYPE = {
    pa.string(): TEXTS,
    pa.dictionary(pa.int32(), pa.string()): TEXTS,
    pa.timestamp("us", tz="UTC"): TIMES,
    pa.bool_(): st.booleans(),
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
}
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            field.name: (OF_TYPE[field.type] | st.none()) if field.nullable else OF_TYPE[field.type]
            for field in SCHEMA
        }
    ),
    max_size=4,
)


def written(rows, format_, **options):
    out = io.BytesIO()
    write(pa.Table.from_pylist(rows, SCHEMA), format_, out, **options)
    return out.getvalue()


def csv_of(rows, cell):
    text = io.StringIO(newline="")
    lines = csv.DictWriter(text, SCHEMA.names)
    lines.writeheader()
    for row in rows:
        built = msgspec.to_builtins(row)
        lines.writerow({name: cell(built[name]) for name in SCHEMA.names})
    return text.getvalue().encode()


@given(ROWS)
def test_csv_is_that_of_the_standard_library(rows):
    assert written(rows, Format.CSV) == csv_of(rows, lambda value: value)
    assert written(rows, Format.CSV, csv_safe=True) == csv_of(rows, spreadsheet_safe)


@given(ROWS)
def test_ndjson_is_that_of_msgspec_with_its_dangers_escaped(rows):
    ordered = [{name: row[name] for name in SCHEMA.names} for row in rows]
    lines = msgspec.json.Encoder().encode_lines(ordered).decode()
    assert written(rows, Format.NDJSON).decode() == json_escaped(lines)
    assert len(written(rows, Format.NDJSON).decode().splitlines()) == len(rows)


@given(ROWS, st.sampled_from(Format))
def test_what_was_written_is_read_and_written_again_the_same(rows, format_):
    content = written(rows, format_)
    table = read(content, format_, SCHEMA)
    assert table.schema.names == SCHEMA.names
    if format_ is not Format.CSV:  # in which an empty text is like a null
        assert table.to_pylist() == pa.Table.from_pylist(rows, SCHEMA).to_pylist()
    again = io.BytesIO()
    write(table, format_, again)
    assert again.getvalue() == content


@pytest.mark.parametrize("format_", list(Format))
def test_table_without_rows_is_read_as_one(format_):
    content = written([], format_)
    assert read(content, format_, SCHEMA).num_rows == 0
    assert read(content, format_, SCHEMA).schema.names == SCHEMA.names
