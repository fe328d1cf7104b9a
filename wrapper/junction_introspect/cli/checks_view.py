"""Shows checks as they are made: for people, or as JSON."""

from __future__ import annotations

import sys
import textwrap
from typing import IO, TYPE_CHECKING, Annotated, Final, Literal, TypeAlias

import attrs
import msgspec
import typer
from rich.text import Text

from junction_introspect._texts import json_escaped
from junction_introspect.cli import checks, sheet
from junction_introspect.cli.streams import take_any_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from junction_introspect.cli.checks import Check

_STYLES: Final = {"ok": "green", "look": "yellow", "wrong": "bold red", "skipped": "bright_black"}
_MARK_WIDTH: Final = 9
_NAME_WIDTH: Final = 15
_INDENT: Final = " " * (_MARK_WIDTH + _NAME_WIDTH)
_LEAST_WIDTH: Final = 30


Show: TypeAlias = Annotated[
    Literal["table", "json"], typer.Option("--format", help="The output format.")
]


def show(made: Iterable[Check], form: Literal["table", "json"]) -> int:
    """Show checks on standard output, and return the exit status of all of them.

    Args:
        made: The checks. In a table, each is shown when it is made.
        form: How to show them.
    """
    take_any_text(sys.stdout, exact=form == "json")
    if form == "table":
        return checks.status_of(_shown(made, sys.stdout))
    made = list(made)
    encoded = msgspec.json.encode([attrs.asdict(check) for check in made])
    sys.stdout.write(json_escaped(msgspec.json.format(encoded).decode()) + "\n")
    return checks.status_of(made)


def _shown(made: Iterable[Check], out: IO[str]) -> Iterator[Check]:
    """Show each check as it is made, and pass it on."""
    console = sheet.console(out)
    width = max(_LEAST_WIDTH, console.width - len(_INDENT)) if out.isatty() else sys.maxsize
    for check in made:
        out.write(sheet.rendered(console, _lines(check, width)))
        out.flush()
        yield check


def _lines(check: Check, width: int) -> Iterator[Text]:
    mark = Text(check.mark.ljust(_MARK_WIDTH), _STYLES[check.mark])
    first, *more = textwrap.wrap(check.found, width) or [""]
    # A name that fills its column is followed by one space.
    yield Text.assemble(mark, f"{check.name:<{_NAME_WIDTH - 1}} ", first)
    for text in (*more, *textwrap.wrap(check.advice or "", width)):
        yield Text(_INDENT + text)
