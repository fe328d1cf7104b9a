"""`sync --teams`: every team of a file brought into one store, some at a time."""

from __future__ import annotations

import asyncio
import sys
import threading
from datetime import timedelta
from functools import partial
from typing import IO, TYPE_CHECKING

import anyio
from attrs import frozen
from stamina import instrumentation

from junction_introspect._http.drift import Drift
from junction_introspect._paging.resuming import RESUME_WITHIN
from junction_introspect.cli import exits, signals
from junction_introspect.cli.notices import Notices
from junction_introspect.cli.plain_text import counted
from junction_introspect.errors import APIError
from junction_introspect.teams import current_team, is_exposed, read_teams, run_teams

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from junction_introspect import AsyncJunction, InvalidRecord, Unrecognized
    from junction_introspect.store import Run, Store, Synced
    from junction_introspect.teams import Outcome, Pace, Team


class TeamNotices(Notices):
    """Notices that begin with the team that is being worked for. Safe to share between threads."""

    def __init__(self, err: IO[str] | None) -> None:
        super().__init__(err)
        self._lock = threading.RLock()

    def tell(self, message: str) -> None:
        """Write a line."""
        team = current_team.get()
        with self._lock:
            super().tell(message if team is None else f"{team}: {message}")

    def progress(self, users: int, pages: int) -> None:
        """Draw how far all teams have got."""
        with self._lock:
            super().progress(users, pages)


@frozen(kw_only=True)
class Options:
    """What applies to every team.

    Attributes:
        provider: Users of that provider or lab alone.
        fresh: Begin anew.
        jobs: How many teams at a time.
        pace: What all requests keep to.
        mode: Who may read and write the store; None as `Store.open` has it.
        verbose: Tell of each retry.
    """

    provider: Unrecognized | None
    fresh: bool
    jobs: int
    pace: Pace
    mode: int | None
    verbose: bool


def sync_teams(
    teams: Path, to: Path, options: Options, lines: Callable[[Synced], Iterable[str]]
) -> int:
    """Sync all teams of a file; what becomes of each is told when it is known.

    Args:
        teams: A ``teams.toml``.
        to: The store.
        options: What applies to every team.
        lines: Renders what a sync has done.

    Returns:
        The exit status: that of the first team in the file that failed, if one did.

    Raises:
        ConfigurationError: The file is not as it should be; nothing was sent.
        KeyboardInterrupt: Ctrl-C. What was committed is in the store.
    """
    from junction_introspect.store import Store  # noqa: PLC0415 - an extra, which `sync` checks

    notices = TeamNotices(sys.stderr)
    listed = read_teams(teams)
    for team in listed:
        if team.key_file is not None and is_exposed(team.key_file):
            notices.tell(f"{team.name}: everybody on this machine may read {team.key_file}")
    if options.verbose:
        instrumentation.set_on_retry_hooks([notices.retry])
    with Store.open(to, mode=options.mode) as store:
        syncing = _Syncing(store, notices, options, lines)
        outcomes = syncing.run(listed)
    return _status(outcomes)


class _Syncing:
    def __init__(
        self,
        store: Store,
        notices: Notices,
        options: Options,
        lines: Callable[[Synced], Iterable[str]],
    ) -> None:
        self._store, self._notices, self._options, self._lines = store, notices, options, lines
        self._drift = Drift()
        self._runs: dict[str, Run] = {}

    def run(self, teams: Sequence[Team]) -> list[Outcome[Synced]]:
        try:
            outcomes = anyio.run(self._run, teams)
        except (KeyboardInterrupt, asyncio.CancelledError):
            raise KeyboardInterrupt(
                "interrupted; the same command goes on with the syncs"
            ) from None
        finally:
            self._notices.clear()
            if self._drift:
                self._notices.tell(f"{self._drift}; regenerate from a newer specification")
        for line in _summary(outcomes):
            self._notices.tell(line)
        return outcomes

    async def _run(self, teams: Sequence[Team]) -> list[Outcome[Synced]]:
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        assert task is not None  # noqa: S101 - this is asyncio's

        with signals.current().calling(lambda: loop.call_soon_threadsafe(task.cancel)):
            return await run_teams(
                teams,
                self._sync,
                jobs=self._options.jobs,
                pace=self._options.pace,
                on_outcome=self._told,
            )

    async def _sync(self, team: Team, junction: AsyncJunction) -> Synced:
        from junction_introspect.store import sync_async  # noqa: PLC0415 - as in `sync_teams`

        junction.drift = self._drift  # one for all, to be told once
        return await sync_async(
            junction,
            self._store,
            team=team.name,
            provider=self._options.provider,
            on_invalid=self._on_invalid,
            on_page=partial(self._drawn, team.name),
            resume_within=timedelta() if self._options.fresh else RESUME_WITHIN,
        )

    def _on_invalid(self, record: InvalidRecord) -> None:
        self._notices.tell(f"left out an invalid record: {record.reason} at {record.path}")

    def _drawn(self, team: str, run: Run) -> None:
        self._runs[team] = run
        runs = list(self._runs.values())
        self._notices.progress(sum(run.users for run in runs), sum(run.pages for run in runs))

    def _told(self, outcome: Outcome[Synced]) -> None:
        error = outcome.error
        if outcome.result is not None:
            for line in self._lines(outcome.result):
                self._notices.tell(f"{outcome.team}: {line}")
        elif isinstance(error, exits.HANDLED):
            if isinstance(error, APIError):
                error.cursor = None  # nobody has to keep it
            self._notices.tell(f"{outcome.team}: failed: {exits.sentence(error)}")
        else:
            self._notices.tell(f"{outcome.team}: failed: {type(error).__name__}")


def _summary(outcomes: Sequence[Outcome[Synced]]) -> Iterable[str]:
    failed = [outcome.team for outcome in outcomes if outcome.error is not None]
    done = len(outcomes) - len(failed)
    yield f"{done:,} of {counted(len(outcomes), 'team')} done"
    if failed:
        yield f"failed: {', '.join(failed)}; the same command goes on with them"


def _status(outcomes: Sequence[Outcome[Synced]]) -> int:
    for outcome in outcomes:
        if isinstance(outcome.error, exits.HANDLED):
            return exits.status_of(outcome.error)
        if outcome.error is not None:
            raise outcome.error  # which nobody foresaw
    invalid = any(outcome.result and outcome.result.run.invalid for outcome in outcomes)
    return exits.BROKEN_RESPONSE if invalid else exits.DONE
