"""The command `pulls`."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated, Final

import typer
from stamina import instrumentation

from junction_introspect import APIError, Junction, Unrecognized
from junction_introspect.cli import exits, options
from junction_introspect.cli.app import app
from junction_introspect.cli.delivery import Delivery, Writer
from junction_introspect.cli.notices import Notices
from junction_introspect.cli.records import Csv, Ndjson
from junction_introspect.cli.streams import take_any_text
from junction_introspect.cli.tables import Detail, Overview

_PAGE_SIZE: Final = 50


class Format(StrEnum):
    """How to show pulls."""

    TABLE = "table"
    NDJSON = "ndjson"
    CSV = "csv"


@app.command()
def pulls(
    *,
    user_id: Annotated[
        str | None, typer.Option(help="That user alone, resource by resource.")
    ] = None,
    provider: options.Provider = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Users to list at most.")] = None,
    format: Annotated[Format, typer.Option(help="How to show them.")] = Format.TABLE,  # noqa: A002
    cursor: Annotated[
        str | None, typer.Option(help="Where to resume, as told when a listing broke off.")
    ] = None,
    environment: options.Environment = None,
    base_url: options.BaseUrl = None,
    verbose: options.Verbose = False,
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
