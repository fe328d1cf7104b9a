"""The command `changes`."""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
import typer

from junction_introspect import HistoricalPull
from junction_introspect.cli import exits, options
from junction_introspect.cli.app import app
from junction_introspect.cli.filters import Filters
from junction_introspect.cli.notices import Notices
from junction_introspect.cli.option_groups import with_options
from junction_introspect.cli.plain_text import NOT_PULLED, failure_of, name_of, shown, trace_of
from junction_introspect.cli.records import COLUMNS, record
from junction_introspect.cli.sheet import Column, Line
from junction_introspect.cli.showing import Kind, Output, show
from junction_introspect.cli.stored import of_store, opened, teams_of
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS
from junction_introspect.tracking import key_of

if TYPE_CHECKING:
    from junction_introspect import Operation, ResourceStatistics
    from junction_introspect.store import Transition

_COLUMNS: Final = ("number", "run", "seen_at", "kind", "previous_status")


@app.command()
@with_options()
def changes(
    *,
    store: Annotated[
        Path,
        typer.Option(
            "--from", parser=options.file_named, metavar="STORE", help="A store that `sync` filled."
        ),
    ],
    since: Annotated[
        str, typer.Option(help="The first time: today, yesterday, 12h, 2026-01-31; local time.")
    ] = "yesterday",
    what: options.OneWhat = "pulls",
    filters: Filters,
    out: Output,
    verbose: options.Traceback = False,  # noqa: ARG001 - `running.run` reads it
) -> int:
    """List changes that syncs have seen.

    The oldest comes first. A pull appeared, moved to another status, was repulled (scheduled again,
    later), was updated in another field, or vanished. The other formats have one record per change:
    its kind, the previous status, and every field after the change. Filters are about the pull
    after the change.
    """
    operation = options.operation_named(what)
    first = _beginning(since)
    out.prepare()
    with opened(store) as of:
        teams = teams_of(of, filters, operation)
        notices = Notices(sys.stderr)
        notices.progress_of(0, "change")
        found = of.changes(first, operation=operation, filters=of_store(operation, filters))
        show(
            ((each, each.team) for each in notices.counting(found, "change")),
            out.shown(_kind_of(operation), list(teams)),
            notices,
        )
    return exits.DONE


def _beginning(text: str) -> datetime:
    """Parse ``--since``: a day, a time, or a duration before now.

    Raises:
        typer.BadParameter: The text is not a day, a time or a duration.
    """
    now = datetime.now().astimezone()
    if text in {"today", "yesterday"}:
        day = now.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        return (day - timedelta(days=text == "yesterday")).astimezone()
    with suppress(ValueError, OverflowError):
        return datetime.fromisoformat(text).astimezone()
    try:
        return now - options.length_of_time(text)
    except (typer.BadParameter, OverflowError):
        raise typer.BadParameter(
            f"{text!r} is not a time: give one like yesterday, 12h, 2026-01-31 or 2026-01-31T08:00"
        ) from None


def _kind_of(operation: Operation[Any, Any]) -> Kind[Transition[Any]]:
    """Return how to show the changes of an operation's rows."""
    pulls = operation is HISTORICAL_PULLS
    fields = COLUMNS if pulls else tuple(column.name for column in operation.columns)

    def status_of(row: Any) -> str | None:
        if row is None or operation.status is None:
            return None
        status: str | None = getattr(row, operation.status)
        return status

    def status_shown(row: Any) -> str:
        status = status_of(row)
        if status is not None:
            return shown(status)
        return NOT_PULLED if pulls and row is not None else "-"

    def line(seen: Transition[Any]) -> Line:
        row = _latest(seen)
        before, now = status_shown(seen.before), status_shown(seen.after)
        cells = [seen.kind, now if before == now else f"{before} > {now}"]
        return Line(str(row.user_id), name_of(row), cells, _remarks(seen))

    def as_record(seen: Transition[Any]) -> dict[str, Any]:
        after = dict.fromkeys(fields)
        if seen.after is not None:
            after = record(seen.after) if pulls else msgspec.to_builtins(seen.after)
        return {
            "number": seen.number,
            "run": seen.run,
            "seen_at": msgspec.to_builtins(seen.seen_at),
            "kind": seen.kind,
            "previous_status": status_of(seen.before),
            **after,
            **msgspec.to_builtins(key_of(_latest(seen))._asdict()),
        }

    return Kind(
        ("user", operation.what.removesuffix("s"), "seen"),
        (Column("change", len("repulled")), Column("status", len("in_progress > failure"))),
        lambda seen: [line(seen)],
        (*_COLUMNS, *fields),
        lambda seen: [as_record(seen)],
        noun="change",
    )


def _latest(seen: Transition[Any]) -> HistoricalPull | ResourceStatistics:
    row: HistoricalPull | ResourceStatistics | None = seen.after or seen.before
    assert row is not None  # noqa: S101 - one of them is there
    return row


def _remarks(seen: Transition[Any]) -> list[str]:
    remarks = [f"{seen.seen_at:%Y-%m-%d %H:%M}Z"]
    if isinstance(seen.after, HistoricalPull):
        remarks += [*failure_of(seen.after), *trace_of(seen.after)]
    return remarks
