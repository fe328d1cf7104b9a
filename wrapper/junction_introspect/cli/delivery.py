"""Hands a listing to a writer, up to a limit; reports invalid records and where to resume."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from attrs import evolve

from junction_introspect.cli.exits import BROKEN_RESPONSE, DONE, ListingInterrupted, OutputError
from junction_introspect.cli.walking import pages

if TYPE_CHECKING:
    from collections.abc import Callable

    from junction_introspect import HistoricalPulls, InvalidRecord, Page
    from junction_introspect.cli.notices import Notices


class Writer(Protocol):
    """Shows pages one by one, then the closing text."""

    def page(self, page: Page[Any]) -> None:
        """Show a page, and flush it."""

    def end(self, *, complete: bool) -> None:
        """Show the closing text.

        Args:
            complete: Whether everything that was asked for has been shown. False if the listing
                was interrupted.
        """


class Delivery:
    """Passes pages from a listing to a writer.

    Args:
        writer: Shows the pages.
        notices: Reports invalid records, and the progress.
        limit: How many users to show at most; None for all.
    """

    def __init__(self, writer: Writer, notices: Notices, limit: int | None) -> None:
        self._writer = writer
        self._notices = notices
        self._limit = limit
        self._users = self._pages = self._invalid = 0
        self._whole = True
        self._complete = False
        # Lags behind the listing's own cursor, which advances before a page has been written.
        self._resume: str | None = None

    @property
    def status(self) -> int:
        """The exit status of a listing that has ended without an error."""
        return BROKEN_RESPONSE if self._invalid else DONE

    def on_invalid(self, record: InvalidRecord) -> None:
        """Report a record that cannot be shown."""
        self._invalid += 1
        self._notices.left_out(record)

    def run(self, listing: HistoricalPulls) -> None:
        """Show pages until the listing ends or the limit is reached.

        However it ends, everything received before has been shown, including the totals.

        Raises:
            APIError: A page could not be fetched.
            ListingInterrupted: Ctrl-C.
            OutputError: The output cannot be written.
        """
        self._resume = listing.next_cursor
        try:
            self._walk(listing)
            self._complete = True
        except KeyboardInterrupt:
            raise ListingInterrupted(self._resume) from None
        finally:
            self._notices.clear()
            if self._pages and self._whole:
                self._put(lambda: self._writer.end(complete=self._complete))

    def _walk(self, listing: HistoricalPulls) -> None:
        for page in pages(listing, self._notices, self.on_invalid):
            self._show(page)
            self._resume = listing.next_cursor
            if self._limit is not None and self._users >= self._limit:
                return

    def _show(self, page: Page[Any]) -> None:
        left = None if self._limit is None else self._limit - self._users
        page = evolve(page, data=page.data[:left])
        self._put(lambda: self._writer.page(page))
        self._users += len(page.data)
        self._pages += 1

    def _put(self, write: Callable[[], None]) -> None:
        # Nothing is written after half a page: it would look as if the page were complete.
        self._whole = False
        try:
            write()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(error, self._resume) from None
        self._whole = True
