"""scaling.svg: users a second, and peak memory, over the number of users. Written by hand."""

from __future__ import annotations

from itertools import pairwise
from math import ceil, log10
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FILE: Final = Path(__file__).parent / "scaling.svg"

_WIDTH, _HEIGHT = 360, 220  # of a panel's plot
_LEFT, _TOP, _GAP, _BOTTOM = 64, 44, 84, 52

# Greys and colours with enough contrast on white and on black, for viewers that know no scheme.
_STYLE: Final = """
text { font: 12px system-ui, sans-serif; fill: #6e7781 }
.title { font-weight: 600; font-size: 13px }
.grid { stroke: #8c959f; stroke-opacity: .3 }
.line { fill: none; stroke: #2f81f7; stroke-width: 2 }
.point { fill: #2f81f7 }
@media (prefers-color-scheme: dark) { text { fill: #c9d1d9 } .line { stroke: #58a6ff }
.point { fill: #58a6ff } }
"""


class Point(NamedTuple):
    """What was measured at one size.

    Attributes:
        users: How many were listed.
        rate: Users a second.
        memory: Peak resident memory, in MB.
    """

    users: int
    rate: float
    memory: float


def write(points: Sequence[Point], file: Path = FILE) -> None:
    """Write the chart of some points, in the order of their users."""
    file.write_text(svg(points), encoding="utf-8")


def svg(points: Sequence[Point]) -> str:
    """Return the chart: two panels side by side, both from zero, users on a logarithmic axis."""
    width = _LEFT + 2 * _WIDTH + _GAP + 40
    height = _TOP + _HEIGHT + _BOTTOM
    rates = [(point.users, point.rate) for point in points]
    memory = [(point.users, point.memory) for point in points]
    told = "; ".join(
        f"{point.users:,} users: {point.rate:,.0f} users a second, {point.memory:.0f} MB"
        for point in points
    )
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
            f"<title>Users a second and peak memory by number of users</title><desc>{told}</desc>",
            f"<style>{_STYLE}</style>",
            *_panel(rates, _LEFT, "Users a second", lambda value: f"{value / 1000:g}k"),
            *_panel(
                memory,
                _LEFT + _WIDTH + _GAP,
                "Peak resident memory",
                lambda value: f"{value:g} MB",
            ),
            "</svg>\n",
        )
    )


def round_top(value: float) -> float:
    """Return where an axis ends: the next of 1, 2, 4, 5, 8 times a power of ten.

    So that its quarters are figures that can be read.
    """
    power = 10.0 ** int(log10(value))
    return next(step * power for step in (1, 2, 4, 5, 8, 10) if step * power >= value)


def _panel(
    values: Sequence[tuple[int, float]], left: int, title: str, label: Callable[[float], str]
) -> list[str]:
    top = round_top(max(value for _, value in values))
    first, last = log10(values[0][0]), log10(values[-1][0])

    def x_of(users: float) -> float:
        return round(left + _WIDTH * (log10(users) - first) / (last - first), 1)

    def y_of(value: float) -> float:
        return round(_TOP + _HEIGHT * (1 - value / top), 1)

    places = [(x_of(users), y_of(value)) for users, value in values]
    lines = [f'<text class="title" x="{left}" y="{_TOP - 18}">{title}</text>']
    for quarter in range(5):
        value = top * quarter / 4
        y = y_of(value)
        lines += [
            f'<path class="grid" d="M{left} {y}h{_WIDTH}"/>',
            f'<text x="{left - 8}" y="{y + 4}" text-anchor="end">{label(value)}</text>',
        ]
    for power in range(ceil(first), int(last) + 1):
        x = x_of(10.0**power)
        lines.append(
            f'<text x="{x}" y="{_TOP + _HEIGHT + 20}" text-anchor="middle">{10**power:,}</text>'
        )
    middle = left + _WIDTH / 2
    lines.append(
        f'<text x="{middle}" y="{_TOP + _HEIGHT + 42}" text-anchor="middle">users listed</text>'
    )
    lines += [
        f'<path class="line" d="M{x} {y}L{next_x} {next_y}"/>'
        for (x, y), (next_x, next_y) in pairwise(places)
    ]
    lines += [f'<circle class="point" cx="{x}" cy="{y}" r="3.5"/>' for x, y in places]
    return lines
