"""`sync --teams`: syncs every team of a file into one store, several at a time."""

from __future__ import annotations

import asyncio
import sys
import threading
from datetime import timedelta
from functools import partial
from typing import IO, TYPE_CHECKING, Any

import anyio
from attrs import frozen

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

    from junction_introspect import AsyncJunction, Operation, Unrecognized
    from junction_introspect.store import Run, Store, Synced
    from junction_introspect.teams import Outcome, Pace, Team


class TeamNotices(Notices):
    """Notices that begin with the current team's name. Safe to share between threads."""

    def __init__(self, err: IO[str] | None) -> None:
        super().__init__(err)
        self._lock = threading.RLock()

    def tell(self, message: str) -> None:
        """Write a message as one line."""
        team = current_team.get()
        with self._lock:
            super().tell(message if team is None else f"{team}: {message}")

    def progress(self, users: int, pages: int) -> None:
        """Draw how far all teams have got."""
        with self._lock:
            super().progress(users, pages)


@frozen(kw_only=True)
class Options:
    """Options that apply to every team.

    Attributes:
        operations: What to list.
        provider: Only users of this provider or lab.
        fresh: Whether to start over.
        jobs: How many teams to sync at a time.
        pace: The rate limits of all requests.
        mode: The store's permissions; None for the default of `Store.open`.
        verbose: Whether to report each retry.
    """

    operations: Sequence[Operation[Any, Any]]
    provider: Unrecognized | None
    fresh: bool
    jobs: int
    pace: Pace
    mode: int | None
    verbose: bool


def sync_teams(
    teams: Path, to: Path, options: Options, lines: Callable[[Synced], Iterable[str]]
) -> int:
    """Sync all teams of a file, and report the result of each team as soon as it is known.

    Args:
        teams: The path of a ``teams.toml``.
        to: The store.
        options: Options that apply to every team.
        lines: Renders the result of a sync.

    Returns:
        The exit status: that of the first failed team in the file, if any.

    Raises:
        ConfigurationError: The file is not valid; nothing was sent.
        KeyboardInterrupt: Ctrl-C. Committed pages are in the store.
    """
    from junction_introspect.store import Store  # noqa: PLC0415 - an extra, which `sync` checks

    notices = TeamNotices(sys.stderr)
    listed = read_teams(teams)
    for team in listed:
        if team.key_file is not None and is_exposed(team.key_file):
            notices.tell(f"{team.name}: everybody on this machine can read {team.key_file}")
    with (
        notices.of_retries(verbose=options.verbose),
        Store.open(to, mode=options.mode) as store,
    ):
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
        self._runs: dict[tuple[str, str], Run] = {}

    def run(self, teams: Sequence[Team]) -> list[Outcome[Synced]]:
        try:
            outcomes = anyio.run(self._run, teams)
        except (KeyboardInterrupt, asyncio.CancelledError):
            raise KeyboardInterrupt("interrupted; the same command resumes the syncs") from None
        finally:
            self._notices.clear()
            if self._drift:
                self._notices.tell(f"{self._drift}; regenerate from a newer specification")
        for line in _summary(outcomes):
            self._notices.tell(line)
        return outcomes

    async def _run(self, teams: Sequence[Team]) -> list[Outcome[Synced]]:
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        assert task is not None  # noqa: S101 - asyncio runs this

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

        junction.drift = self._drift  # shared by all teams, so that it is reported once
        return await sync_async(
            junction,
            self._store,
            self._options.operations,
            team=team.name,
            provider=self._options.provider,
            on_invalid=self._notices.left_out,
            on_commit=partial(self._drawn, team.name),
            resume_within=timedelta() if self._options.fresh else RESUME_WITHIN,
        )

    def _drawn(self, team: str, run: Run) -> None:
        self._runs[team, run.what] = run
        runs = list(self._runs.values())
        self._notices.progress(sum(run.users for run in runs), sum(run.pages for run in runs))

    def _told(self, outcome: Outcome[Synced]) -> None:
        error = outcome.error
        if outcome.result is not None:
            for line in self._lines(outcome.result):
                self._notices.tell(f"{outcome.team}: {line}")
        elif isinstance(error, exits.HANDLED):
            if isinstance(error, APIError):
                error.cursor = None  # kept by the store
            self._notices.tell(f"{outcome.team}: failed: {exits.sentence(error)}")
        else:
            self._notices.tell(f"{outcome.team}: failed: {type(error).__name__}")


def _summary(outcomes: Sequence[Outcome[Synced]]) -> Iterable[str]:
    failed = [outcome.team for outcome in outcomes if outcome.error is not None]
    done = len(outcomes) - len(failed)
    yield f"{done:,} of {counted(len(outcomes), 'team')} done"
    if failed:
        yield f"failed: {', '.join(failed)}; the same command resumes them"


def _status(outcomes: Sequence[Outcome[Synced]]) -> int:
    for outcome in outcomes:
        if isinstance(outcome.error, exits.HANDLED):
            return exits.status_of(outcome.error)
        if outcome.error is not None:
            raise outcome.error  # an unforeseen error
    invalid = any(
        run.invalid for outcome in outcomes if outcome.result for run in outcome.result.runs
    )
    return exits.BROKEN_RESPONSE if invalid else exits.DONE
