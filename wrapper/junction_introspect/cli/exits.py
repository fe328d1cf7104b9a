"""Maps each error to an exit status and to the line that is printed for it."""

from __future__ import annotations

import re
import shlex
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from junction_introspect import (
    APIConnectionError,
    APIError,
    APIStatusError,
    AuthenticationError,
    BackfillTimeoutError,
    ConfigurationError,
    Environment,
    PermissionDeniedError,
)
from junction_introspect._nearest import did_you_mean
from junction_introspect._texts import escaped
from junction_introspect.errors import (
    ExportError,
    ExportPackageError,
    ExportWriteError,
    MissingExtraError,
    StoreEnvironmentError,
    StoreError,
    StoreWriteError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

DONE: Final = 0
FOUND: Final = 1
BROKEN_RESPONSE: Final = 7
UNWRITABLE: Final = 8
UNEQUIPPED: Final = 9
UNUSABLE: Final = 10
UNFORESEEN: Final = 70  # as EX_SOFTWARE in sysexits.h
INTERRUPTED: Final = 130
UNREAD: Final = 141  # as the shell reports SIGPIPE

MEANINGS: Final = {
    DONE: "done",
    FOUND: "somebody has to act, something has not settled, or a promise is broken",
    2: "wrong usage",
    3: "configuration: credential, environment, address",
    4: "the credential was refused (401, 403)",
    5: "no complete response: connection, timeout",
    6: "the API answered with a status other than 200",
    BROKEN_RESPONSE: "a response, or a record in it, does not match the specification",
    UNWRITABLE: "the output cannot be written",
    UNEQUIPPED: "an extra or a package is missing, or the mock's port is not available",
    UNUSABLE: "a store or an export is missing, incomplete, in use or not valid",
    UNFORESEEN: "an unforeseen error: please report it",
    INTERRUPTED: "interrupted by Ctrl-C; 143 by SIGTERM, 129 by SIGHUP",
    UNREAD: "the reader of the output closed the pipe, as `head` does",
}


class PortError(Exception):
    """The mock cannot listen."""


class ListingInterrupted(KeyboardInterrupt):
    """Ctrl-C during a listing.

    Attributes:
        cursor: Where to resume.
    """

    def __init__(self, cursor: str | None) -> None:
        super().__init__()
        self.cursor = cursor


class OutputError(OSError):
    """The output of a listing cannot be written.

    Attributes:
        cursor: Where to resume: at the first page that was not written completely.
    """

    def __init__(self, error: OSError, cursor: str | None) -> None:
        super().__init__(error.errno, error.strerror)
        self.cursor = cursor


# The first class that matches decides.
_STATUSES: Final[tuple[tuple[type[BaseException], int], ...]] = (
    (BackfillTimeoutError, FOUND),
    (PortError, UNEQUIPPED),
    (MissingExtraError, UNEQUIPPED),
    (typer.TyperException, 2),
    (ConfigurationError, 3),
    (AuthenticationError, 4),
    (PermissionDeniedError, 4),
    (APIConnectionError, 5),
    (APIStatusError, 6),
    (APIError, BROKEN_RESPONSE),
    (StoreEnvironmentError, 3),
    (StoreWriteError, UNWRITABLE),
    (ExportWriteError, UNWRITABLE),
    (ExportPackageError, UNEQUIPPED),
    (StoreError, UNUSABLE),
    (ExportError, UNUSABLE),
    (BrokenPipeError, UNREAD),
    (OSError, UNWRITABLE),
    (KeyboardInterrupt, INTERRUPTED),
)

HANDLED: Final[tuple[type[BaseException], ...]] = tuple(kind for kind, _ in _STATUSES)

# The library's messages name arguments; the command line has options and variables instead.
_IN_WORDS_OF_THE_CLI: Final = (
    (
        re.compile(r"pass api_key= or access_token=, or set JUNCTION_API_KEY"),
        "set JUNCTION_API_KEY, or choose a profile with --profile",
    ),
    (re.compile(r"\benvironment="), "--environment"),
    (re.compile(r"\bbase_url="), "--base-url"),
    (re.compile(r"\bbase_url\b"), "the base URL"),
    (re.compile(r"\bapi_key\b"), "JUNCTION_API_KEY"),
)

_UNKNOWN_ENVIRONMENT: Final = re.compile(r"unknown environment '([^']*)'")

_PACKAGE: Final = Path(__file__).parent.parent


def status_of(error: BaseException) -> int:
    """Return the exit status of an error."""
    return next((status for kind, status in _STATUSES if isinstance(error, kind)), UNFORESEEN)


def lines(error: BaseException, *, verbose: bool) -> Iterator[str]:
    """Yield the lines to print for an error: one line, after a traceback if it is unforeseen.

    Args:
        error: The error.
        verbose: Whether to yield the traceback of an unforeseen error.
    """
    if isinstance(error, HANDLED):
        yield sentence(error)
        return
    if verbose:
        yield from "".join(traceback.format_exception(error)).splitlines()
    # Without the error's text, which may hold secrets or personal data.
    yield (
        f"unforeseen error: {type(error).__name__} at {_place(error)};"
        f" please report it{'' if verbose else ', with the output of the same command with -v'}"
    )


def _place(error: BaseException) -> str:
    """Return the file and line of the innermost frame of our code that led to an error."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if _PACKAGE in Path(frame.filename).parents] or frames
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "nowhere"


def sentence(error: BaseException) -> str:
    """Return the line to print for an error that is one of `HANDLED`."""
    cursor = getattr(error, "cursor", None)
    if cursor is None:
        return _cause(error)
    # `=`, because a cursor may begin with a hyphen; quoted, so it can be pasted into a shell.
    return f"{_cause(error)}; resume with --cursor={shlex.quote(escaped(cursor))}"


def _cause(error: BaseException) -> str:
    if isinstance(error, typer.TyperException):
        return " ".join(error.format_message().split())
    if isinstance(error, OSError):
        return f"cannot write the output: {error.strerror or error}"
    if isinstance(error, ConfigurationError):
        text = str(error)
        if error.path is not None:
            return text  # speaks of the fields of a file
        for pattern, words in _IN_WORDS_OF_THE_CLI:
            text = pattern.sub(words, text)
        if match := _UNKNOWN_ENVIRONMENT.search(text):
            text += did_you_mean(match[1], Environment)
        return text
    return str(error) or "interrupted"
