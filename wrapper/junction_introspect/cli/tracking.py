"""The commands `summary`, `stuck` and `coverage`."""

from __future__ import annotations

import sys
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from junction_introspect import APIError, tracking
from junction_introspect.cli import answers, exits, options
from junction_introspect.cli.app import app
from junction_introspect.cli.notices import Notices
from junction_introspect.cli.options import Format
from junction_introspect.cli.reading import reads
from junction_introspect.cli.source import Source
from junction_introspect.cli.streams import let_go, take_any_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from junction_introspect.cli.source import Reading

T = TypeVar("T")

_LIMITS = tracking.Thresholds()


class By(StrEnum):
    """What to count pulls by."""

    RESOURCE = "resource"
    USER = "user"
    TOTAL = "total"


@app.command()
@reads
def summary(
    *,
    source: Source,
    by: Annotated[By, typer.Option(help="What to count by.")] = By.RESOURCE,
    show: options.Show = Format.TABLE,
    csv_safe: options.CsvSafe = False,
) -> int:
    """Count how many pulls stand where, and tell how long they took.

    Seconds in the formats for a program: queueing from scheduled to started, duration from started
    to ended, each with its median and 95th percentile. A listing that breaks off shows nothing:
    part of a count cannot be added to another.
    """
    kind = {By.RESOURCE: answers.BY_RESOURCE, By.USER: answers.BY_USER, By.TOTAL: answers.TOTAL}[by]

    def ask(reading: Reading) -> Iterator[tracking.Summary]:
        counted = tracking.summarize(reading)
        if reading.failure is None:
            yield counted

    try:
        status, _ = _show(source, ask, kind, show, csv_safe=csv_safe, whole=True)
    except (APIError, exits.ListingInterrupted) as error:
        error.cursor = None  # the rest alone would be another count
        raise
    return status


def _limit(default: str, text: str) -> Any:
    return typer.Option(
        parser=options.length_of_time, metavar="TIME", show_default=default, help=text
    )


@app.command()
@reads
def stuck(
    *,
    source: Source,
    scheduled: Annotated[
        timedelta, _limit("1h", "How long a pull may be scheduled and not started.")
    ] = _LIMITS.scheduled,
    in_progress: Annotated[
        timedelta, _limit("12h", "How long it may be in progress.")
    ] = _LIMITS.in_progress,
    retrying: Annotated[timedelta, _limit("1d", "How long it may be retrying.")] = _LIMITS.retrying,
    empty_range: Annotated[
        timedelta, _limit("3w", "How long a range may be that succeeded without any data.")
    ] = _LIMITS.empty_range,
    show: options.Show = Format.TABLE,
    csv_safe: options.CsvSafe = False,
) -> int:
    """List pulls that should have moved or contradict themselves.

    Exits with 1 when it finds any, for a cron job or an alert. Quote the trace id to Junction's
    support. Lengths of time are like 90s, 45m, 12h, 3d or 2w, and are measured up to now, or to
    when the store was last filled.
    """
    limits = tracking.Thresholds(
        scheduled=scheduled, in_progress=in_progress, retrying=retrying, empty_range=empty_range
    )
    status, found = _show(
        source,
        lambda reading: tracking.stuck(reading, reading.observed_at, limits),
        answers.STUCK,
        show,
        csv_safe=csv_safe,
    )
    return exits.FOUND if found else status


@app.command()
@reads
def coverage(
    *,
    source: Source,
    below: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Only pulls with a smaller share of days, like 0.5."),
    ] = None,
    show: options.Show = Format.TABLE,
    csv_safe: options.CsvSafe = False,
) -> int:
    """Tell how many days of each settled pull's range have data."""

    def ask(reading: Reading) -> Iterable[tracking.Coverage]:
        covered = tracking.coverage(reading)
        return (each for each in covered if below is None or each.fraction < below)

    status, _ = _show(source, ask, answers.COVERAGE, show, csv_safe=csv_safe)
    return status


def _show(
    source: Source,
    ask: Callable[[Reading], Iterable[T]],
    kind: answers.Kind[T],
    show: Format,
    *,
    csv_safe: bool,
    whole: bool = False,
) -> tuple[int, int]:
    """Show what a source's rows answer; return the exit status and how many answers there are.

    Args:
        source: Where the rows come from.
        ask: Answers from them.
        kind: What kind of answers.
        show: How to show them.
        csv_safe: As `options.CsvSafe`.
        whole: Whether nothing is shown, not even how many, of rows that break off.
    """
    options.check_csv_safe(csv_safe=csv_safe, csv=show is Format.CSV)
    take_any_text(sys.stdout, exact=show is not Format.TABLE)
    shown = 0
    with source.rows(Notices(sys.stderr)) as reading:
        out = kind.shown(sys.stdout, show, csv_safe=csv_safe)
        try:
            for answer in ask(reading):
                shown += 1
                out.add(answer)
            if not whole or reading.failure is None:
                out.end()
            sys.stdout.flush()
        except BrokenPipeError:
            # The reader has seen enough; whoever reads the exit status has not.
            let_go(sys.stdout)
    return reading.status, shown
