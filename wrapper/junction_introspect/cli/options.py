"""The options that several commands take, each with its one help text."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

import typer

from junction_introspect import Environment as _Environment
from junction_introspect._files import PRIVATE, local_path

if TYPE_CHECKING:
    from collections.abc import Mapping

_VERBOSE: Final = "junction_introspect.verbose"
_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


class Format(StrEnum):
    """How to show answers."""

    TABLE = "table"
    NDJSON = "ndjson"
    CSV = "csv"
    JSON = "json"


def length_of_time(text: str | timedelta) -> timedelta:
    """Read a length of time: a number with ``s``, ``m``, ``h``, ``d`` or ``w``.

    Raises:
        typer.BadParameter: It is none, or not more than nothing.
    """
    if isinstance(text, timedelta):
        return text  # a default
    try:
        length = timedelta(seconds=float(text[:-1]) * _UNITS[text[-1:]])
    except (KeyError, ValueError, OverflowError):
        raise typer.BadParameter(f"{text!r} is not like 90s, 45m, 12h, 3d or 2w") from None
    if length <= timedelta():
        raise typer.BadParameter(f"{text!r} is not more than nothing")
    return length


def _noted(context: typer.Context, value: bool) -> bool:  # noqa: FBT001 - typer calls it so
    context.meta[_VERBOSE] = value
    return value


def is_verbose(meta: Mapping[str, object]) -> bool:
    """Tell whether a command was given ``--verbose``, by the ``meta`` of its context."""
    return bool(meta.get(_VERBOSE))


def file_named(text: str | Path) -> Path:
    """Read the name of a file; ``~`` is a home directory.

    Raises:
        typer.BadParameter: It is a URL, or no name that a file can have.
    """
    try:
        return local_path(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def mode_given(text: str | int) -> int:
    """Read who may read and write files: an octal number, as chmod takes it.

    Raises:
        typer.BadParameter: It is none, or its owner could not read and write.
    """
    try:
        mode = text if isinstance(text, int) else int(text, 8)
    except ValueError:
        mode = -1
    if mode & ~0o666 or mode & PRIVATE != PRIVATE:
        raise typer.BadParameter(f"{text!r} is not like 0600, 0640, 0660 or 0644")
    return mode


Mode: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--mode",
        parser=mode_given,
        metavar="MODE",
        show_default="0600",
        help="Who may read the files, like 0640; those that are there keep theirs.",
    ),
]
UserId: TypeAlias = Annotated[str | None, typer.Option(help="That user alone.")]
Provider: TypeAlias = Annotated[
    str | None, typer.Option(help="Users of that provider or lab alone.")
]
Environment: TypeAlias = Annotated[
    _Environment | None,
    typer.Option(help="Or JUNCTION_ENVIRONMENT; by default, told from the key's prefix."),
]
BaseUrl: TypeAlias = Annotated[
    str | None, typer.Option(help="An address to use instead; or JUNCTION_BASE_URL.")
]
Cursor: TypeAlias = Annotated[
    str | None, typer.Option(help="Where to resume, as told when a listing broke off.")
]
FromStore: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--from",
        parser=file_named,
        metavar="STORE",
        help="Read a store that `sync` filled, not the API.",
    ),
]
Show: TypeAlias = Annotated[Format, typer.Option("--format", help="How to show them.")]
Verbose: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--verbose",
        "-v",
        callback=_noted,
        help="Tell of each retry, and of an unforeseen error the traceback.",
    ),
]
