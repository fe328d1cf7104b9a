"""Answers as records for programs: NDJSON, CSV or JSON, written one by one as they arrive."""

from __future__ import annotations

import csv
from typing import IO, TYPE_CHECKING, Any, Final, Generic, TypeVar

import attrs
import msgspec

from junction_introspect._texts import harmless, json_escaped, spreadsheet_safe
from junction_introspect.cli.options import Format
from junction_introspect.operations.historical_pulls import HistoricalPull

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

T = TypeVar("T")

# The first column of records from a store, and of tables of several teams.
TEAM: Final = "team"

COLUMNS: Final = (*(field.name for field in attrs.fields(HistoricalPull)), "settled", "error_kind")


def record(row: HistoricalPull) -> dict[str, Any]:
    """Return a row as a JSON object: every field, then ``settled`` and ``error_kind``."""
    return {
        **msgspec.to_builtins(row),
        "settled": row.settled,
        "error_kind": row.error_kind,
    }


class Recorded(Generic[T]):
    """Shows answers as records.

    Args:
        out: Where to write.
        format_: Any format but the table.
        fields: The field names of every record.
        records: Returns the records of an answer, of plain values.
        csv_safe: See `options.CsvSafe`.
        teams: The teams of the store that the answers come from; None for a listing. Records from a
            store always begin with the team, so that the columns do not depend on the data.
    """

    def __init__(
        self,
        out: IO[str],
        format_: Format,
        fields: Sequence[str],
        records: Callable[[T], Iterable[Mapping[str, Any]]],
        *,
        csv_safe: bool = False,
        teams: Sequence[str] | None = None,
    ) -> None:
        self._out = out
        columns = fields if teams is None else (TEAM, *fields)
        self._writer: Csv | Ndjson | Json
        if format_ is Format.CSV:
            self._writer = Csv(out, columns, safe=csv_safe)
        else:
            self._writer = Ndjson(out) if format_ is Format.NDJSON else Json(out)
        self._records = records

    def add(self, answer: T, team: str | None = None) -> None:
        """Write the records of an answer, and flush them."""
        named = {} if team is None else {TEAM: team}
        for record in self._records(answer):
            self._writer.add({**named, **record})
        self._out.flush()

    def end(self, *, complete: bool = True) -> None:  # noqa: ARG002 - incomplete output is valid too
        """Write the end of the output, and flush it."""
        self._writer.end()
        self._out.flush()


class Ndjson:
    """Writes one JSON object per line."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out

    def add(self, record: Mapping[str, Any]) -> None:
        """Write a record."""
        self._out.write(json_escaped(msgspec.json.encode(record).decode()) + "\n")

    def end(self) -> None:
        """Do nothing: NDJSON has no end."""


class Json:
    """Writes one JSON array, which is closed even if the records are incomplete."""

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
    """Writes a header and one line per record; None is an empty field.

    In a terminal, control characters are escaped. A file or a pipe gets the server's text as it is.
    """

    def __init__(self, out: IO[str], columns: Sequence[str], *, safe: bool = False) -> None:
        self._safe = safe
        self._csv = csv.DictWriter(_Lines(out), columns, lineterminator=_Lines.END)
        self._begun = False

    def add(self, record: Mapping[str, Any]) -> None:
        """Write a record, after the header if it is the first."""
        self._begin()
        if self._safe:
            record = {name: spreadsheet_safe(value) for name, value in record.items()}
        self._csv.writerow(record)

    def end(self) -> None:
        """Write the header if there was no record."""
        self._begin()

    def _begin(self) -> None:
        if not self._begun:
            self._csv.writeheader()
            self._begun = True


class _Lines:
    r"""Replaces the ``\r\n`` with which csv ends a line by ``\n``.

    Before Python 3.13, csv quotes a field for a ``\r`` or ``\n`` only if its own line end has that
    character. Readers treat both as line breaks, so csv must be given ``\r\n``.
    """

    END: Final = "\r\n"

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._in_terminal = out.isatty()

    def write(self, line: str) -> int:
        line = line.removesuffix(self.END)
        return self._out.write((harmless(line) if self._in_terminal else line) + "\n")
