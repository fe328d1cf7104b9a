"""Passes users to a writer, up to a limit."""

from __future__ import annotations

from itertools import groupby, islice
from typing import TYPE_CHECKING, NamedTuple, Protocol

from junction_introspect.cli.source import PAGE_SIZE
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS, rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from junction_introspect import HistoricalPull
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
    """

    users: Sequence[User]
    team: str | None = None


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

    def deliver(self, reading: Reading[HistoricalPull]) -> None:
        """Show users until they end or the limit is reached: page by page, or team by team.

        However it ends, everything received before has been shown, including the totals.

        Raises:
            APIError: A page could not be fetched.
            OSError: The output cannot be written.
        """
        complete = False
        try:
            for group in _listed(reading) if reading.teams is None else _stored(reading):
                whole = self._show(group)
                if self._limit is not None and self._users >= self._limit:
                    if whole:
                        reading.page_taken()
                    break
            complete = True
        finally:
            self._notices.clear()
            if self._groups and self._whole:
                self._writer.end(complete=complete)

    def _show(self, group: Group) -> bool:
        """Show users up to the limit; return whether these were all of the group."""
        left = None if self._limit is None else self._limit - self._users
        users = group.users[:left]
        whole = len(users) == len(group.users)
        group = group._replace(users=users)
        self._notices.clear()
        # Nothing is written after half a page: it would look as if the page were complete.
        self._whole = False
        self._writer.group(group)
        self._whole = True
        self._users += len(users)
        self._groups += 1
        return whole


def _listed(reading: Reading[HistoricalPull]) -> Iterator[Group]:
    for page in reading.pages:
        users = [
            User(user.user_id, [*reading.filters.kept(HISTORICAL_PULLS, rows(user))])
            for user in page.data
        ]
        # A user without providers is shown, but not one whose pulls do not pass the filters.
        yield Group([user for user in users if user.rows or not reading.filters.narrow])


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
