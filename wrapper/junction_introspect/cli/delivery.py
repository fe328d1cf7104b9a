"""Hands users to a writer, up to a limit; reports invalid records and where to resume."""

from __future__ import annotations

from itertools import groupby, islice
from typing import TYPE_CHECKING, NamedTuple, Protocol

from junction_introspect.cli.exits import ListingInterrupted, OutputError
from junction_introspect.cli.source import PAGE_SIZE
from junction_introspect.cli.walking import pages
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS, rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from uuid import UUID

    from junction_introspect import HistoricalPull, HistoricalPulls
    from junction_introspect.cli.filters import Filters
    from junction_introspect.cli.notices import Notices
    from junction_introspect.cli.source import Reading


class User(NamedTuple):
    """A user and the user's pulls that pass the filters."""

    user_id: UUID
    rows: Sequence[HistoricalPull]


class Group(NamedTuple):
    """Users that are shown together.

    Attributes:
        users: The users.
        team: Their team in a store; None for a listing.
        cursor: Where the listing resumes after them.
    """

    users: Sequence[User]
    team: str | None = None
    cursor: str | None = None


class Writer(Protocol):
    """Shows groups of users one by one, then the closing text."""

    def group(self, group: Group) -> None:
        """Show a group, and flush it."""

    def end(self, *, complete: bool) -> None:
        """Show the closing text.

        Args:
            complete: Whether everything that was asked for has been shown. False if the listing
                was interrupted.
        """


class Delivery:
    """Passes users to a writer.

    Args:
        writer: Shows the users.
        notices: Draws the progress.
        limit: How many users to show at most; None for all.
    """

    def __init__(self, writer: Writer, notices: Notices, limit: int | None) -> None:
        self._writer = writer
        self._notices = notices
        self._limit = limit
        self._users = self._groups = 0
        self._whole = True
        self._complete = False
        # Lags behind the listing's own cursor, which advances before a page has been written.
        self._resume: str | None = None

    def listing(self, listing: HistoricalPulls, filters: Filters) -> None:
        """Show the users of a listing, page by page.

        Args:
            listing: The listing.
            filters: The filters that the server has not applied. If there are any, users without
                pulls that pass are not shown.

        Raises:
            APIError: A page could not be fetched.
            ListingInterrupted: Ctrl-C.
            OutputError: The output cannot be written.
        """
        self._resume = listing.next_cursor
        self._run(self._listed(listing, filters))

    def _listed(self, listing: HistoricalPulls, filters: Filters) -> Iterator[Group]:
        for page in pages(listing, self._notices):
            users = [
                User(user.user_id, [*filters.kept(HISTORICAL_PULLS, rows(user))])
                for user in page.data
            ]
            if filters.narrow:
                users = [user for user in users if user.rows]
            yield Group(users, None, listing.next_cursor)

    def reading(self, reading: Reading[HistoricalPull]) -> None:
        """Show the users of a store, team by team.

        Raises:
            ListingInterrupted: Ctrl-C.
            OutputError: The output cannot be written.
        """
        self._run(_stored(reading))

    def _run(self, groups: Iterable[Group]) -> None:
        """Show groups until they end or the limit is reached.

        However it ends, everything received before has been shown, including the totals.
        """
        try:
            self._walk(groups)
            self._complete = True
        except KeyboardInterrupt:
            raise ListingInterrupted(self._resume) from None
        finally:
            self._notices.clear()
            if self._groups and self._whole:
                self._put(lambda: self._writer.end(complete=self._complete))

    def _walk(self, groups: Iterable[Group]) -> None:
        for group in groups:
            self._show(group)
            self._resume = group.cursor
            if self._limit is not None and self._users >= self._limit:
                return

    def _show(self, group: Group) -> None:
        left = None if self._limit is None else self._limit - self._users
        group = group._replace(users=group.users[:left])
        self._notices.clear()
        self._put(lambda: self._writer.group(group))
        self._users += len(group.users)
        self._groups += 1

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


def _stored(reading: Reading[HistoricalPull]) -> Iterator[Group]:
    for part in reading.parts:
        users = (
            User(user_id, [*of]) for user_id, of in groupby(part.rows, lambda row: row.user_id)
        )
        while group := list(islice(users, PAGE_SIZE)):
            yield Group(group, part.team)
        if reading.failure is not None:
            raise reading.failure
    yield Group(())  # so that there is an output even if there are no users
