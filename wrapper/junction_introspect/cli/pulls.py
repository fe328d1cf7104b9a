"""The command `pulls`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from junction_introspect.cli import options
from junction_introspect.cli.app import app
from junction_introspect.cli.delivery import Delivery, Writer
from junction_introspect.cli.notices import Notices
from junction_introspect.cli.options import Format
from junction_introspect.cli.reading import with_options
from junction_introspect.cli.records import Pulls
from junction_introspect.cli.source import PAGE_SIZE, Source
from junction_introspect.cli.streams import take_any_text
from junction_introspect.cli.tables import Detail, Overview
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS

if TYPE_CHECKING:
    from collections.abc import Sequence


@app.command()
@with_options()
def pulls(
    *,
    limit: Annotated[int | None, typer.Option(min=1, help="List at most this many users.")] = None,
    show: options.Show = Format.TABLE,
    csv_safe: options.CsvSafe = False,
    source: Source,
) -> int:
    """List backfills and their status.

    The table counts resources by status, for each user and provider. For one user (--user-id) it
    has one line per resource, with error, time and trace id for those that have not succeeded. The
    other formats have one record per resource, with every field.
    """
    options.check_csv_safe(csv_safe=csv_safe, csv=show is Format.CSV)
    take_any_text(sys.stdout, exact=show is not Format.TABLE)
    notices = Notices(sys.stderr)
    size = _page_size(limit, filtered=source.filters.narrow)
    with source.rows(notices, HISTORICAL_PULLS, size) as reading:
        detailed = source.filters.user_id is not None
        writer = _writer(show, reading.teams, detailed=detailed, csv_safe=csv_safe)
        Delivery(writer, notices, limit).deliver(reading)
    return notices.status


def _writer(
    format_: Format, teams: Sequence[str] | None, *, detailed: bool, csv_safe: bool
) -> Writer:
    if format_ is not Format.TABLE:
        return Pulls(sys.stdout, format_, csv_safe=csv_safe, teams=teams)
    return Detail(sys.stdout, teams) if detailed else Overview(sys.stdout, teams)


def _page_size(limit: int | None, *, filtered: bool) -> int:
    # A server may cut pages before it filters them: small pages would then be nearly empty.
    return PAGE_SIZE if limit is None or filtered else min(limit, PAGE_SIZE)
