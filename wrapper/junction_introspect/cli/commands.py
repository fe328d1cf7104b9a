"""The commands."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final

import typer
from stamina import instrumentation

from junction_api import SPEC_VERSION
from junction_introspect import (
    APIError,
    Environment,
    Junction,
    Unrecognized,
    __version__,
    redact_urls,
)
from junction_introspect.cli import exits
from junction_introspect.cli.delivery import Delivery, Writer
from junction_introspect.cli.extras import extra
from junction_introspect.cli.notices import Notices
from junction_introspect.cli.records import Csv, Ndjson
from junction_introspect.cli.streams import let_go, take_any_text
from junction_introspect.cli.tables import Detail, Overview

if TYPE_CHECKING:
    from collections.abc import Sequence

_PAGE_SIZE: Final = 50

_EXITS: Final = "\n".join(f"  {status:>3}  {text}" for status, text in exits.MEANINGS.items())

app = typer.Typer(
    help="Tell how the historical backfill of every Junction user went.",
    # \b keeps a paragraph from being wrapped.
    epilog=f"\b\nExit statuses:\n{_EXITS}",
    add_completion=False,
    pretty_exceptions_enable=False,
    # Plain: boxes cut options short in a narrow terminal, and carry over into pipes.
    rich_markup_mode=None,
)


class Format(StrEnum):
    """How to show pulls."""

    TABLE = "table"
    NDJSON = "ndjson"
    CSV = "csv"


def run(argv: Sequence[str] | None) -> int:
    """Run the commands and return the exit status; every error is one line on stderr."""
    arguments = list(sys.argv[1:] if argv is None else argv) or ["--help"]
    notices = Notices(sys.stderr)
    if sys.stdout is None:
        notices.tell("there is no standard output to write to")
        return exits.UNWRITABLE
    # A retry is the library's business until it gives up. stamina would log it to stderr or, where
    # structlog is installed, print it among the records.
    hooks = instrumentation.get_on_retry_hooks()
    instrumentation.set_on_retry_hooks(())
    redact_urls()
    try:
        # Not by calling `app`, which handles closed pipes and Ctrl-C in ways of its own.
        command = typer.main.get_command(app)
        with command.make_context("junction-introspect", arguments) as context:
            status = command.invoke(context)
        sys.stdout.flush()
    except typer.Exit as exit_:
        return exit_.exit_code
    except BrokenPipeError:
        # The reader has seen enough.
        return exits.DONE
    except exits.HANDLED as error:
        notices.tell(exits.sentence(error))
        return exits.status_of(error)
    else:
        return status if isinstance(status, int) else exits.DONE
    finally:
        instrumentation.set_on_retry_hooks(hooks)
        let_go(sys.stdout)


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
    cursor: Annotated[
        str | None, typer.Option(help="Where to resume, as told when a listing broke off.")
    ] = None,
    environment: Annotated[
        Environment | None,
        typer.Option(help="Or JUNCTION_ENVIRONMENT; by default, told from the key's prefix."),
    ] = None,
    base_url: Annotated[
        str | None, typer.Option(help="An address to use instead; or JUNCTION_BASE_URL.")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Tell of each retry.")] = False,
) -> int:
    """List how backfills went. The team API key is read from JUNCTION_API_KEY.

    The table counts, per user and provider, how many resources stand where. For one user it has a
    line a resource, with error, time and trace id of what has not succeeded. NDJSON and CSV have
    a record a resource, with every field.
    """
    take_any_text(sys.stdout, exact=format is not Format.TABLE)
    notices = Notices(sys.stderr)
    if verbose:
        instrumentation.set_on_retry_hooks([notices.retry])
    delivery = Delivery(_writer(format, detailed=user_id is not None), notices, limit)
    with Junction(environment=environment, base_url=base_url) as junction:
        try:
            listing = junction.historical_pulls(
                user_id=user_id,
                provider=Unrecognized(provider) if provider is not None else None,
                user_limit=_page_size(limit, filtered=provider is not None),
                cursor=cursor,
                on_invalid=delivery.on_invalid,
            )
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None
        try:
            delivery.run(listing)
        except (APIError, exits.ListingInterrupted, exits.OutputError) as error:
            if error.cursor == cursor:
                error.cursor = None  # whoever gave it need not be told
            raise
        finally:
            if junction.drift and not isinstance(sys.exception(), BrokenPipeError):
                notices.tell(f"{junction.drift}; regenerate from a newer specification")
    return delivery.status


def _writer(format_: Format, *, detailed: bool) -> Writer:
    if format_ is Format.NDJSON:
        return Ndjson(sys.stdout)
    if format_ is Format.CSV:
        return Csv(sys.stdout)
    return Detail(sys.stdout) if detailed else Overview(sys.stdout)


def _page_size(limit: int | None, *, filtered: bool) -> int:
    # A server may cut pages before it filters them: small ones would then hold next to nothing.
    return _PAGE_SIZE if limit is None or filtered else min(limit, _PAGE_SIZE)


@app.command()
def mock(
    *,
    users: Annotated[int, typer.Option(min=0, help="Users to make up.")] = 120,
    seed: Annotated[int, typer.Option(help="The same seed makes up the same users.")] = 1,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 picks a free one.")] = 8080,
    # The mock's own default, which cannot be imported here: the mock is another extra.
    api_key: Annotated[str, typer.Option(help="The key that requests must bear.")] = "mock-api-key",
    control: Annotated[
        bool, typer.Option("--control", help="Take orders at /_mock/: users, pulls, clock, faults.")
    ] = False,
    speed: Annotated[
        float, typer.Option(help="Let backfills move, so many seconds in one; 600 is ten minutes.")
    ] = 0.0,
) -> None:
    """Serve a mock of the API on loopback until Ctrl-C or SIGTERM. Prints its URL."""
    with extra("mock"):
        from junction_introspect.mock import MockServer, Population  # noqa: PLC0415
    if not api_key:
        raise typer.BadParameter("a key must not be empty", param_hint="--api-key")
    try:
        population = Population(users, seed)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--users") from None
    try:
        server = MockServer(population, api_key=api_key, port=port, control=control, speed=speed)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--speed") from None
    except OSError as error:
        raise exits.PortError(error.strerror) from None
    server.serve()
