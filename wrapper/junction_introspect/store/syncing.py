"""Syncs: write a listing into a store page by page, and resume after an interruption."""

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
from junction_introspect._paging.resuming import RESUME_WITHIN, Resumption
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
    """The result of a sync.

    Attributes:
        run: The completed run.
        kinds: How many changes of each kind the run has seen, including those before an
            interruption.
        resumed: Whether it resumed an interrupted run.
        restarted: Whether the server refused that run's cursor, so that a new run was started.
    """

    run: Run
    kinds: Mapping[str, int]
    resumed: bool
    restarted: bool


class _Sync:
    """The decisions of a sync, without I/O to the API: which page is next, and what to commit."""

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
        self._resumption = Resumption(resumed=self._run.pages > 0)

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
        """The keyword arguments of the next listing."""
        return {
            "operation": self._store.operation,
            "arguments": self._arguments,
            "cursor": self._run.next_cursor,
        }

    def take(self, page: Page[Any]) -> None:
        self._run = self._store.commit(self._run, page, self._now())
        self._resumption.accept()
        if self._on_page is not None:
            self._on_page(self._run)

    def restart(self, error: APIStatusError) -> bool:
        """Start over if an error is the refusal of an earlier process's cursor; return whether."""
        if not self._resumption.restarts(error):
            return False
        self._store.abandon(self._run, self._now())
        self._run = self._begin(timedelta(0))
        return True

    @property
    def done(self) -> bool:
        return self._run.state == "complete"

    def result(self) -> Synced:
        resumption = self._resumption
        return Synced(
            self._run,
            self._store.kinds(self._run),
            resumption.resumed,
            resumption.restarted,
        )


def sync(
    junction: Junction,
    store: Store,
    *,
    team: str = "default",
    user_id: UUID | str | None = None,
    provider: Providers | Labs | str | None = None,
    user_limit: int = 50,
    prefetch: int = 1,
    on_invalid: OnInvalid | None = None,
    on_page: Callable[[Run], object] | None = None,
    resume_within: timedelta = RESUME_WITHIN,
    now: Callable[[], datetime] = utc_now,
) -> Synced:
    """List backfills into a store; resume an interrupted sync.

    Each page is committed with the cursor that follows it. However a sync ends, the next one with
    the same team and filters resumes after the last committed page.

    When a run is complete, pulls that it did not find are recorded as vanished, provided that it
    had no filter and left out no invalid record. The server has no snapshots: a user whom shifting
    pages hid from one run vanishes, and appears again with the next.

    Args:
        junction: A client of the team.
        store: A store that is open for writing; several threads may sync several teams into it.
        team: The team whose pulls these are. Only one sync of a team may run at a time.
        user_id: Only this user.
        provider: Only users of this provider or lab.
        user_limit: How many users a page may hold at most.
        prefetch: 1 fetches the next page while this one is committed.
        on_invalid: Receives each record that cannot be decoded. Without it, such a page ends the
            sync with a `ResponseDecodeError`.
        on_page: Called with the run after each committed page.
        resume_within: How old the last page of an interrupted run may be. An older run is given up,
            because its old and new pages would be too far apart in time. Zero always starts over.
        now: Returns the time, called when a page was received.

    Returns:
        The run, and how many changes it has seen.

    Raises:
        APIError: A page could not be fetched.
        StoreLockedError: A sync of the team is already running.
        StoreWriteError: The store cannot be written.
        TypeError: An argument is of the wrong type.
        ValueError: ``user_id`` is not a UUID, ``user_limit`` is below 1, or a text is empty.
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
    provider: Providers | Labs | str | None = None,
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
