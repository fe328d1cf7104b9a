"""Lays out tables: for a terminal of 80 columns or more, or one line per row for a pipe."""

from __future__ import annotations

import os
import textwrap
from typing import IO, TYPE_CHECKING, Final

from attrs import frozen
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from junction_introspect.cli.plain_text import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# The width of a row without its remarks. Unknown values may make it longer; nothing is cut.
WIDTH: Final = 80
_HEIGHT: Final = 25

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

    def padded(self, cell: Text) -> Text:
        """Return a cell padded to the column's width; a wider one is returned as it is."""
        space = " " * (self.width - cell.cell_len)
        return Text.assemble(space, cell) if self.right else Text.assemble(cell, space)


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


def rendered(console: Console, lines: Iterable[Text]) -> str:
    """Return lines as a console shows them."""
    # Captured, because rich exits the process itself when it writes to a closed pipe.
    with console.capture() as captured:
        for line in lines:
            console.print(line, soft_wrap=True)
    return captured.get()


class Sheet:
    """Writes rows as they come. A row has a group, a name within it, cells, and remarks.

    In a terminal the group is a heading above its rows, and remarks are wrapped. In a pipe, where
    the reader is a program or a pager, a row is one complete line, and nothing is wrapped. Colours
    are used in terminals only, as NO_COLOR and TERM allow.

    Args:
        out: Where to write.
        group: The column of the groups.
        name: The column of the names.
        columns: The columns of the cells.
        remarks: The title of the remarks.
    """

    def __init__(
        self, out: IO[str], group: Column, name: Column, columns: Sequence[Column], remarks: str
    ) -> None:
        self.in_terminal = out.isatty()
        self._out = out
        self._console = console(out)
        self._group, self._name, self._columns = group, name, columns
        self._remarks = remarks
        self._label = Column("", WIDTH - sum(column.width + 1 for column in columns))
        self._heading: str | None = None

    def write(self, lines: Iterable[Text]) -> None:
        """Write lines, and flush them."""
        self._out.write(rendered(self._console, lines))
        self._out.flush()

    def header(self) -> Iterator[Text]:
        """Yield the line with the titles."""
        cells = [Text(column.title) for column in self._columns]
        if not self.in_terminal:
            yield self._whole(self._group.title, self._name.title, cells, [self._remarks])
            return
        line = self._line(f"  {self._name.title}", cells)
        if self._beside:
            line.append(f"  {self._remarks}")
        line.stylize("bold")
        yield line

    def row(
        self, group: str, name: str, cells: Sequence[Text], remarks: Sequence[str]
    ) -> Iterator[Text]:
        """Yield the lines of a row.

        Args:
            group: The row's group.
            name: The row's name; a row without one is a group of its own.
            cells: One cell per column.
            remarks: Further texts; a line break within a remark is avoided if possible.
        """
        if not self.in_terminal:
            yield self._whole(group, name, cells, remarks)
            return
        if name and group != self._heading:
            self._heading = group
            yield Text(group, "bold")
        label = f"  {name}" if name else group
        if cell_len(label) > self._label.width:
            yield Text(label)
            label = ""
        line = self._line(label, cells)
        folded = self._folded(remarks)
        if folded and self._beside:
            line.append(" " * max(2, _BESIDE - line.cell_len) + folded.pop(0))
        yield line
        indent = " " * (_BESIDE if self._beside else _INDENT)
        yield from (Text(indent + text) for text in folded)

    @property
    def _beside(self) -> bool:
        return self._console.width >= _BESIDE + _LEAST_WIDTH

    def _line(self, label: str, cells: Sequence[Text]) -> Text:
        line = self._label.padded(Text(label))
        for column, cell in zip(self._columns, cells, strict=True):
            line = Text.assemble(line, " ", column.padded(cell))
        return line

    def _whole(self, group: str, name: str, cells: Sequence[Text], remarks: Sequence[str]) -> Text:
        labels = (self._group.padded(Text(group)), self._name.padded(Text(name)))
        padded = (column.padded(cell) for column, cell in zip(self._columns, cells, strict=True))
        line = Text("  ").join([*labels, *padded, Text(", ".join(remarks))])
        line.rstrip()
        return line

    def _folded(self, remarks: Sequence[str]) -> list[str]:
        width = max(_LEAST_WIDTH, self._console.width - (_BESIDE if self._beside else _INDENT))
        # Remarks are not broken if possible: half an identifier cannot be copied.
        whole = ", ".join(remark.replace(" ", _NO_BREAK) for remark in remarks)
        return [line.replace(_NO_BREAK, " ") for line in textwrap.wrap(whole, width)]


class TeamColumn:
    """The first column of a table of several teams; the column is left out for a single team.

    Args:
        teams: The teams that the table is about.

    Attributes:
        width: Its width, with the space after it.
    """

    def __init__(self, teams: Sequence[str]) -> None:
        texts = ["team", f"{len(teams):,} teams", *map(shown, teams)]
        self.width = max(map(cell_len, texts)) + 2 if len(teams) > 1 else 0

    def before(self, text: str, team: str | None) -> str:
        """Return the text of the next column with the team's name before it."""
        name = shown(team) if self.width and team else ""
        return name + " " * (self.width - cell_len(name)) + text


class Paragraphs:
    """Writes paragraphs, wrapped to the terminal's width; in a pipe each is one line.

    Args:
        out: Where to write.
    """

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._in_terminal = out.isatty()
        self._console = Console(file=out, highlight=False)

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
