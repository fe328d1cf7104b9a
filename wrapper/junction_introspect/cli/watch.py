"""The command `watch`."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Final, Literal

import msgspec
import typer

from junction_introspect import APIError
from junction_introspect._texts import json_escaped
from junction_introspect.cli import options, sheet, watch_view
from junction_introspect.cli.app import app
from junction_introspect.cli.filters import Filters
from junction_introspect.cli.option_groups import with_options
from junction_introspect.cli.source import Api, usage
from junction_introspect.cli.streams import take_any_text
from junction_introspect.cli.watch_screen import Lines, Screen
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS
from junction_introspect.tracking import Poll, follow

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from junction_introspect import HistoricalPull, InvalidRecord
    from junction_introspect.cli.notices import Notices
    from junction_introspect.tracking import Change

_LIBRARY: Final = Poll()


@app.command()
@with_options(without={"team"})
def watch(
    *,
    filters: Filters,
    deadline: Annotated[timedelta, options.time("6h", "Give up after this time.")] = timedelta(
        hours=6
    ),
    poll: Annotated[
        timedelta,
        options.time(
            f"{_LIBRARY.initial:g}s",
            "How long to wait before looking again; longer while nothing changes.",
        ),
    ] = timedelta(seconds=_LIBRARY.initial),
    show: Annotated[
        Literal["table", "ndjson"], typer.Option("--format", help="The output format.")
    ] = "table",
    api: Api,
) -> int:
    """Follow backfills until all settle.

    Exits with 0 if all have settled, and with 1 if the deadline comes first. A terminal shows a
    live table with one line per provider. A pipe gets one line per change: when it was seen, kind,
    user, provider, resource, status before and after, error, trace id; an absent value is -. NDJSON
    has the same fields as records. With --status or --error, only pulls that have them are shown,
    but all are followed.
    """
    take_any_text(sys.stdout, exact=show == "ndjson")
    view = _view(filters.keeps(HISTORICAL_PULLS), ndjson=show == "ndjson")
    notices = view.notices
    initial = poll.total_seconds()
    with api.client(notices) as junction:
        changes = usage(
            lambda: follow(
                junction,
                user_id=filters.user_id,
                provider=filters.provider,
                resources=filters.resources,
                deadline=deadline.total_seconds(),
                poll=Poll(initial=initial, maximum=max(initial, _LIBRARY.maximum)),
                on_invalid=_Invalid(notices),
                on_look=view.look,
                on_failed_look=lambda error: notices.tell(
                    f"a look at the backfills failed and will be repeated: {error}"
                ),
                sleep=view.sleep,
            )
        )
        with view.shown():
            try:
                for change in changes:
                    view.see(change)
            except APIError as error:
                error.cursor = None  # watching cannot start at a cursor
                raise
    return notices.status


class _Invalid:
    """Reports each invalid record once, although every look may see it again."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices
        self._told = set[int]()

    def __call__(self, record: InvalidRecord) -> None:
        # Records are identified by content, because their places shift as users connect.
        known = hash(record.raw)
        if known not in self._told:
            self._told.add(known)
            self._notices.left_out(record)


def _view(keeps: Callable[[HistoricalPull], bool], *, ndjson: bool) -> Lines | Screen:
    if ndjson:
        return Lines(sys.stdout, _json, keeps)
    console = sheet.console(sys.stdout)
    # rich treats a pipe as a terminal if FORCE_COLOR is set, but knows dumb terminals.
    if sys.stdout.isatty() and console.is_interactive:
        return Screen(console, keeps)
    return Lines(sys.stdout, watch_view.line, keeps)


def _json(change: Change, at: datetime) -> str:
    return json_escaped(msgspec.json.encode(watch_view.record(change, at)).decode())
