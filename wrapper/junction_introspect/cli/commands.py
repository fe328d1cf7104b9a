"""The commands, and what becomes of an error."""

from __future__ import annotations

import logging
import os
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final

import typer
from attrs import evolve

from junction_api import SPEC_VERSION
from junction_introspect import (
    APIConnectionError,
    APIError,
    APIStatusError,
    AuthenticationError,
    ConfigurationError,
    Environment,
    Junction,
    PermissionDeniedError,
    Unrecognized,
    __version__,
)
from junction_introspect.cli import output

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from junction_introspect import HistoricalPulls, InvalidRecord, Page

_PAGE_SIZE: Final = 50
_BROKEN_RESPONSE: Final = 7

app = typer.Typer(
    help="Tell how the historical backfill of every Junction user went.",
    add_completion=False,
    pretty_exceptions_enable=False,
)


class Format(StrEnum):
    """How to show pulls."""

    TABLE = "table"
    NDJSON = "ndjson"
    CSV = "csv"


class _Interrupted(Exception):  # noqa: N818 - no error, somebody's wish
    """Ctrl-C during a listing that can be resumed."""

    def __init__(self, cursor: str | None) -> None:
        super().__init__("interrupted")
        self.cursor = cursor


# The first that fits counts. An error of no kind named here is a defect of ours, with a traceback.
_STATUSES: Final[tuple[tuple[type[BaseException], int], ...]] = (
    (typer.TyperException, 2),
    (ConfigurationError, 3),
    (AuthenticationError, 4),
    (PermissionDeniedError, 4),
    (APIConnectionError, 5),
    (APIStatusError, 6),
    (APIError, _BROKEN_RESPONSE),
    (_Interrupted, 130),
    (KeyboardInterrupt, 130),
    (OSError, 1),
)


_HANDLED: Final[tuple[type[BaseException], ...]] = tuple(kind for kind, _ in _STATUSES)


def run(argv: Sequence[str] | None) -> int:
    """Run the commands and return the exit status; every error is one line on stderr."""
    # A retry is the library's business until it gives up; stamina would log it to stderr.
    logging.getLogger("stamina").addHandler(logging.NullHandler())
    arguments = list(sys.argv[1:] if argv is None else argv) or ["--help"]
    try:
        status = app(args=arguments, prog_name="junction-introspect", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough. Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except _HANDLED as error:
        _complain(_sentence(error))
        return next(status for kind, status in _STATUSES if isinstance(error, kind))
    return status if isinstance(status, int) else 0


def _complain(message: str) -> None:
    print(f"junction-introspect: {' '.join(message.split())}", file=sys.stderr)  # noqa: T201


def _sentence(error: BaseException) -> str:
    if isinstance(error, typer.TyperException):
        return error.format_message()
    if isinstance(error, APIError | _Interrupted) and error.cursor is not None:
        return f"{error}; resume with --cursor {error.cursor}"
    return str(error) or "interrupted"


def _version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        typer.echo(f"junction-introspect {__version__} (specification {SPEC_VERSION})")
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print versions.")
    ] = False,
) -> None:
    """Tell how the historical backfill of every Junction user went."""


@app.command()
def pulls(
    *,
    user_id: Annotated[
        str | None, typer.Option(help="That user alone, resource by resource.")
    ] = None,
    provider: Annotated[
        str | None, typer.Option(help="Users of that provider or lab alone.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Users to list at most.")] = None,
    format: Annotated[Format, typer.Option(help="How to show them.")] = Format.TABLE,  # noqa: A002
    cursor: Annotated[str | None, typer.Option(help="Where to resume.")] = None,
    environment: Annotated[
        Environment | None, typer.Option(help="By default, told from the key's prefix.")
    ] = None,
    base_url: Annotated[str | None, typer.Option(help="An address to use instead.")] = None,
) -> int:
    """List how backfills went. The team API key is read from JUNCTION_API_KEY.

    The table counts, per user and provider, how many resources stand where; for one user it has a
    line a resource. NDJSON and CSV have one record a resource.
    """
    writer = _writer(format, detailed=user_id is not None)
    invalid = shown = 0

    def complain(record: InvalidRecord) -> None:
        nonlocal invalid
        invalid += 1
        _complain(f"left out an invalid record: {record.reason} at {record.path}")

    with Junction(environment=environment, base_url=base_url) as junction:
        try:
            listing = junction.historical_pulls(
                user_id=user_id,
                provider=Unrecognized(provider) if provider is not None else None,
                user_limit=min(limit or _PAGE_SIZE, _PAGE_SIZE),
                cursor=cursor,
                on_invalid=complain,
            )
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None
        try:
            for page in _at_most(limit, listing):
                writer.page(page)
                shown += 1
        except KeyboardInterrupt:
            raise _Interrupted(listing.next_cursor) from None
        finally:
            # What came before an error is shown all the same.
            if shown:
                writer.end()
            if junction.drift:
                _complain(f"{junction.drift}; regenerate from a newer specification")
    return _BROKEN_RESPONSE if invalid else 0


def _writer(format_: Format, *, detailed: bool) -> output.Writer:
    if format_ is Format.NDJSON:
        return output.Ndjson(sys.stdout)
    if format_ is Format.CSV:
        return output.Csv(sys.stdout)
    return output.Detail(sys.stdout) if detailed else output.Overview(sys.stdout)


def _at_most(limit: int | None, listing: HistoricalPulls) -> Iterator[Page]:
    left = limit
    for page in listing.pages():
        yield page if left is None else evolve(page, data=page.data[:left])
        if left is not None:
            left -= len(page.data)
            if left <= 0:
                return


@app.command()
def mock(
    *,
    users: Annotated[int, typer.Option(min=0, help="Users to make up.")] = 120,
    seed: Annotated[int, typer.Option(help="The same seed makes up the same users.")] = 1,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 picks a free one.")] = 8080,
    api_key: Annotated[str | None, typer.Option(help="The key that requests must bear.")] = None,
) -> None:
    """Serve a mock of the API on loopback until Ctrl-C. Prints its URL."""
    from junction_introspect.mock import (  # noqa: PLC0415 - another extra
        DEFAULT_API_KEY,
        MockServer,
        Population,
    )

    MockServer(Population(users, seed), api_key=api_key or DEFAULT_API_KEY, port=port).serve()
