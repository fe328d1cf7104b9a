"""Messages to a person on stderr: one line each, and a progress line in a terminal."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Final, TypeVar

from junction_introspect import APIError
from junction_introspect._texts import counted, escaped
from junction_introspect.cli import exits
from junction_introspect.cli.streams import let_go

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

    from stamina.instrumentation import RetryDetails

    from junction_introspect import Drift, InvalidRecord

T = TypeVar("T")

_PROGRAM: Final = "junction-introspect"

# How many items pass between two looks at the clock, and how many seconds between two redraws.
_STRIDE: Final = 100
_REDRAW: Final = 0.2


class Notices:
    """Writes notices. Errors of writing are ignored, because stderr is where they would go.

    Args:
        err: Where to write. None, which `sys.stderr` is in a process started without one, writes
            nothing.
        clock: Returns the time in seconds, for rates.

    Attributes:
        status: The exit status of a command that ends without an error: the highest that a failure
            was reported with.
    """

    def __init__(self, err: IO[str] | None, clock: Callable[[], float] = time.monotonic) -> None:
        self.status = exits.DONE
        self._err = err
        self._clock = clock
        self._began: float | None = None
        self._draws = err is not None and err.isatty() and os.environ.get("TERM") != "dumb"
        self._drawn = 0
        self._counted = 0

    def tell(self, message: str) -> None:
        """Write a message as one line, with unprintable characters escaped."""
        self.clear()
        self._write(f"{_PROGRAM}: {escaped(message)}\n")

    def fail(self, message: str, status: int) -> None:
        """Report a failure that does not end the command, but decides its exit status."""
        self.status = max(self.status, status)
        self.tell(message)

    def left_out(self, record: InvalidRecord) -> None:
        """Report a record that cannot be decoded and is left out."""
        reason = f"left out an invalid record: {record.reason} at {record.path}"
        self.fail(reason, exits.BROKEN_RESPONSE)

    def drifted(self, drift: Drift) -> None:
        """Report what the specification did not list, if anything."""
        if drift:
            self.tell(f"{drift}; upgrade junction-introspect, or regenerate it")

    @contextmanager
    def of_retries(self, *, verbose: bool) -> Generator[None]:
        """Report retries in this context, or nothing about them if not `verbose`.

        By default stamina logs retries or, if structlog is installed, prints them among the
        records.
        """
        from stamina import instrumentation  # noqa: PLC0415 - for commands that send requests

        hooks = instrumentation.get_on_retry_hooks()
        instrumentation.set_on_retry_hooks([self._retry] if verbose else [])
        try:
            yield
        finally:
            instrumentation.set_on_retry_hooks(hooks)

    @contextmanager
    def of_interruptions(self, resumes: str) -> Generator[None]:
        """If the work in this context is interrupted or fails, say what resumes it.

        Args:
            resumes: A clause, like ``"the same command resumes the sync"``.
        """
        try:
            yield
        except KeyboardInterrupt:
            raise KeyboardInterrupt(f"interrupted; {resumes}") from None
        except APIError as error:
            error.cursor = None  # kept by the store or the manifest
            self.tell(resumes)
            raise
        finally:
            self.clear()

    def _retry(self, details: RetryDetails) -> None:
        self.tell(
            f"attempt {details.retry_num} failed, the next is in {details.wait_for:.1f} s:"
            f" {details.caused_by}"
        )

    def progress(self, users: int, pages: int) -> None:
        """Redraw the progress line of a listing; in a terminal only.

        Args:
            users: Users shown so far.
            pages: Pages received so far.
        """
        self._draw(f"{counted(users, 'user')}, {counted(pages, 'page')} so far", users, "users")

    def progress_of(self, number: int, noun: str) -> None:
        """Redraw the progress line with a count; in a terminal only."""
        self._draw(f"{counted(number, noun)} so far", number, f"{noun}s")

    def counting(self, things: Iterable[T], noun: str) -> Iterator[T]:
        """Yield items, and redraw how many there have been, a few times per second.

        Items of earlier calls are counted too: a command reads a store team by team.

        Args:
            things: The items to yield.
            noun: The name of one item, in the singular.
        """
        drawn_at = self._clock()
        for thing in things:
            # Reading the clock for each of a million items would take longer than some of the work.
            if self._counted % _STRIDE == 0 and self._draws and self._clock() - drawn_at >= _REDRAW:
                drawn_at = self._clock()
                self.progress_of(self._counted, noun)
            self._counted += 1
            yield thing

    def _draw(self, line: str, number: int, nouns: str) -> None:
        if not self._draws:
            return
        now = self._clock()
        self._began = now if self._began is None else self._began
        if number and now > self._began:
            line += f", {number / (now - self._began):,.0f} {nouns}/s"
        self.clear()
        self._write(line)
        self._drawn = len(line)

    def clear(self) -> None:
        """Remove the progress line, so that other text can take its place."""
        if self._drawn:
            self._write("\r" + " " * self._drawn + "\r")
            self._drawn = 0

    def _write(self, text: str) -> None:
        if self._err is None:
            return
        try:
            self._err.write(text)
            self._err.flush()
        except OSError:
            let_go(self._err)
