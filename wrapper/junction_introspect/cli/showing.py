"""Shows answers on standard output: as a table for people, or as records for programs."""

from __future__ import annotations

import sys
from typing import IO, TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from attrs import frozen

from junction_introspect._texts import counted
from junction_introspect.cli import options
from junction_introspect.cli.options import Format
from junction_introspect.cli.records import TEAM, Recorded
from junction_introspect.cli.sheet import NARROW, WIDE, Column, Line, Sheet
from junction_introspect.cli.streams import take_any_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from junction_introspect.cli.notices import Notices

T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)


class Shown(Protocol[T_contra]):
    """Shows answers one by one, then the closing text."""

    def add(self, answer: T_contra, team: str | None = None) -> None:
        """Show an answer, which is about a team of a store or, without a team, about a listing."""

    def end(self, *, complete: bool = True) -> None:
        """Show the closing text.

        Args:
            complete: Whether everything that was asked for has been shown. False if the listing
                was interrupted.
        """


def show(
    answers: Iterable[tuple[T, str | None]],
    shown: Shown[T],
    notices: Notices,
    *,
    begun: bool = False,
) -> int:
    """Show answers as they come, each with its team, then the closing text.

    However they end, the closing text comes last. It is left out after half an answer, which would
    look complete.

    Args:
        answers: The answers.
        shown: Shows them.
        notices: Draws the progress, which gives way to what is shown.
        begun: Whether there is a closing text even if an error comes before the first answer.

    Returns:
        How many answers there were.
    """
    number = 0
    half_written = complete = False
    try:
        for answer, team in answers:
            notices.clear()
            half_written = True
            shown.add(answer, team)
            half_written = False
            number += 1
        complete = True
    finally:
        notices.clear()
        if (begun or number or complete) and not half_written:
            shown.end(complete=complete)
    return number


@frozen
class Kind(Generic[T]):
    """A kind of answer.

    Attributes:
        titles: The titles of a table's columns for groups, names and remarks.
        columns: The table's other columns.
        lines: Returns the lines of an answer.
        fields: The field names of every record.
        records: Returns the records of an answer, of plain values.
        noun: What a line of the table is. The table's last line counts them, if this is given.
        total: Returns the last line of a table of several teams from all answers.
    """

    titles: tuple[str, str, str]
    columns: tuple[Column, ...]
    lines: Callable[[T], Iterable[Line]]
    fields: tuple[str, ...]
    records: Callable[[T], Iterable[Mapping[str, Any]]]
    noun: str = ""
    total: Callable[[Sequence[T]], Line] | None = None

    def shown(
        self,
        out: IO[str],
        format_: Format,
        *,
        csv_safe: bool = False,
        teams: Sequence[str] | None = None,
    ) -> Shown[T]:
        """Return an object that shows answers of this kind in a format.

        Args:
            out: Where to write.
            format_: The format.
            csv_safe: See `options.CsvSafe`.
            teams: The teams of the store that the answers come from; None for a listing. A table
                names the team if there are several.
        """
        if format_ is Format.TABLE:
            return _Table(self, out, teams or ())
        return Recorded(out, format_, self.fields, self.records, csv_safe=csv_safe, teams=teams)


class _Table(Generic[T]):
    def __init__(self, kind: Kind[T], out: IO[str], teams: Sequence[str]) -> None:
        group, name, remarks = kind.titles
        width = WIDE if group == "user" else NARROW
        groups, names = Column(group, width), Column(name, width if name else 0)
        self._sheet = Sheet(out, groups, names, kind.columns, remarks, teams=teams)
        self._kind = kind
        self._lines = 0
        self._added_up: list[T] = []

    def add(self, answer: T, team: str | None = None) -> None:
        if self._kind.total is not None:
            self._added_up.append(answer)
        lines = [*self._kind.lines(answer)]
        self._lines += len(lines)
        self._sheet.add(lines, team)

    def end(self, *, complete: bool = True) -> None:
        if self._kind.noun:
            so_far = "" if complete else " so far"
            self._sheet.write([counted(self._lines, self._kind.noun) + so_far])
        if self._kind.total is not None and len(self._added_up) > 1:
            line = self._kind.total(self._added_up)
            self._sheet.add([line], counted(len(self._added_up), TEAM))


@frozen(kw_only=True)
class Output:
    """How a command shows its answers on standard output.

    Attributes:
        show: The format.
        csv_safe: See `options.CsvSafe`.
    """

    show: options.Show = Format.TABLE
    csv_safe: options.CsvSafe = False

    def prepare(self) -> None:
        """Prepare standard output for the format.

        Raises:
            typer.BadParameter: ``--csv-safe`` is given for another format than CSV.
        """
        options.check_csv_safe(csv_safe=self.csv_safe, csv=self.show is Format.CSV)
        take_any_text(sys.stdout, exact=self.show is not Format.TABLE)

    def shown(self, kind: Kind[T], teams: Sequence[str] | None) -> Shown[T]:
        """Return an object that shows answers of a kind, as `Kind.shown`."""
        return kind.shown(sys.stdout, self.show, csv_safe=self.csv_safe, teams=teams)
