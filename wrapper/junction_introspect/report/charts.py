"""Computes the positions in the charts, in percent of the width and in pixels of the height.

Widths are in percent so that a chart fills the page while its text keeps its size.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import chain, count
from typing import Final

from attrs import frozen

from junction_introspect.report.values import Bin, Course
from junction_introspect.tracking import STATES, State, Tally
from junction_introspect.tracking.text import in_words

# Pixels of the histogram: the space above the bars for their numbers, and the height of the bars.
PLOT_TOP: Final = 22
PLOT_HEIGHT: Final = 150

# The percentage at which each shade of the heat map starts; the last is for 100 % settled.
SHADES: Final = (0, 25, 50, 75, 90, 100)

_MOST_TICKS: Final = 4
_STEPS: Final = (
    *(1, 5, 15, 30),
    *(each * 60 for each in (1, 5, 15, 30)),
    *(each * 3_600 for each in (1, 2, 6, 12)),
    *(each * 86_400 for each in (1, 2, 7, 14, 30, 90, 180, 365)),
)


@frozen
class Bar:
    """A bar of a chart, or a segment of a bar.

    Attributes:
        x: The left edge, in percent.
        width: The width, in percent.
        height: The height, in pixels; 0 for horizontal bars, whose height is fixed.
    """

    x: float
    width: float
    height: float = 0


@frozen
class Tick:
    """A mark on an axis.

    Attributes:
        x: The position, in percent.
        label: The text at the mark.
    """

    x: float
    label: str


def shade(percent: int) -> int:
    """Return the number of the heat map's shade for a percentage."""
    return sum(percent >= begin for begin in SHADES[1:])


def state_bars(tally: Tally) -> Iterator[tuple[State, Bar]]:
    """Yield the segments of a bar that is divided by state; empty states have no segment."""
    x = 0.0
    for state in STATES:
        if pulls := tally.states[state]:
            width = 100 * pulls / tally.pulls
            yield state, Bar(round(x, 3), round(width, 3))
            x += width


def histogram_bars(bins: Sequence[Bin]) -> list[Bar]:
    """Return one bar per bin. The highest fills the plot; a bin with pulls is always visible."""
    highest = max((each.count for each in bins), default=0)
    width = 100 / max(len(bins), 1)
    return [
        Bar(
            round(place * width, 3),
            round(width, 3),
            max(round(PLOT_HEIGHT * each.count / highest, 1), 2) if each.count else 0,
        )
        for place, each in enumerate(bins)
    ]


def histogram_ticks(bins: Sequence[Bin]) -> list[Tick]:
    """Return a mark at each end of each bin."""
    width = 100 / max(len(bins), 1)
    ticks = [
        Tick(round(place * width, 3), in_words(timedelta(seconds=each.at_least)))
        for place, each in enumerate(bins)
    ]
    if bins:
        end = bins[-1].below
        ticks.append(Tick(100, "∞" if end is None else in_words(timedelta(seconds=end))))
    return ticks


def place_in(bins: Sequence[Bin], seconds: float) -> float:
    """Return the position of a duration on the histogram's axis; the middle of an open bin."""
    width = 100 / max(len(bins), 1)
    for place, each in enumerate(bins):
        if each.below is None:
            return round((place + 0.5) * width, 3)
        if seconds < each.below:
            share = (seconds - each.at_least) / (each.below - each.at_least)
            return round((place + max(share, 0)) * width, 3)
    return 100


def longest(courses: Sequence[Course]) -> timedelta:
    """Return the longest time that any of the pulls took since it was scheduled; never 0."""
    return max((each.queued + each.ran for each in courses), default=timedelta()) or timedelta(
        seconds=1
    )


def course_bars(course: Course, scale: timedelta) -> tuple[Bar, Bar]:
    """Return the two segments of a time line: queued, and running.

    Args:
        course: The pull.
        scale: How much time the whole width represents.
    """
    queued = round(100 * (course.queued / scale), 3)
    return Bar(0, queued), Bar(queued, round(100 * (course.ran / scale), 3))


def time_ticks(scale: timedelta) -> list[Tick]:
    """Return at most four marks at round times, without a mark at 0.

    Args:
        scale: How much time the whole width represents.
    """
    seconds = scale.total_seconds()
    longer = (_STEPS[-1] * 10**power for power in count(1))
    step = next(step for step in chain(_STEPS, longer) if seconds <= step * (_MOST_TICKS + 1))
    return [
        Tick(round(100 * place * step / seconds, 3), in_words(timedelta(seconds=place * step)))
        for place in range(1, _MOST_TICKS + 1)
        if place * step <= seconds * 0.97  # one at the very edge would be cut
    ]
