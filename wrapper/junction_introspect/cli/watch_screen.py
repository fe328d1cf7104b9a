"""Shows the changes of `watch`: as lines in a pipe, or as a live table in a terminal."""

from __future__ import annotations

import sys
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from time import monotonic, sleep
from typing import IO, TYPE_CHECKING, Final, TypeAlias

from rich.live import Live
from rich.text import Text

from junction_introspect.cli.notices import Notices
from junction_introspect.cli.watch_view import Board, latest
from junction_introspect.tracking import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from contextlib import AbstractContextManager

    from rich.console import Console

    from junction_introspect import HistoricalPull

    Keeps: TypeAlias = Callable[[HistoricalPull], bool]

# Seconds. A person could not read faster redraws, and a first look brings thousands of changes.
_REDRAW: Final = 0.1
_TICK: Final = 1.0


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


class Lines:
    """Writes one line per change, for a pipe.

    Args:
        out: Where to write.
        line: Renders a change and the time at which it was seen.
        keeps: Tells whether to show a pull's changes, from the pull after the change.

    Attributes:
        notices: Writes to stderr.
    """

    def __init__(self, out: IO[str], line: Callable[[Change, datetime], str], keeps: Keeps) -> None:
        self.notices = Notices(sys.stderr)
        self._out = out
        self._line = line
        self._keeps = keeps

    def shown(self) -> AbstractContextManager[None]:
        """Do nothing: lines need no setting up and no cleaning up."""
        return nullcontext()

    def look(self, ended: bool) -> None:  # noqa: FBT001 - as `follow` calls it
        """Show nothing: a look is not a change."""

    def see(self, change: Change) -> None:
        """Write a change, and flush it."""
        if self._keeps(latest(change)):
            self._out.write(self._line(change, now()) + "\n")
            self._out.flush()

    def sleep(self, seconds: float) -> None:
        """Wait until the next look."""
        sleep(seconds)


class Screen:
    """A live table in a terminal, redrawn as changes come and every second while waiting.

    Args:
        console: The terminal.
        keeps: Tells whether to count a pull.

    Attributes:
        notices: Writes to stderr, or above the table if both are in the same terminal.
    """

    def __init__(self, console: Console, keeps: Keeps) -> None:
        self._console = console
        self._keeps = keeps
        self._board = Board(now())
        self._height: Callable[[], int | None] = lambda: console.height
        self._drawn_at = -_REDRAW
        # Nothing is redirected: stderr may go elsewhere, and must get there.
        self._live = Live(
            console=console,
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
            vertical_overflow="crop",
            get_renderable=lambda: self._board.drawn(console.width, self._height()),
        )
        err = sys.stderr
        together = err is not None and err.isatty()
        self.notices = _Above(err, self._live) if together else Notices(err)

    @contextmanager
    def shown(self) -> Generator[None]:
        """Draw the table, and at the end leave its last state on the screen, with every line."""
        with self._live:
            settled = False
            try:
                yield
                settled = True
            finally:
                self._board.end(settled=settled)
                self._height = lambda: None

    def look(self, ended: bool) -> None:  # noqa: FBT001 - as `follow` calls it
        """Show that a look has started, or record when it ended."""
        if ended:
            self._board.looked(now())
        else:
            self._board.look()
            self._draw()

    def see(self, change: Change) -> None:
        """Count a change, and redraw the table if it was not drawn just now."""
        kept = [row if row and self._keeps(row) else None for row in (change.before, change.after)]
        self._board.see(Change(change.kind, *kept), now())
        if monotonic() - self._drawn_at >= _REDRAW:
            self._draw()

    def sleep(self, seconds: float) -> None:
        """Wait, and show how many seconds are left."""
        until = monotonic() + seconds
        while (left := until - monotonic()) > 0:
            self._board.wait(left)
            self._draw()
            sleep(min(left, _TICK))

    def _draw(self) -> None:
        self._live.refresh()
        self._drawn_at = monotonic()


class _Above(Notices):
    """Notices that are printed above the live table while there is one."""

    def __init__(self, err: IO[str] | None, live: Live) -> None:
        super().__init__(err)
        self._live = live

    def _write(self, text: str) -> None:
        if self._live.is_started:
            # The console writes to stdout, which is the same terminal.
            self._live.console.print(Text(text.rstrip("\n")), soft_wrap=True)
        else:
            super()._write(text)
