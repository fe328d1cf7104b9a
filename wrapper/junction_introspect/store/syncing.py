"""Syncs: write listings into a store, several pages at a time, and resume after an interruption."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Final, TypedDict, Unpack
from uuid import UUID

import anyio
import anyio.to_thread
import httpx
from attrs import define, evolve, frozen

from junction_api.models import Labs, Providers
from junction_introspect._http.addresses import is_loopback
from junction_introspect._paging.arguments import check_text
from junction_introspect._paging.listing import OnInvalid
from junction_introspect._paging.operation import Operation
from junction_introspect._paging.resuming import RESUME_WITHIN, Resumption
from junction_introspect.arrow import RecordBatch, record_batch, utc_now
from junction_introspect.async_client import AsyncJunction
from junction_introspect.client import Junction
from junction_introspect.errors import APIStatusError
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS
from junction_introspect.operations.listings import LISTINGS
from junction_introspect.pages import Page
from junction_introspect.store.records import Run
from junction_introspect.store.store import Store
from junction_introspect.tracking.states import in_utc

# Pages are held in memory until they have so many rows, or so many seconds have passed since the
# last commit: a transaction costs as much as several pages, and a kill loses what is held.
_ROWS: Final = 100_000
_SECONDS: Final = 0.9


@frozen
class Synced:
    """The result of a sync.

    Attributes:
        runs: The completed run: one `Run` for each operation, in the order of the listings.
        kinds: How many changes of each kind the run has seen in each operation, such as
            ``"pulls"``, including those before an interruption.
        resumed: Whether it resumed an interrupted run.
        restarted: Whether the server refused that run's cursor, so that a new run was started.
    """

    runs: Sequence[Run]
    kinds: Mapping[str, Mapping[str, int]]
    resumed: bool
    restarted: bool


class SyncOptions(TypedDict, total=False):
    """The options of `sync` and `sync_async`, for functions that pass them on."""

    team: str
    user_id: UUID | str | None
    provider: Providers | Labs | str | None
    user_limit: int
    prefetch: int
    on_invalid: OnInvalid | None
    on_commit: Callable[[Run], object] | None
    resume_within: timedelta
    now: Callable[[], datetime]
    clock: Callable[[], float]


@define(eq=False, slots=False)
class _Sync:
    """The decisions of a sync, without I/O to the API: what is listed next, and when to commit."""

    client: Junction | AsyncJunction
    store: Store
    operations: Sequence[Operation[Any, Any]]
    team: str = "default"
    user_id: UUID | str | None = None
    provider: str | None = None
    user_limit: int = 50
    prefetch: int = 1
    on_invalid: OnInvalid | None = None
    on_commit: Callable[[Run], object] | None = None
    resume_within: timedelta = RESUME_WITHIN
    now: Callable[[], datetime] = utc_now
    clock: Callable[[], float] = monotonic

    def __attrs_post_init__(self) -> None:
        check_text("team", self.team)
        filters = {
            "user_id": self.user_id,
            "provider": self.provider,
            "user_limit": self.user_limit,
        }
        self._arguments = {each.what: each.arguments(**filters) for each in self.operations}
        # With each page goes the run after it, so that an interrupt never parts the two.
        self._held: list[tuple[RecordBatch, Run]] = []
        self._users: set[str] = set()

    @contextmanager
    def running(self) -> Generator[None]:
        """Find the run to resume, or begin one, and keep out other syncs of the team."""
        with self.store.syncing(self.team):
            self._begin(self.resume_within)
            self._resumption = Resumption(resumed=any(run.pages for run in self._runs))
            self._committed_at = self.clock()
            yield

    def _begin(self, resume_within: timedelta) -> None:
        arguments = self._arguments[self.operations[0].what]
        self._runs = self.store.begin(
            self.team,
            self.operations,
            environment=_environment(self.client),
            at=self.now(),
            resume_within=resume_within,
            user_id=arguments["user_id"],
            provider=arguments["provider"],
        )

    @property
    def listed(self) -> Mapping[str, Any] | None:
        """The keyword arguments of the next listing; None after the last."""
        run = next(filter(_is_unfinished, self._runs), None)
        if run is None:
            return None
        return {
            "operation": LISTINGS[run.what],
            "arguments": self._arguments[run.what],
            "cursor": run.next_cursor,
            "prefetch": self.prefetch,
            "on_invalid": self.on_invalid,
        }

    def take(self, page: Page[Any]) -> None:
        """Hold a page, and commit what is held if it is time to."""
        operation, at = LISTINGS[self._run.what], in_utc(self.now())
        batch = record_batch(operation, page, at)
        users = set(batch.column(operation.key[0]).unique().to_pylist())
        if not users.isdisjoint(self._users):
            # Both states of a user who comes twice belong to the history.
            self.commit()
        self._users |= users
        self._held.append((batch, self._after(page, batch.num_rows, at)))
        self._resumption.accept()
        if (
            page.next_cursor is None
            or sum(each.num_rows for each, _ in self._held) >= _ROWS
            or self.clock() - self._committed_at >= _SECONDS
        ):
            self.commit()

    @property
    def _run(self) -> Run:
        """The run after the pages that are held."""
        return self._held[-1][1] if self._held else next(filter(_is_unfinished, self._runs))

    def _after(self, page: Page[Any], rows: int, at: datetime) -> Run:
        run = self._run
        return evolve(
            run,
            state="unfinished" if page.next_cursor else "complete",
            observed_at=at,
            ended_at=None if page.next_cursor else at,
            next_cursor=page.next_cursor,
            pages=run.pages + 1,
            users=run.users + len(page.data),
            rows=run.rows + rows,
            invalid=run.invalid + len(page.invalid),
        )

    def commit(self) -> None:
        """Commit the pages that are held."""
        if not self._held:
            return
        held, self._held, self._users = self._held, [], set()
        _, run = held[-1]
        self.store.commit(run, [batch for batch, _ in held])
        self._runs = [run if each.what == run.what else each for each in self._runs]
        self._committed_at = self.clock()
        if self.on_commit is not None:
            self.on_commit(run)

    def restart(self, error: APIStatusError) -> bool:
        """Start over if an error is the refusal of an earlier process's cursor; return whether."""
        if not self._resumption.restarts(error):
            return False
        self._begin(timedelta())  # gives up the run
        return True

    def result(self) -> Synced:
        """Return the result of a sync that is complete."""
        return Synced(
            tuple(self._runs),
            {run.what: self.store.kinds(run) for run in self._runs},
            self._resumption.resumed,
            self._resumption.restarted,
        )


def _is_unfinished(run: Run) -> bool:
    return run.state == "unfinished"


def _environment(client: Junction | AsyncJunction) -> str:
    """Return what tells apart the data that two clients list: the environment, or the address."""
    if client.environment is not None:
        return client.environment
    # The mock has another port each time.
    return "localhost" if is_loopback(httpx.URL(client.base_url).host) else client.base_url


def sync(
    junction: Junction,
    store: Store,
    operations: Sequence[Operation[Any, Any]] = (HISTORICAL_PULLS,),
    **options: Unpack[SyncOptions],
) -> Synced:
    """List into a store; resume an interrupted sync.

    Pages are committed together with the cursor that follows them, about once a second. However a
    sync ends, the next one with the same team, operations and filters resumes after the last
    committed page. A sync that ends by an exception commits first what it has received.

    When an operation is complete, rows that it did not find are recorded as vanished, provided that
    it had no filter and left out no invalid record. The server has no snapshots: a user whom
    shifting pages hid from one run vanishes, and appears again with the next.

    Args:
        junction: A client of the team.
        store: A store that is open for writing; several threads may sync several teams into it.
        operations: What to list, one after the other.
        **options: As follows.
        team: The team's name in the store, ``"default"`` by default. Only one sync of a team may
            run at a time.
        user_id: Only this user.
        provider: Only users of this provider or lab.
        user_limit: How many users a page may hold at most; 50 by default.
        prefetch: 1, the default, fetches the next page while this one is handled.
        on_invalid: Receives each record that cannot be decoded. Without it, such a page ends the
            sync with a `ResponseDecodeError`.
        on_commit: Called with the operation's run after each commit of one page or several.
        resume_within: How old the last page of an interrupted run may be; a day by default. An
            older run is given up, because its old and new pages would be too far apart in time.
            Zero always starts over.
        now: Returns the time, called when a page was received.
        clock: Returns seconds that never go back, to measure the time between commits.

    Returns:
        The run, and how many changes it has seen.

    Raises:
        APIError: A page could not be fetched.
        StoreEnvironmentError: The store has rows of the team from another environment.
        StoreLockedError: A sync of the team is already running.
        StoreWriteError: The store cannot be written.
        TypeError: An argument is of the wrong type.
        ValueError: ``user_id`` is not a UUID, ``user_limit`` is below 1, or a text is empty.
    """
    syncing = _Sync(junction, store, operations, **options)
    with syncing.running():
        while (listed := syncing.listed) is not None:
            listing = junction.listing(**listed)
            try:
                for page in listing.pages():
                    syncing.take(page)
            except APIStatusError as error:
                if not syncing.restart(error):
                    raise
            finally:
                syncing.commit()
        return syncing.result()


async def sync_async(
    junction: AsyncJunction,
    store: Store,
    operations: Sequence[Operation[Any, Any]] = (HISTORICAL_PULLS,),
    **options: Unpack[SyncOptions],
) -> Synced:
    """As `sync`, awaited. The store is written in a thread, which also calls `on_commit`."""
    syncing = _Sync(junction, store, operations, **options)
    with syncing.running():
        while (listed := syncing.listed) is not None:
            listing = junction.listing(**listed)
            try:
                async for page in listing.pages():
                    await anyio.to_thread.run_sync(syncing.take, page)
            except APIStatusError as error:
                if not syncing.restart(error):
                    raise
            finally:
                with anyio.CancelScope(shield=True):
                    await anyio.to_thread.run_sync(syncing.commit)
        return syncing.result()
