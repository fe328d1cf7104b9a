"""The checks of `doctor` and `profiles`: what one is, and how they are shown."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Final, Literal, TypeAlias

import attrs
import msgspec
import typer
from attrs import frozen
from rich.text import Text

from junction_introspect._texts import json_escaped
from junction_introspect.cli import exits, sheet
from junction_introspect.cli.streams import take_any_text
from junction_introspect.teams import is_exposed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Show: TypeAlias = Annotated[
    Literal["table", "json"], typer.Option("--format", help="The output format.")
]
Mark: TypeAlias = Literal["ok", "look", "wrong", "skipped"]

_STYLES: Final = {"ok": "green", "look": "yellow", "wrong": "bold red", "skipped": "bright_black"}
_MARK_WIDTH: Final = 9
_NAME_WIDTH: Final = 15
_INDENT: Final = " " * (_MARK_WIDTH + _NAME_WIDTH)
_LEAST_WIDTH: Final = 30


@frozen(kw_only=True)
class Check:
    """The result of one check.

    Attributes:
        name: What was checked.
        mark: ``"ok"``; ``"look"``: it works, but somebody should look; ``"wrong"``: it does not
            work; ``"skipped"``: it could not be checked.
        found: What was found, in a sentence.
        advice: What to do; None if there is nothing to do.
        status: The exit status for this result.
    """

    name: str
    mark: Mark
    found: str
    advice: str | None = None
    status: int = exits.DONE


def status_of(checks: Iterable[Check]) -> int:
    """Return the exit status of all checks: the first wrong one's, else that of any to look at."""
    statuses = [check.status for check in checks]
    grave = (status for status in statuses if status not in {exits.DONE, exits.FOUND})
    return next(grave, max(statuses, default=exits.DONE))


def skipped(name: str, reason: str) -> Check:
    """Return a check that could not be made."""
    return Check(name=name, mark="skipped", found=f"not checked: {reason}")


def ok(name: str, found: str) -> Check:
    """Return a check that found no problem."""
    return Check(name=name, mark="ok", found=found)


def look(name: str, found: str, advice: str) -> Check:
    """Return a check of something that works, but that somebody should look at."""
    return Check(name=name, mark="look", found=found, advice=advice, status=exits.FOUND)


def wrong(name: str, error: BaseException, found: str, advice: str) -> Check:
    """Return a check of something that does not work.

    Its exit status is that of a command that fails with the error.
    """
    return Check(name=name, mark="wrong", found=found, advice=advice, status=exits.status_of(error))


def of_key(check: Check, place: str | Path | None) -> Check:
    """Return the check of a key, as one to look at if everybody on the machine may read its file.

    Args:
        check: The check, which found no problem.
        place: Where the key is.
    """
    if not (isinstance(place, Path) and is_exposed(place)):
        return check
    advice = f"everybody on this machine may read or change it: chmod 600 {place}"
    return look(check.name, check.found, advice)


def show(made: Iterable[Check], form: Literal["table", "json"]) -> int:
    """Show checks on standard output, and return the exit status of all of them.

    Args:
        made: The checks. In a table, each is shown when it is made.
        form: How to show them.
    """
    take_any_text(sys.stdout, exact=form == "json")
    if form == "table":
        return status_of(_shown(made, sys.stdout))
    made = list(made)
    encoded = msgspec.json.encode([attrs.asdict(check) for check in made])
    sys.stdout.write(json_escaped(msgspec.json.format(encoded).decode()) + "\n")
    return status_of(made)


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
