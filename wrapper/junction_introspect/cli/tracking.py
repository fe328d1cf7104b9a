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
    by: Annotated[By, typer.Option(help="How to group the counts.")] = By.RESOURCE,
    show: options.Show = Format.TABLE,
    csv_safe: options.CsvSafe = False,
) -> int:
    """Count pulls by state, with times.

    Queueing is the time from scheduled to started, duration that from started to ended; each has a
    median and a 95th percentile. The formats for programs give them in seconds. If the listing is
    interrupted, nothing is shown, because partial counts cannot be added up.
    """
    kind = {By.RESOURCE: answers.BY_RESOURCE, By.USER: answers.BY_USER, By.TOTAL: answers.TOTAL}[by]

    def ask(reading: Reading) -> Iterator[tracking.Summary]:
        counted = tracking.summarize(reading)
        if reading.failure is None:
            yield counted

    try:
        status, _ = _show(source, ask, kind, show, csv_safe=csv_safe, whole=True)
    except (APIError, exits.ListingInterrupted) as error:
        error.cursor = None  # a count of the remaining pages only would be wrong
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
        timedelta, _limit("1h", "How long a pull may be scheduled without starting.")
    ] = _LIMITS.scheduled,
    in_progress: Annotated[
        timedelta, _limit("12h", "How long a pull may be in progress.")
    ] = _LIMITS.in_progress,
    retrying: Annotated[
        timedelta, _limit("1d", "How long a pull may be retrying.")
    ] = _LIMITS.retrying,
    empty_range: Annotated[
        timedelta, _limit("3w", "How long the range of a successful pull without data may be.")
    ] = _LIMITS.empty_range,
    show: options.Show = Format.TABLE,
    csv_safe: options.CsvSafe = False,
) -> int:
    """List overdue or contradictory pulls.

    Exits with 1 if it finds any, for use in a cron job or an alert. Quote the trace id to
    Junction's support. Write a TIME like 90s, 45m, 12h, 3d or 2w. It is measured up to now, or up
    to when the store was last filled.
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
        typer.Option(min=0, max=1, help="Show only pulls with a smaller share, like 0.5."),
    ] = None,
    show: options.Show = Format.TABLE,
    csv_safe: options.CsvSafe = False,
) -> int:
    """Show which part of a range has data.

    For each settled pull: how many days of its range have data, and their share of the range.
    """

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
    """Show the answers from a source's rows; return the exit status and how many answers there are.

    Args:
        source: The source of the rows.
        ask: Makes answers from rows.
        kind: The kind of the answers.
        show: The output format.
        csv_safe: See `options.CsvSafe`.
        whole: Whether to show nothing, not even the closing text, if the rows are incomplete.
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
            # The reader of the output needs no more, but the exit status must still be right.
            let_go(sys.stdout)
    return reading.status, shown
