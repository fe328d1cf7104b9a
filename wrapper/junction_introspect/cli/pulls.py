"""The command `pulls`."""

from __future__ import annotations

import sys
from itertools import groupby, islice
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from junction_introspect.cli.app import app
from junction_introspect.cli.notices import Notices
from junction_introspect.cli.option_groups import with_options
from junction_introspect.cli.options import Format
from junction_introspect.cli.pulls_view import PULLS, Overview, User
from junction_introspect.cli.showing import Output, Shown, show
from junction_introspect.cli.source import PAGE_SIZE, Reading, Source
from junction_introspect.operations.historical_pulls import (
    HISTORICAL_PULLS,
    HistoricalPull,
    rows,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    # Users of a listing's page or some of a team, and the team.
    _Users: TypeAlias = tuple[Sequence[User], str | None]


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
    out.prepare()
    notices = Notices(sys.stderr)
    # A server may cut pages before it filters them: small pages would then be nearly empty.
    size = PAGE_SIZE if source.filters.narrow else min(limit or PAGE_SIZE, PAGE_SIZE)
    with source.rows(notices, HISTORICAL_PULLS, size) as reading:
        shown: Shown[Sequence[User]] = out.shown(PULLS, reading.teams)
        if out.show is Format.TABLE and source.filters.user_id is None:
            shown = Overview(sys.stdout, reading.teams)
        users = listed(reading) if reading.teams is None else _stored(reading)
        show(users if limit is None else _limited(users, limit, reading), shown, notices)
    return notices.status


def listed(reading: Reading[HistoricalPull]) -> Iterator[_Users]:
    """Yield the users of a listing, page by page."""
    for page in reading.pages:
        users = [
            User(user.user_id, [*reading.filters.kept(HISTORICAL_PULLS, rows(user))])
            for user in page.data
        ]
        # A user without providers is shown, but not one whose pulls do not pass the filters.
        yield [user for user in users if user.rows or not reading.filters.narrow], None


def _stored(reading: Reading[HistoricalPull]) -> Iterator[_Users]:
    for part in reading.parts:
        users = (
            User(user_id, [*of]) for user_id, of in groupby(part.rows, lambda row: row.user_id)
        )
        while group := list(islice(users, PAGE_SIZE)):
            yield group, part.team
    yield (), None  # so that a table has its titles even if there are no users


def _limited(
    groups: Iterator[_Users], limit: int, reading: Reading[HistoricalPull]
) -> Iterator[_Users]:
    """Yield users up to a limit."""
    for users, team in groups:
        yield users[:limit], team
        limit -= len(users)
        if limit == 0:
            reading.page_taken()
        if limit <= 0:
            return
