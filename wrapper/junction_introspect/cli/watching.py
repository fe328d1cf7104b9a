"""The command `watch`."""

from __future__ import annotations

import sys
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final

import msgspec
import typer

from junction_introspect import APIError
from junction_introspect._texts import json_escaped
from junction_introspect.cli import exits, options, sheet, watch_view
from junction_introspect.cli.app import app
from junction_introspect.cli.source import client, usage
from junction_introspect.cli.streams import take_any_text
from junction_introspect.cli.watch_screen import Lines, Screen
from junction_introspect.tracking import Poll, follow

if TYPE_CHECKING:
    from datetime import datetime

    from junction_introspect import InvalidRecord
    from junction_introspect.cli.notices import Notices
    from junction_introspect.tracking import Change

_LIBRARY: Final = Poll()


class Format(StrEnum):
    """How to show changes."""

    TABLE = "table"
    NDJSON = "ndjson"


@app.command()
def watch(
    *,
    user_id: options.UserId = None,
    provider: Annotated[str | None, typer.Option(help="Pulls from that provider alone.")] = None,
    resource: Annotated[
        list[str] | None, typer.Option(help="Pulls of that resource alone, or of those given.")
    ] = None,
    unlisted: options.Unlisted = False,
    deadline: Annotated[
        timedelta,
        typer.Option(
            parser=options.length_of_time,
            metavar="TIME",
            show_default="6h",
            help="When to give up.",
        ),
    ] = timedelta(hours=6),
    poll: Annotated[
        timedelta,
        typer.Option(
            parser=options.length_of_time,
            metavar="TIME",
            show_default=f"{_LIBRARY.initial:g}s",
            help="How soon to look again; less often while nothing changes.",
        ),
    ] = timedelta(seconds=_LIBRARY.initial),
    show: Annotated[Format, typer.Option("--format", help="How to show changes.")] = Format.TABLE,
    environment: options.Environment = None,
    base_url: options.BaseUrl = None,
    verbose: options.Verbose = False,
) -> int:
    """Follow backfills until all have settled.

    Exits with 0 then, and with 1 where the deadline comes first. In a terminal, a live table with a
    line a provider. In a pipe, a line a change: when it was seen, kind, user, provider, resource,
    status before and after, error, trace id; a field that there is nothing for is -. NDJSON has the
    same as records.
    """
    known = options.listed_provider(provider, unlisted=unlisted)
    resources = options.listed_resources(resource, unlisted=unlisted)
    take_any_text(sys.stdout, exact=show is Format.NDJSON)
    view = _view(show)
    notices = view.notices
    invalid = Invalid(notices)
    with client(notices, environment, base_url, verbose=verbose) as junction:
        changes = usage(
            lambda: follow(
                junction,
                user_id=user_id,
                provider=known,
                resources=resources,
                deadline=deadline.total_seconds(),
                poll=_poll(poll.total_seconds()),
                on_invalid=invalid,
                on_look=view.look,
                on_failed_look=lambda error: notices.tell(
                    f"a look at the backfills failed and will be made again: {error}"
                ),
                sleep=view.sleep,
            )
        )
        with view.shown():
            try:
                for change in changes:
                    view.see(change)
            except APIError as error:
                error.cursor = None  # watching does not begin in the middle
                raise
    return exits.BROKEN_RESPONSE if invalid.found else exits.DONE


class Invalid:
    """Tells of each invalid record once, however many looks it is seen at.

    Args:
        notices: Tells.
    """

    def __init__(self, notices: Notices) -> None:
        self._notices = notices
        self._told = set[int]()

    @property
    def found(self) -> bool:
        """Whether there were any."""
        return bool(self._told)

    def __call__(self, record: InvalidRecord) -> None:
        """Tell of a record, unless it was told."""
        # Not by its place, which shifts as users connect.
        known = hash(record.raw)
        if known not in self._told:
            self._told.add(known)
            self._notices.tell(f"left out an invalid record: {record.reason} at {record.path}")


def _view(show: Format) -> Lines | Screen:
    if show is Format.NDJSON:
        return Lines(sys.stdout, _json)
    console = sheet.console(sys.stdout)
    # rich takes a pipe for a terminal where FORCE_COLOR is set, and knows which ones are dumb.
    if sys.stdout.isatty() and console.is_interactive:
        return Screen(console)
    return Lines(sys.stdout, watch_view.line)


def _json(change: Change, at: datetime) -> str:
    return json_escaped(msgspec.json.encode(watch_view.record(change, at)).decode())


def _poll(initial: float) -> Poll:
    return Poll(initial=initial, maximum=max(initial, _LIBRARY.maximum))
