"""The options that several commands take, each with its one help text."""

from __future__ import annotations

import sys
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

import typer

from junction_introspect import Environment as _Environment
from junction_introspect import Unrecognized
from junction_introspect._files import PRIVATE, local_path
from junction_introspect._nearest import did_you_mean, nearest
from junction_introspect.cli.notices import Notices
from junction_introspect.enums import LAB_VALUES, PROVIDER_VALUES, RESOURCE_VALUES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

_VERBOSE: Final = "junction_introspect.verbose"
_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


_PROVIDERS: Final[frozenset[str]] = PROVIDER_VALUES | LAB_VALUES


def listed_provider(name: str | None, *, unlisted: bool) -> Unrecognized | None:
    """Return the name of a provider or lab that was given.

    Raises:
        typer.BadParameter: As `listed`.
    """
    if name is None:
        return None
    return Unrecognized(listed("provider", name, _PROVIDERS, unlisted=unlisted))


def listed_resources(names: Sequence[str] | None, *, unlisted: bool) -> list[str] | None:
    """Return the names of resources that were given.

    Raises:
        typer.BadParameter: As `listed`.
    """
    if names is None:
        return None
    return [listed("resource", name, RESOURCE_VALUES, unlisted=unlisted) for name in names]


def listed(kind: str, value: str, known: Collection[str], *, unlisted: bool) -> str:
    """Return a value that was given, after a word about one that is not listed.

    Args:
        kind: What it is: ``"provider"``.
        value: The value.
        known: The values that the specification lists, which always lags behind the API.
        unlisted: Whether all values are meant as they are.

    Raises:
        typer.BadParameter: It looks like a slip for one that is listed.
    """
    if unlisted or not value or value in known:
        return value
    complaint = f"the specification lists no {kind} {value!r}"
    meant = nearest(value, known)
    if meant is not None:
        raise typer.BadParameter(
            f"{complaint}: did you mean `{meant}`? With --unlisted it is taken as it is",
            param_hint=f"--{kind}",
        )
    Notices(sys.stderr).tell(f"{complaint}: taken as it is")
    return value


def check_csv_safe(*, csv_safe: bool, csv: bool) -> None:
    """See that ``--csv-safe`` was given for CSV.

    Raises:
        typer.BadParameter: It was not.
    """
    if csv_safe and not csv:
        raise typer.BadParameter("goes with CSV alone", param_hint="--csv-safe")


def environment_named(name: str) -> _Environment:
    """Read the name of an environment.

    Raises:
        typer.BadParameter: It is none.
    """
    try:
        return _Environment(name)
    except ValueError:
        raise typer.BadParameter(
            f"{name!r} is no environment: choose from {', '.join(_Environment)}"
            f"{did_you_mean(name, _Environment)}"
        ) from None


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
    typer.Option(
        parser=environment_named,
        metavar="|".join(_Environment),
        help="Or JUNCTION_ENVIRONMENT; by default, told from the key's prefix.",
    ),
]
BaseUrl: TypeAlias = Annotated[
    str | None, typer.Option(help="An address to use instead; or JUNCTION_BASE_URL.")
]
Unlisted: TypeAlias = Annotated[
    bool,
    typer.Option("--unlisted", help="Take what the specification does not list for no slip."),
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
CsvSafe: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--csv-safe", help="Put a ' before cells of CSV that a spreadsheet would run as formulas."
    ),
]
Verbose: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--verbose",
        "-v",
        callback=_noted,
        help="Tell of each retry, and of an unforeseen error the traceback.",
    ),
]
