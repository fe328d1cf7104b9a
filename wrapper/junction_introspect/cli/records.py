"""Pulls for a program, every field of them: NDJSON or CSV, written as pages arrive."""

from __future__ import annotations

import csv
from typing import IO, TYPE_CHECKING, Any, Final

import attrs
import msgspec

from junction_introspect.pulls import HistoricalPull, rows

if TYPE_CHECKING:
    from junction_introspect import Page

COLUMNS: Final = (*(field.name for field in attrs.fields(HistoricalPull)), "settled", "error_kind")


def record(row: HistoricalPull) -> dict[str, Any]:
    """Return a row as JSON has it: every field, then ``settled`` and ``error_kind``."""
    return {
        **msgspec.to_builtins(row),
        "settled": row.settled,
        "error_kind": row.error_kind,
    }


class Ndjson:
    """One JSON object a line, one line a row."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out

    def page(self, page: Page) -> None:
        """Write the rows of a page."""
        for user in page.data:
            for row in rows(user):
                self._out.write(msgspec.json.encode(record(row)).decode() + "\n")
        self._out.flush()

    def end(self) -> None:
        """Nothing remains."""


class Csv:
    """A header, with the first page, and one line a row; None is an empty field."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._csv = csv.DictWriter(_Lines(out), COLUMNS, lineterminator=_Lines.END)
        self._begun = False

    def page(self, page: Page) -> None:
        """Write the rows of a page."""
        if not self._begun:
            self._csv.writeheader()
            self._begun = True
        for user in page.data:
            self._csv.writerows(record(row) for row in rows(user))
        self._out.flush()

    def end(self) -> None:
        """Nothing remains."""


class _Lines:
    r"""Ends lines with ``\n`` that csv believes to end with ``\r\n``.

    Before Python 3.13, csv quotes only those line breaks in a field that are in its own line end,
    yet readers take either for one.
    """

    END: Final = "\r\n"

    def __init__(self, out: IO[str]) -> None:
        self._out = out

    def write(self, line: str) -> int:
        return self._out.write(line.removesuffix(self.END) + "\n")
