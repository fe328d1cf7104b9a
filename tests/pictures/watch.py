"""``python -m tests.pictures.watch``: the board that the README shows, from the mock's data."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

from junction_introspect import rows, tracking
from junction_introspect.cli.watch_view import Board
from junction_introspect.mock import Population
from junction_introspect.mock.backfills import NOW
from junction_introspect.mock.clock import Clock
from junction_introspect.mock.world import World

PICTURE: Final = Path(__file__).parents[2] / "docs" / "pictures" / "watch.svg"

_COLUMNS, _LINES = 80, 22
_LOOKS: Final = 14
_EVERY: Final = timedelta(seconds=55)

# rich has a browser fetch its font from elsewhere; any other of equal widths will do.
_FROM_ELSEWHERE: Final = re.compile(r"\s*(@font-face \{.*?\}|<!--.*?-->)", re.DOTALL)


def board() -> Board:
    """Return the board of 30 users who were watched for some minutes."""
    world = World(Population(30, seed=3), Clock())
    watched = Board(NOW)
    before = []
    for _ in range(_LOOKS):
        after = [row for number in range(len(world)) for row in rows(world.user(number))]
        now = world.clock.now()
        for change in tracking.changes(before, after):
            watched.see(change, now)
        watched.looked(now)
        before = after
        world.clock.change(advance=_EVERY.total_seconds())
    watched.wait(4)
    return watched


def picture() -> str:
    """Return the board as an SVG, the same each time, which asks no network for anything."""
    console = Console(
        file=io.StringIO(),
        record=True,
        width=_COLUMNS,
        height=_LINES,
        force_terminal=True,
        color_system="truecolor",
        no_color=False,
    )
    console.print(Text("$ junction-introspect watch"))
    console.print(board().drawn(_COLUMNS, _LINES - 1))
    svg = console.export_svg(title="junction-introspect watch", unique_id="watch")
    return _FROM_ELSEWHERE.sub("", svg)


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
