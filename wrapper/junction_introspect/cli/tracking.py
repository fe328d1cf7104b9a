"""The commands `summary`, `stuck`, `stale` and `coverage`."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import typer

from junction_introspect import tracking
from junction_introspect.cli import exits, options, tracking_view
from junction_introspect.cli.app import app
from junction_introspect.cli.notices import Notices
from junction_introspect.cli.option_groups import with_options
from junction_introspect.cli.showing import Kind, Output, show
from junction_introspect.cli.source import Source
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS
from junction_introspect.operations.resources import RESOURCES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from junction_introspect import HistoricalPull, Operation
    from junction_introspect.cli.source import Part

T = TypeVar("T")
R = TypeVar("R")

_LIMITS = tracking.Thresholds()


_BY = {
    "resource": tracking_view.BY_RESOURCE,
    "user": tracking_view.BY_USER,
    "total": tracking_view.TOTAL,
}


@app.command()
@with_options(without={"cursor"})
def summary(
    *,
    by: Annotated[
        Literal["resource", "user", "total"], typer.Option(help="How to group the counts.")
    ] = "resource",
    out: Output,
    source: Source,
) -> int:
    """Count pulls by state, with times.

    Queueing is the time from scheduled to started, duration that from started to ended; each has a
    median and a 95th percentile. The formats for programs give them in seconds. If the listing is
    interrupted, nothing is shown, because partial counts cannot be added up.
    """
    return _answered(
        source,
        HISTORICAL_PULLS,
        lambda part: [tracking.summarize(part.rows)],
        _BY[by],
        out,
        whole=True,
    )


@app.command()
@with_options()
def stuck(
    *,
    scheduled: Annotated[
        timedelta, options.time("1h", "How long a pull may be scheduled without starting.")
    ] = _LIMITS.scheduled,
    in_progress: Annotated[
        timedelta, options.time("12h", "How long a pull may be in progress.")
    ] = _LIMITS.in_progress,
    retrying: Annotated[
        timedelta, options.time("1d", "How long a pull may be retrying.")
    ] = _LIMITS.retrying,
    empty_range: Annotated[
        timedelta,
        options.time("3w", "How long the range of a successful pull without data may be."),
    ] = _LIMITS.empty_range,
    out: Output,
    source: Source,
) -> int:
    """List overdue or contradictory pulls.

    Exits with 1 if it finds any, for use in a cron job or an alert. Quote the trace id to
    Junction's support. Write a TIME like 90s, 45m, 12h, 3d or 2w. It is measured up to now, or up
    to when the store was last filled.
    """
    limits = tracking.Thresholds(
        scheduled=scheduled, in_progress=in_progress, retrying=retrying, empty_range=empty_range
    )
    return _answered(
        source,
        HISTORICAL_PULLS,
        lambda part: tracking.stuck(part.rows, part.observed_at, limits),
        tracking_view.STUCK,
        out,
        alarming=True,
    )


@app.command()
@with_options(without={"status", "error"})
def stale(
    *,
    polling: Annotated[
        timedelta, options.time("1d", "How old the last attempt to poll a resource may be.")
    ] = _LIMITS.polling,
    silence: Annotated[
        timedelta, options.time("3d", "How long a provider that pushes may send nothing.")
    ] = _LIMITS.silence,
    daily_data: Annotated[
        timedelta, options.time("1w", "How old the newest data of a polled, daily resource may be.")
    ] = _LIMITS.daily_data,
    episodic_data: Annotated[
        timedelta,
        options.time("4w", "The limit for resources that come now and then, like workouts."),
    ] = _LIMITS.episodic_data,
    out: Output,
    source: Source,
) -> int:
    """List resources that went silent.

    Polling fails or is late, or no new data comes. Exits with 1 if it finds any, for use in a cron
    job or an alert. Connections and backfills are not considered: `explain` tells the whole reason.
    Write a TIME like 90s, 45m, 12h, 3d or 2w. It is measured up to now, or up to when the store was
    last filled.
    """
    limits = tracking.Thresholds(
        polling=polling, silence=silence, daily_data=daily_data, episodic_data=episodic_data
    )
    return _answered(
        source,
        RESOURCES,
        lambda part: tracking.stale(part.rows, part.observed_at, limits),
        tracking_view.STALE,
        out,
        alarming=True,
    )


@app.command()
@with_options()
def coverage(
    *,
    below: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Show only pulls with a smaller share, like 0.5."),
    ] = None,
    out: Output,
    source: Source,
) -> int:
    """Show which part of a range has data.

    For each settled pull: how many days of its range have data, and their share of the range.
    """

    def ask(part: Part[HistoricalPull]) -> Iterable[tracking.Coverage]:
        covered = tracking.coverage(part.rows)
        return (each for each in covered if below is None or each.fraction < below)

    return _answered(source, HISTORICAL_PULLS, ask, tracking_view.COVERAGE, out)


def _answered(
    source: Source,
    operation: Operation[Any, R],
    ask: Callable[[Part[R]], Iterable[T]],
    kind: Kind[T],
    output: Output,
    *,
    whole: bool = False,
    alarming: bool = False,
) -> int:
    """Show the answers from a source's rows, and return the exit status.

    Args:
        source: The source of the rows.
        operation: What lists the rows.
        ask: Makes answers from the rows of one team.
        kind: The kind of the tracking_view.
        output: How to show them.
        whole: Whether to show nothing, not even the closing text, if the rows are incomplete.
        alarming: Whether somebody has to act if there is any answer.
    """
    output.prepare()
    notices = Notices(sys.stderr)
    with source.rows(notices, operation, resumable=not whole) as reading:
        answers = ((each, part.team) for part in reading.parts for each in ask(part))
        found = show(
            list(answers) if whole else answers,
            output.shown(kind, reading.teams),
            notices,
            begun=True,
        )
    # What was found comes first: an alert must not be missed because a record was left out.
    return exits.FOUND if alarming and found else notices.status
