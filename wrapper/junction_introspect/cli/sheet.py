"""Lays out tables: for a terminal of 80 columns or more, or one line per row for a pipe."""

from __future__ import annotations

import os
import textwrap
from itertools import chain
from typing import IO, TYPE_CHECKING, Final, NamedTuple, TypeAlias

from attrs import frozen
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from junction_introspect.cli.plain_text import shown
from junction_introspect.cli.records import TEAM

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    Cell: TypeAlias = str | Text

# The width of a row without its remarks. Unknown values may make it longer; nothing is cut.
WIDTH: Final = 80
_HEIGHT: Final = 25

# The width of a provider or a resource, and of a user's id or a provider with a resource.
NARROW: Final = 20
WIDE: Final = 36

# Remarks are printed beside their row if the terminal is wide enough, and below it otherwise.
_BESIDE: Final = WIDTH + 2
_LEAST_WIDTH: Final = 40

# Smaller sizes are not those of a terminal that somebody looks at.
_LEAST: Final = {"COLUMNS": 20, "LINES": 5}
_INDENT: Final = 6

_NO_BREAK: Final = "\N{NO-BREAK SPACE}"


@frozen
class Column:
    """A column of cells.

    Attributes:
        title: The column's title.
        width: Cells narrower than this are padded, on the right.
        right: Whether to pad on the left instead, as for numbers.
    """

    title: str
    width: int
    right: bool = False

    def padded(self, cell: Cell) -> tuple[Cell, Cell]:
        """Return a cell and what pads it to the column's width, in the order of their display."""
        space = " " * (self.width - cell_len(str(cell)))
        return (space, cell) if self.right else (cell, space)


class Line(NamedTuple):
    """A row of a `Sheet`.

    Attributes:
        group: Its group.
        name: Its name within the group; a row without one is a group of its own.
        cells: One cell per column.
        remarks: Further texts; a line break within a remark is avoided if possible.
    """

    group: str
    name: str
    cells: Sequence[Cell]
    remarks: Sequence[str] = ()


def console(out: IO[str]) -> Console:
    """Return a console for a stream, with the size of its terminal.

    Some terminals and CI runners set COLUMNS to 0. rich would believe that and draw nothing.
    """
    sizes = {name: os.environ.get(name, "") for name in _LEAST}
    if all(not text.isdecimal() or int(text) >= _LEAST[name] for name, text in sizes.items()):
        return Console(file=out, highlight=False)
    try:
        actual = os.get_terminal_size(out.fileno())
    except (OSError, ValueError):  # a pipe, or a stream in memory
        actual = os.terminal_size((0, 0))
    return Console(
        file=out,
        highlight=False,
        width=actual.columns or WIDTH,
        height=actual.lines or _HEIGHT,
    )


def rendered(console: Console, lines: Iterable[Cell]) -> str:
    """Return lines as a console shows them; for a pipe without styles."""
    if not console.file.isatty():
        return "".join(f"{line}\n" for line in lines)
    # Captured, because rich exits the process itself when it writes to a closed pipe.
    with console.capture() as captured:
        for line in lines:
            console.print(line, soft_wrap=True)
    return captured.get()


class Sheet:
    """Writes lines as they come, below their titles.

    In a terminal the group is a heading above its lines, and remarks are wrapped. In a pipe, where
    the reader is a program or a pager, nothing is wrapped, and each line has its group. Colours are
    used in terminals only, as NO_COLOR and TERM allow.

    Args:
        out: Where to write.
        group: The column of the groups.
        name: The column of the names.
        columns: The columns of the cells.
        remarks: The title of the remarks.
        teams: The teams that the lines are about. If there are several, the first column is the
            team.
    """

    def __init__(
        self,
        out: IO[str],
        group: Column,
        name: Column,
        columns: Sequence[Column],
        remarks: str,
        *,
        teams: Sequence[str] = (),
    ) -> None:
        self.in_terminal = out.isatty()
        self._out = out
        self._console = console(out)
        names = [TEAM, f"{len(teams):,} teams", *map(shown, teams)]
        self._team = Column(TEAM, max(map(cell_len, names)) + 2 if len(teams) > 1 else 0)
        self._group = Column(self._with_team(group.title, TEAM), self._team.width + group.width)
        self._name, self._columns = name, columns
        self._remarks = remarks
        self._label = Column("", WIDTH - sum(column.width + 1 for column in columns))
        self._beside = self._console.width >= _BESIDE + _LEAST_WIDTH
        self._titled = False
        self._heading: str | None = None

    def add(self, lines: Iterable[Line], team: str | None = None, *, titled: bool = False) -> None:
        """Write lines, and flush them.

        Args:
            lines: The lines.
            team: The team that they are about, of several.
            titled: Whether to write the titles again.
        """
        titles = [] if self._titled and not titled else [self._titles()]
        self._titled = True
        self.write(chain(titles, (text for line in lines for text in self._row(line, team))))

    def write(self, texts: Iterable[Cell]) -> None:
        """Write texts that are no rows, one per line, and flush them."""
        self._out.write(rendered(self._console, texts))
        self._out.flush()

    def _with_team(self, group: str, team: str | None) -> str:
        if team is None or not self._team.width:
            return group
        return "".join(map(str, (*self._team.padded(shown(team)), group)))

    def _titles(self) -> Cell:
        titles = [column.title for column in self._columns]
        if not self.in_terminal:
            return self._whole(Line(self._group.title, self._name.title, titles, [self._remarks]))
        line = self._line(f"  {self._name.title}", titles)
        if self._beside:
            line.append(f"  {self._remarks}")
        line.stylize("bold")
        return line

    def _row(self, line: Line, team: str | None) -> Iterator[Cell]:
        line = line._replace(group=self._with_team(line.group, team))
        if not self.in_terminal:
            yield self._whole(line)
            return
        if line.name and line.group != self._heading:
            self._heading = line.group
            yield Text(line.group, "bold")
        label = f"  {line.name}" if line.name else line.group
        if cell_len(label) > self._label.width:
            yield label
            label = ""
        first = self._line(label, line.cells)
        folded = self._folded(line.remarks)
        if folded and self._beside:
            first.append(" " * max(2, _BESIDE - first.cell_len) + folded.pop(0))
        yield first
        indent = " " * (_BESIDE if self._beside else _INDENT)
        yield from (indent + text for text in folded)

    def _line(self, label: str, cells: Sequence[Cell]) -> Text:
        parts = [*self._label.padded(label)]
        for column, cell in zip(self._columns, cells, strict=True):
            parts += (" ", *column.padded(cell))
        return Text.assemble(*parts)

    def _whole(self, line: Line) -> str:
        columns = (self._group, self._name, *self._columns)
        cells = zip(columns, (line.group, line.name, *line.cells), strict=True)
        padded = ("".join(map(str, column.padded(cell))) for column, cell in cells)
        return "  ".join([*padded, ", ".join(line.remarks)]).rstrip()

    def _folded(self, remarks: Sequence[str]) -> list[str]:
        width = max(_LEAST_WIDTH, self._console.width - (_BESIDE if self._beside else _INDENT))
        # Remarks are not broken if possible: half an identifier cannot be copied.
        whole = ", ".join(remark.replace(" ", _NO_BREAK) for remark in remarks)
        return [line.replace(_NO_BREAK, " ") for line in textwrap.wrap(whole, width)]


class Paragraphs:
    """Writes paragraphs, wrapped to the terminal's width; in a pipe each is one line.

    Args:
        out: Where to write.
    """

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._in_terminal = out.isatty()
        self._console = console(out)

    def write(self, text: Text, *, indent: int = 0, hanging: int = 0) -> None:
        """Write a paragraph.

        Args:
            text: The paragraph.
            indent: How many spaces come before each line.
            hanging: How many more spaces come before each line but the first.
        """
        lines = [text]
        if self._in_terminal:
            width = max(_LEAST_WIDTH, min(self._console.width, _BESIDE + _LEAST_WIDTH))
            lines = list(text.wrap(self._console, width - indent - hanging))
        indented = (
            Text.assemble(" " * (indent + (hanging if number else 0)), line)
            for number, line in enumerate(lines)
        )
        self._out.write(rendered(self._console, indented))

    def end(self) -> None:
        """End a group of paragraphs with an empty line, and flush it."""
        self._out.write("\n")
        self._out.flush()
