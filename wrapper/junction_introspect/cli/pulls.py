"""The command `pulls`."""

from __future__ import annotations

import sys
from typing import Annotated, Final

import typer

from junction_introspect import APIError
from junction_introspect.cli import exits, options, source
from junction_introspect.cli.app import app
from junction_introspect.cli.delivery import Delivery, Writer
from junction_introspect.cli.notices import Notices
from junction_introspect.cli.options import Format
from junction_introspect.cli.records import Pulls
from junction_introspect.cli.streams import take_any_text
from junction_introspect.cli.tables import Detail, Overview

_PAGE_SIZE: Final = 50


@app.command()
def pulls(
    *,
    user_id: Annotated[
        str | None, typer.Option(help="Only this user, one line per resource.")
    ] = None,
    provider: options.Provider = None,
    unlisted: options.Unlisted = False,
    limit: Annotated[int | None, typer.Option(min=1, help="List at most this many users.")] = None,
    show: options.Show = Format.TABLE,
    csv_safe: options.CsvSafe = False,
    cursor: options.Cursor = None,
    profile: options.ProfileName = None,
    environment: options.Environment = None,
    base_url: options.BaseUrl = None,
    verbose: options.Verbose = False,
) -> int:
    """List backfills and their status.

    The table counts resources by status, for each user and provider. For one user it has one line
    per resource, with error, time and trace id for those that have not succeeded. The other
    formats have one record per resource, with every field.
    """
    options.check_csv_safe(csv_safe=csv_safe, csv=show is Format.CSV)
    known = options.listed_provider(provider, unlisted=unlisted)
    take_any_text(sys.stdout, exact=show is not Format.TABLE)
    notices = Notices(sys.stderr)
    delivery = Delivery(
        _writer(show, detailed=user_id is not None, csv_safe=csv_safe), notices, limit
    )
    with source.client(notices, profile, environment, base_url, verbose=verbose) as junction:
        listing = source.usage(
            lambda: junction.historical_pulls(
                user_id=user_id,
                provider=known,
                user_limit=_page_size(limit, filtered=provider is not None),
                cursor=cursor,
                on_invalid=delivery.on_invalid,
            )
        )
        try:
            delivery.run(listing)
        except (APIError, exits.ListingInterrupted, exits.OutputError) as error:
            if error.cursor == cursor:
                error.cursor = None  # the user passed this cursor and knows it
            raise
    return delivery.status


def _writer(format_: Format, *, detailed: bool, csv_safe: bool) -> Writer:
    if format_ is not Format.TABLE:
        return Pulls(sys.stdout, format_, csv_safe=csv_safe)
    return Detail(sys.stdout) if detailed else Overview(sys.stdout)


def _page_size(limit: int | None, *, filtered: bool) -> int:
    # A server may cut pages before it filters them: small pages would then be nearly empty.
    return _PAGE_SIZE if limit is None or filtered else min(limit, _PAGE_SIZE)
