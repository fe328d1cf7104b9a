"""The command `pulls`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from junction_introspect.cli.app import app
from junction_introspect.cli.delivery import deliver
from junction_introspect.cli.notices import Notices
from junction_introspect.cli.options import Format
from junction_introspect.cli.reading import Output, with_options
from junction_introspect.cli.source import PAGE_SIZE, Source
from junction_introspect.cli.tables import PULLS, Overview
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from junction_introspect.cli.delivery import User
    from junction_introspect.cli.showing import Shown


@app.command()
@with_options()
def pulls(
    *,
    limit: Annotated[int | None, typer.Option(min=1, help="List at most this many users.")] = None,
    out: Output,
    source: Source,
) -> int:
    """List backfills and their status.

    The table counts resources by status, for each user and provider. For one user (--user-id) it
    has one line per resource, with error, time and trace id for those that have not succeeded. The
    other formats have one record per resource, with every field.
    """
    stdout = out.opened()
    notices = Notices(sys.stderr)
    # A server may cut pages before it filters them: small pages would then be nearly empty.
    size = PAGE_SIZE if source.filters.narrow else min(limit or PAGE_SIZE, PAGE_SIZE)
    with source.rows(notices, HISTORICAL_PULLS, size) as reading:
        shown: Shown[Sequence[User]]
        if out.show is Format.TABLE and source.filters.user_id is None:
            shown = Overview(stdout, reading.teams)
        else:
            shown = PULLS.shown(stdout, out.show, csv_safe=out.csv_safe, teams=reading.teams)
        deliver(reading, shown, stdout, notices, limit)
    return notices.status
