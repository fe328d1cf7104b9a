"""Syncs: a listing brought into a store, page by page, from where the last one was broken off."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import anyio.to_thread
from attrs import frozen

from junction_api.models import Labs, Providers
from junction_introspect._paging.listing import OnInvalid
from junction_introspect._paging.operation import Arguments
from junction_introspect._paging.resuming import RESUME_WITHIN, is_refusal
from junction_introspect.arrow import utc_now
from junction_introspect.async_client import AsyncJunction
from junction_introspect.client import Junction
from junction_introspect.errors import APIStatusError
from junction_introspect.operations import historical_pulls
from junction_introspect.pages import Page
from junction_introspect.store.records import Run
from junction_introspect.store.store import Store


@frozen
class Synced:
    """What a sync has done.

    Attributes:
        run: The run, complete.
        kinds: How many changes of each kind the run has seen, what came before an interruption
            included.
        resumed: Whether it went on with a run that had been interrupted.
        restarted: Whether the server refused that run's cursor, so that another was begun.
    """

    run: Run
    kinds: Mapping[str, int]
    resumed: bool
    restarted: bool


class _Sync:
    """A sync without the listing: which page is asked for next, and what becomes of it."""

    def __init__(
        self,
        store: Store,
        listed: Arguments,
        *,
        team: str,
        resume_within: timedelta,
        now: Callable[[], datetime],
        on_page: Callable[[Run], object] | None,
    ) -> None:
        self._store, self._arguments, self._team = store, listed, team
        self._now, self._on_page = now, on_page
        self._run = self._begin(resume_within)
        self._resumed = self._untried = self._run.pages > 0
        self._restarted = False

    def _begin(self, resume_within: timedelta) -> Run:
        return self._store.begin(
            self._team,
            at=self._now(),
            resume_within=resume_within,
            user_id=self._arguments["user_id"],
            provider=self._arguments["provider"],
        )

    @property
    def listed(self) -> Mapping[str, Any]:
        """What to list."""
        return {
            "operation": self._store.operation,
            "arguments": self._arguments,
            "cursor": self._run.next_cursor,
        }

    def take(self, page: Page[Any]) -> None:
        self._run = self._store.commit(self._run, page, self._now())
        self._untried = False
        if self._on_page is not None:
            self._on_page(self._run)

    def restart(self, error: APIStatusError) -> bool:
        """Begin anew where the cursor of an earlier process was refused; tell whether it was."""
        if not (self._untried and is_refusal(error)):
            return False
        self._store.abandon(self._run, self._now())
        self._run = self._begin(timedelta(0))
        self._untried = self._resumed = False
        self._restarted = True
        return True

    @property
    def done(self) -> bool:
        return self._run.state == "complete"

    def result(self) -> Synced:
        return Synced(self._run, self._store.kinds(self._run), self._resumed, self._restarted)


def sync(
    junction: Junction,
    store: Store,
    *,
    team: str = "default",
    user_id: UUID | str | None = None,
    provider: Providers | Labs | None = None,
    user_limit: int = 50,
    prefetch: int = 1,
    on_invalid: OnInvalid | None = None,
    on_page: Callable[[Run], object] | None = None,
    resume_within: timedelta = RESUME_WITHIN,
    now: Callable[[], datetime] = utc_now,
) -> Synced:
    """List how backfills went into a store, from where an interrupted sync was.

    Each page is committed with the cursor that follows it. Whatever ends a sync, the next one of
    the same team and filters goes on after the last page that was committed.

    What a run has not met is taken for gone when it is over, if it was one over everybody and left
    out no invalid record. There is no snapshot of the server's: a user that shifting pages hid from
    one run vanishes, and appears again with the next.

    Args:
        junction: A client of the team.
        store: Open for writing; several threads may sync several teams into it.
        team: Whose pulls they are. One sync of a team at a time.
        user_id: That user alone.
        provider: Users of that provider or lab alone.
        user_limit: How many users a page may hold at most.
        prefetch: 1 fetches the next page while this one is committed.
        on_invalid: Receives each record that cannot be decoded. Without it, such a page ends the
            sync with a `ResponseDecodeError`.
        on_page: Called with the run after each page that was committed.
        resume_within: How old the last page of an interrupted run may be. An older run is given up,
            since what it saw and what it is yet to see would be too far apart; a zero begins anew
            always.
        now: Tells when a page was received.

    Returns:
        The run, and what it has seen to change.

    Raises:
        APIError: A page could not be had.
        StoreLockedError: A sync of that team is under way.
        StoreWriteError: The store cannot be written.
        TypeError: An argument is of the wrong type.
        ValueError: ``user_id`` is no UUID, ``user_limit`` is below 1, or a text is empty.
    """
    listed = historical_pulls.arguments(user_id=user_id, provider=provider, user_limit=user_limit)
    with store.syncing(team):
        syncing = _Sync(
            store, listed, team=team, resume_within=resume_within, now=now, on_page=on_page
        )
        while not syncing.done:
            listing = junction.listing(**syncing.listed, prefetch=prefetch, on_invalid=on_invalid)
            try:
                for page in listing.pages():
                    syncing.take(page)
            except APIStatusError as error:
                if not syncing.restart(error):
                    raise
        return syncing.result()


async def sync_async(
    junction: AsyncJunction,
    store: Store,
    *,
    team: str = "default",
    user_id: UUID | str | None = None,
    provider: Providers | Labs | None = None,
    user_limit: int = 50,
    prefetch: int = 1,
    on_invalid: OnInvalid | None = None,
    on_page: Callable[[Run], object] | None = None,
    resume_within: timedelta = RESUME_WITHIN,
    now: Callable[[], datetime] = utc_now,
) -> Synced:
    """As `sync`, awaited. The store is written in a thread, which also calls `on_page`."""
    listed = historical_pulls.arguments(user_id=user_id, provider=provider, user_limit=user_limit)
    with store.syncing(team):
        syncing = _Sync(
            store, listed, team=team, resume_within=resume_within, now=now, on_page=on_page
        )
        while not syncing.done:
            listing = junction.listing(**syncing.listed, prefetch=prefetch, on_invalid=on_invalid)
            try:
                async for page in listing.pages():
                    await anyio.to_thread.run_sync(syncing.take, page)
            except APIStatusError as error:
                if not syncing.restart(error):
                    raise
        return syncing.result()
