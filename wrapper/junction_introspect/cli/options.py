"""The options that several commands share, with their help texts."""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

import typer

from junction_introspect import ConfigurationError
from junction_introspect import Environment as _Environment
from junction_introspect._files import PRIVATE, local_path
from junction_introspect._nearest import did_you_mean, nearest
from junction_introspect.cli.notices import Notices
from junction_introspect.cli.plain_text import NOT_PULLED

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from junction_introspect import Operation

_VERBOSE: Final = "junction_introspect.verbose"
_FEW: Final = 10  # so many values are told to whoever gives another one
_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


def all_listed(
    kind: str, values: Iterable[str] | None, known: Collection[str], *, unlisted: bool
) -> frozenset[str]:
    """Check the values of an option that may be repeated, as `listed`, and return them.

    Raises:
        typer.BadParameter: As `listed`, or a value has commas.
    """
    for value in values or ():
        if "," in value and not unlisted:
            repeated = " ".join(f"--{kind} {each.strip()}" for each in value.split(","))
            raise typer.BadParameter(
                f"{value!r} is not one {kind}: repeat the option, as {repeated}",
                param_hint=f"--{kind}",
            )
    return frozenset(listed(kind, value, known, unlisted=unlisted) for value in values or ())


def listed(kind: str, value: str, known: Collection[str], *, unlisted: bool) -> str:
    """Return a value unchanged. Print a notice if the specification does not list it.

    Args:
        kind: The kind of value, such as ``"provider"``.
        value: The value.
        known: The values that the specification lists. The specification lags behind the API.
        unlisted: Whether to accept every value without a check.

    Raises:
        typer.BadParameter: The value looks like a misspelling of a listed one.
    """
    if unlisted or not value or value in known:
        return value
    complaint = f"the specification does not list the {kind} {value!r}"
    meant = nearest(value, known)
    if meant is not None:
        raise typer.BadParameter(
            f"{complaint}: did you mean `{meant}`? Pass --unlisted to use it as it is",
            param_hint=f"--{kind}",
        )
    choices = f", but {', '.join(sorted(known))}" if len(known) <= _FEW else ""
    Notices(sys.stderr).tell(f"{complaint}{choices}: used as it is")
    return value


def check_csv_safe(*, csv_safe: bool, csv: bool) -> None:
    """Check that ``--csv-safe`` is used only for CSV.

    Raises:
        typer.BadParameter: It is used for another format.
    """
    if csv_safe and not csv:
        raise typer.BadParameter("works only with CSV", param_hint="--csv-safe")


def same_command(*, fresh: bool) -> str:
    """Return what resumes an interrupted run: the command, which must not start over again."""
    return "without --fresh the same command" if fresh else "the same command"


def exclude(option: str, others: Mapping[str, object]) -> None:
    """Check that no option is given that makes no sense together with another.

    Args:
        option: The other option, which is given.
        others: The values of options by their names; None and False are those of absent options.

    Raises:
        typer.BadParameter: One of them is given.
    """
    given = [name for name, value in others.items() if value is not None and value is not False]
    if given:
        raise typer.BadParameter(f"{option} cannot be combined with {' or '.join(given)}")


def environment_named(name: str) -> _Environment:
    """Parse the name of an environment.

    Raises:
        typer.BadParameter: There is no such environment.
    """
    try:
        return _Environment(name)
    except ValueError:
        raise typer.BadParameter(
            f"{name!r} is not an environment: choose from {', '.join(_Environment)}"
            f"{did_you_mean(name, _Environment)}"
        ) from None


def operations_named(text: str) -> list[Operation[Any, Any]]:
    """Parse the value of ``--what``: names of operations, separated by commas.

    Raises:
        typer.BadParameter: One is not an operation, or is named twice.
    """
    from junction_introspect.operations.listings import LISTINGS  # noqa: PLC0415 - not for help

    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in LISTINGS:
            raise typer.BadParameter(
                f"{name!r} cannot be listed: choose from {', '.join(LISTINGS)}"
                f"{did_you_mean(name, LISTINGS)}",
                param_hint="--what",
            )
    if len(set(names)) < len(names):
        raise typer.BadParameter(f"{text!r} names an operation twice", param_hint="--what")
    return [LISTINGS[name] for name in names]


def operation_named(text: str) -> Operation[Any, Any]:
    """Parse the value of a ``--what`` that names one operation; as `operations_named`."""
    operation, *more = operations_named(text)
    if more:
        raise typer.BadParameter("give one operation at a time", param_hint="--what")
    return operation


class Format(StrEnum):
    """How to show answers."""

    TABLE = "table"
    NDJSON = "ndjson"
    CSV = "csv"
    JSON = "json"


def length_of_time(text: str | timedelta) -> timedelta:
    """Parse a duration: a number with ``s``, ``m``, ``h``, ``d`` or ``w``.

    Raises:
        typer.BadParameter: It is not a duration, or not above zero.
    """
    if isinstance(text, timedelta):
        return text  # a default
    try:
        length = timedelta(seconds=float(text[:-1]) * _UNITS[text[-1:]])
    except (KeyError, ValueError, OverflowError):
        raise typer.BadParameter(
            f"{text!r} is not a duration: give one like 90s, 45m, 12h, 3d or 2w"
        ) from None
    if length <= timedelta():
        raise typer.BadParameter(f"{text!r} is not above zero")
    return length


def time(default: str, text: str) -> Any:
    """Return an option whose value is a duration.

    Args:
        default: The default, as the help shows it.
        text: The help.
    """
    return typer.Option(parser=length_of_time, metavar="TIME", show_default=default, help=text)


def _noted(context: typer.Context, value: bool) -> bool:  # noqa: FBT001 - typer calls it so
    context.meta[_VERBOSE] = value
    return value


def _verbose(text: str) -> Any:
    return typer.Option("--verbose", "-v", callback=_noted, help=text)


def is_verbose(meta: Mapping[str, object]) -> bool:
    """Return whether a command was given ``--verbose``, from the ``meta`` of its context."""
    return bool(meta.get(_VERBOSE))


def file_named(text: str | Path) -> Path:
    """Parse the name of a file; ``~`` stands for the home directory.

    Raises:
        typer.BadParameter: It is a URL, or not a possible name of a file.
    """
    try:
        return local_path(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def mode_given(text: str | int) -> int:
    """Parse the permissions of files: an octal number, as for chmod.

    Raises:
        typer.BadParameter: It is not one, it allows executing, or the owner could not read and
            write.
    """
    try:
        mode = text if isinstance(text, int) else int(text, 8)
    except ValueError:
        mode = -1
    if mode & ~0o666 or mode & PRIVATE != PRIVATE:
        raise typer.BadParameter(
            f"{text!r} is not a mode for files: give one like 0600, 0640, 0660 or 0644"
        )
    return mode


def mode(text: str, *, default: str | bool = True) -> Any:
    """Return an option whose value is the permissions of files.

    Args:
        text: The help.
        default: The default, as the help shows it; True shows that of the parameter.
    """
    return typer.Option(
        "--mode", parser=mode_given, metavar="MODE", show_default=default, help=text
    )


def completing(*names: str, also: Iterable[str] = ()) -> Callable[[], list[str]]:
    """Return a function that returns values of enums; typer completes from them.

    Args:
        names: The names of their sets in `junction_introspect.enums`.
        also: Further values.
    """

    def complete() -> list[str]:
        from junction_introspect import enums  # noqa: PLC0415 - not for help

        return sorted({*also, *(value for name in names for value in getattr(enums, name))})

    return complete


def _profiles() -> list[str]:
    from junction_introspect.cli.config import profiles  # noqa: PLC0415 - not for help

    with suppress(ConfigurationError):
        return [each.name for each in profiles()]
    return []


Mode: TypeAlias = Annotated[
    int | None,
    mode(
        "Who may read new files, like 0640; by default, existing files keep their mode.",
        default="0600",
    ),
]
What: TypeAlias = Annotated[
    str,
    typer.Option(
        "--what", metavar="WHAT", help="What to list: pulls, resources, or both as pulls,resources."
    ),
]
OneWhat: TypeAlias = Annotated[
    str,
    typer.Option("--what", metavar="WHAT", help="Either pulls or resources."),
]
UserId: TypeAlias = Annotated[str | None, typer.Option(help="Only this user.")]
Provider: TypeAlias = Annotated[
    str | None,
    typer.Option(
        autocompletion=completing("PROVIDER_VALUES", "LAB_VALUES"),
        help="Only this provider, or users of this lab.",
    ),
]
ProfileName: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--profile",
        metavar="NAME",
        autocompletion=_profiles,
        help="Take address and key from this profile; or set JUNCTION_PROFILE. Without a"
        " profile, the key is read from JUNCTION_API_KEY.",
    ),
]
Resource: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        autocompletion=completing("RESOURCE_VALUES"), help="Only this resource; may be repeated."
    ),
]
Status: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        autocompletion=completing("STATUS_VALUES", also=[NOT_PULLED]),
        help="Only this status, or not_pulled; may be repeated.",
    ),
]
Error: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        autocompletion=completing("RETRIABLE_ERROR_VALUES", "NON_RETRIABLE_ERROR_VALUES"),
        help="Only this error; may be repeated.",
    ),
]
Team: TypeAlias = Annotated[str | None, typer.Option(help="Only this team of the store.")]
Environment: TypeAlias = Annotated[
    _Environment | None,
    typer.Option(
        parser=environment_named,
        metavar="|".join(_Environment),
        autocompletion=lambda: [*_Environment],
        help="The API to ask; or set JUNCTION_ENVIRONMENT. By default, the key's prefix decides.",
    ),
]
BaseUrl: TypeAlias = Annotated[
    str | None, typer.Option(help="An address to use instead; or set JUNCTION_BASE_URL.")
]
Unlisted: TypeAlias = Annotated[
    bool,
    typer.Option("--unlisted", help="Accept values that the specification does not list."),
]
Cursor: TypeAlias = Annotated[
    str | None, typer.Option(help="Where to resume: the cursor printed by an interrupted listing.")
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
Show: TypeAlias = Annotated[Format, typer.Option("--format", help="The output format.")]
CsvSafe: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--csv-safe", help="Put a ' before CSV cells that a spreadsheet would run as formulas."
    ),
]
Fresh: TypeAlias = Annotated[
    bool, typer.Option("--fresh", help="Start over instead of resuming an interrupted run.")
]
Verbose: TypeAlias = Annotated[
    bool,
    _verbose("Report each retry, and print the traceback of an unforeseen error."),
]
# For commands that retry no request. `running.run` reads it from the context.
Traceback: TypeAlias = Annotated[bool, _verbose("Print the traceback of an unforeseen error.")]
