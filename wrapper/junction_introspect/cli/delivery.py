"""Shows the users of a listing or a store, up to a limit."""

from __future__ import annotations

from itertools import groupby, islice
from typing import IO, TYPE_CHECKING, NamedTuple

from junction_introspect.cli.source import PAGE_SIZE
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS, rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from junction_introspect import HistoricalPull
    from junction_introspect.cli.notices import Notices
    from junction_introspect.cli.showing import Shown
    from junction_introspect.cli.source import Reading


class User(NamedTuple):
    """A user and the user's pulls that pass the filters."""

    user_id: UUID
    rows: Sequence[HistoricalPull]


def deliver(
    reading: Reading[HistoricalPull],
    shown: Shown[Sequence[User]],
    out: IO[str],
    notices: Notices,
    limit: int | None = None,
) -> None:
    """Show users until they end or the limit is reached: page by page, or team by team.

    However it ends, everything received before has been shown, including the totals.

    Args:
        reading: What to show.
        shown: Shows the users.
        out: Where it writes.
        notices: Draws the progress.
        limit: How many users to show at most; None for all.

    Raises:
        APIError: A page could not be fetched.
        OSError: The output cannot be written.
    """
    received = 0
    begun = half_written = complete = False
    try:
        for team, users in _listed(reading) if reading.teams is None else _stored(reading):
            notices.clear()
            half_written = True
            shown.add(users if limit is None else users[: limit - received], team)
            out.flush()
            begun, half_written = True, False
            received += len(users)
            if limit is not None and received >= limit:
                if received == limit:
                    reading.page_taken()
                break
        complete = True
    finally:
        notices.clear()
        # Nothing is written after half a page: it would look as if the page were complete.
        if begun and not half_written:
            shown.end(complete=complete)
            out.flush()


def _listed(reading: Reading[HistoricalPull]) -> Iterator[tuple[None, Sequence[User]]]:
    for page in reading.pages:
        users = [
            User(user.user_id, [*reading.filters.kept(HISTORICAL_PULLS, rows(user))])
            for user in page.data
        ]
        # A user without providers is shown, but not one whose pulls do not pass the filters.
        yield None, [user for user in users if user.rows or not reading.filters.narrow]


def _stored(reading: Reading[HistoricalPull]) -> Iterator[tuple[str | None, Sequence[User]]]:
    for part in reading.parts:
        users = (
            User(user_id, [*of]) for user_id, of in groupby(part.rows, lambda row: row.user_id)
        )
        while group := list(islice(users, PAGE_SIZE)):
            yield part.team, group
        if reading.failure is not None:
            raise reading.failure
    yield None, ()  # so that there is an output even if there are no users
