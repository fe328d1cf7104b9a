"""Where `watch` shows changes: as lines in a pipe, or on a board in a terminal."""

from __future__ import annotations

import sys
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from time import monotonic, sleep
from typing import IO, TYPE_CHECKING, Final

from rich.live import Live
from rich.text import Text

from junction_introspect.cli.notices import Notices
from junction_introspect.cli.watch_view import Board

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from contextlib import AbstractContextManager

    from rich.console import Console

    from junction_introspect.tracking import Change

# Seconds. More often a person could not read, and a first look brings changes by the thousand.
_REDRAW: Final = 0.1
_TICK: Final = 1.0


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


class Lines:
    """A line a change, for a pipe.

    Args:
        out: Where to write.
        line: Renders a change, seen at a time.

    Attributes:
        notices: Tells on stderr.
    """

    def __init__(self, out: IO[str], line: Callable[[Change, datetime], str]) -> None:
        self.notices = Notices(sys.stderr)
        self._out = out
        self._line = line

    def shown(self) -> AbstractContextManager[None]:
        """Nothing is there but what has been written."""
        return nullcontext()

    def look(self, ended: bool) -> None:  # noqa: FBT001 - as `follow` calls it
        """Show nothing: a look is not a change."""

    def see(self, change: Change) -> None:
        """Write a change, and see it off."""
        self._out.write(self._line(change, now()) + "\n")
        self._out.flush()

    def sleep(self, seconds: float) -> None:
        """Wait until the next look."""
        sleep(seconds)


class Screen:
    """A board in a terminal. It is drawn as changes come, and every second while none do.

    Args:
        console: The terminal.

    Attributes:
        notices: Tells on stderr; above the board, where both are in one terminal.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._board = Board(now())
        self._height: Callable[[], int | None] = lambda: console.height
        self._drawn_at = -_REDRAW
        # What is written to a stderr that goes elsewhere has to get there.
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
        """Draw the board, and at the end leave it as it was last, whole."""
        with self._live:
            settled = False
            try:
                yield
                settled = True
            finally:
                self._board.end(settled=settled)
                self._height = lambda: None

    def look(self, ended: bool) -> None:  # noqa: FBT001 - as `follow` calls it
        """Show that a look has begun, or note when it ended."""
        if ended:
            self._board.looked(now())
        else:
            self._board.look()
            self._draw()

    def see(self, change: Change) -> None:
        """Count a change, and draw it soon."""
        self._board.see(change, now())
        if monotonic() - self._drawn_at >= _REDRAW:
            self._draw()

    def sleep(self, seconds: float) -> None:
        """Wait, and count the seconds down."""
        until = monotonic() + seconds
        while (left := until - monotonic()) > 0:
            self._board.wait(left)
            self._draw()
            sleep(min(left, _TICK))

    def _draw(self) -> None:
        self._live.refresh()
        self._drawn_at = monotonic()


class _Above(Notices):
    """Notices that stand above a live table while there is one."""

    def __init__(self, err: IO[str] | None, live: Live) -> None:
        super().__init__(err)
        self._live = live

    def _write(self, text: str) -> None:
        if self._live.is_started:
            # stdout's, which is the same terminal.
            self._live.console.print(Text(text.rstrip("\n")), soft_wrap=True)
        else:
            super()._write(text)
