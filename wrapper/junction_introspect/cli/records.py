"""Answers for a program: NDJSON, CSV or JSON, written as they come."""

from __future__ import annotations

import csv
from typing import IO, TYPE_CHECKING, Any, Final, Protocol

import attrs
import msgspec

from junction_introspect._texts import harmless, json_escaped, spreadsheet_safe
from junction_introspect.cli.options import Format
from junction_introspect.operations.historical_pulls import HistoricalPull, rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from junction_introspect import Page

COLUMNS: Final = (*(field.name for field in attrs.fields(HistoricalPull)), "settled", "error_kind")


def record(row: HistoricalPull) -> dict[str, Any]:
    """Return a row as JSON has it: every field, then ``settled`` and ``error_kind``."""
    return {
        **msgspec.to_builtins(row),
        "settled": row.settled,
        "error_kind": row.error_kind,
    }


class Records(Protocol):
    """Writes records one by one, then what closes them."""

    def add(self, record: Mapping[str, Any]) -> None:
        """Write a record."""

    def end(self) -> None:
        """Write what closes the records."""


def writer(
    format_: Format, out: IO[str], columns: Sequence[str], *, csv_safe: bool = False
) -> Records:
    """Return what writes records in a format for a program.

    Args:
        format_: Another than a table.
        out: Where to.
        columns: The names that every record has, in their order.
        csv_safe: Whether cells of CSV that a spreadsheet would run are made text.
    """
    if format_ is Format.CSV:
        return Csv(out, columns, safe=csv_safe)
    return Ndjson(out) if format_ is Format.NDJSON else Json(out)


class Ndjson:
    """One JSON object a line."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out

    def add(self, record: Mapping[str, Any]) -> None:
        """Write a record."""
        self._out.write(json_escaped(msgspec.json.encode(record).decode()) + "\n")

    def end(self) -> None:
        """Nothing remains."""


class Json:
    """One JSON array; closed even where the records break off."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._separator = "[\n"

    def add(self, record: Mapping[str, Any]) -> None:
        """Write a record."""
        self._out.write(self._separator + json_escaped(msgspec.json.encode(record).decode()))
        self._separator = ",\n"

    def end(self) -> None:
        """Close the array."""
        self._out.write("[]\n" if self._separator == "[\n" else "\n]\n")


class Csv:
    """A header, and one line a record; None is an empty field.

    In a terminal, what would steer it is escaped; a file or a pipe gets what the server said.
    """

    def __init__(self, out: IO[str], columns: Sequence[str], *, safe: bool = False) -> None:
        self._cell = spreadsheet_safe if safe else _as_it_is
        self._csv = csv.DictWriter(_Lines(out), columns, lineterminator=_Lines.END)
        self._begun = False

    def add(self, record: Mapping[str, Any]) -> None:
        """Write a record, after the header if it is the first."""
        self._begin()
        self._csv.writerow({name: self._cell(value) for name, value in record.items()})

    def end(self) -> None:
        """Write the header where there was no record."""
        self._begin()

    def _begin(self) -> None:
        if not self._begun:
            self._csv.writeheader()
            self._begun = True


def _as_it_is(value: Any) -> Any:
    return value


class _Lines:
    r"""Ends lines with ``\n`` that csv believes to end with ``\r\n``.

    Before Python 3.13, csv quotes only those line breaks in a field that are in its own line end,
    yet readers take either for one.
    """

    END: Final = "\r\n"

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._in_terminal = out.isatty()

    def write(self, line: str) -> int:
        line = line.removesuffix(self.END)
        return self._out.write((harmless(line) if self._in_terminal else line) + "\n")


class Pulls:
    """A record a row of each page, with every field."""

    def __init__(self, out: IO[str], format_: Format, *, csv_safe: bool = False) -> None:
        self._out = out
        self._records = writer(format_, out, COLUMNS, csv_safe=csv_safe)

    def page(self, page: Page[Any]) -> None:
        """Write the rows of a page."""
        for user in page.data:
            for row in rows(user):
                self._records.add(record(row))
        self._out.flush()

    def end(self, *, complete: bool = True) -> None:  # noqa: ARG002 - what breaks off is valid
        """Close the records."""
        self._records.end()
        self._out.flush()
