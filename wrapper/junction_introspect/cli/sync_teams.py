"""`sync --teams`: syncs every team of a file into one store, several at a time."""

from __future__ import annotations

import asyncio
import sys
import threading
from datetime import timedelta
from functools import partial
from typing import IO, TYPE_CHECKING, Any

import anyio
from attrs import field, frozen

from junction_introspect._http.drift import Drift
from junction_introspect._paging.resuming import RESUME_WITHIN
from junction_introspect._texts import counted
from junction_introspect.cli import config, exits, options, signals
from junction_introspect.cli.notices import Notices
from junction_introspect.errors import APIError
from junction_introspect.teams import current_team, read_teams, run_teams

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
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
class TeamsSync:
    """Syncs all teams of a file, and reports the result of each team as soon as it is known.

    Attributes:
        to: The store.
        operations: What to list.
        provider: Only users of this provider or lab.
        fresh: Whether to start over.
        jobs: How many teams to sync at a time.
        pace: The rate limits of all requests.
        mode: The store's permissions; None for the default of `Store.open`.
        verbose: Whether to report each retry.
    """

    to: Path
    operations: Sequence[Operation[Any, Any]]
    provider: Unrecognized | None
    fresh: bool
    jobs: int
    pace: Pace
    mode: int | None
    verbose: bool
    _notices: Notices = field(factory=lambda: TeamNotices(sys.stderr), init=False)
    # Shared by all teams, so that it is reported once.
    _drift: Drift = field(factory=Drift, init=False)
    _runs: dict[tuple[str, str], Run] = field(factory=dict[tuple[str, str], "Run"], init=False)

    def run(self, path: Path) -> int:
        """Sync the teams of a ``teams.toml``.

        Returns:
            The exit status: that of the first failed team in the file, if any.

        Raises:
            ConfigurationError: The file is not valid; nothing was sent.
            KeyboardInterrupt: Ctrl-C. Committed pages are in the store.
        """
        from junction_introspect.store import Store  # noqa: PLC0415 - an extra

        teams = read_teams(path)
        for team in teams:
            config.tell_exposed(team.key_file, self._notices, f"{team.name}: ")
        resumes = f"{options.same_command(fresh=self.fresh)} resumes"
        with (
            self._notices.of_retries(verbose=self.verbose),
            Store.open(self.to, mode=self.mode) as store,
        ):
            try:
                # A signal before `_run` or after it must not raise in the event loop either.
                with signals.current().calling(lambda: None):
                    outcomes = anyio.run(self._run, teams, store)
                signals.current().check()
            except (KeyboardInterrupt, asyncio.CancelledError):
                raise KeyboardInterrupt(f"interrupted; {resumes} the syncs") from None
            finally:
                self._notices.clear()
                self._notices.drifted(self._drift)
            failed = [outcome.team for outcome in outcomes if outcome.error is not None]
            done = len(outcomes) - len(failed)
            self._notices.tell(f"{done:,} of {counted(len(outcomes), 'team')} done")
            if failed:
                self._notices.tell(f"failed: {', '.join(failed)}; {resumes} them")
        return _status(outcomes)

    async def _run(self, teams: Sequence[Team], store: Store) -> list[Outcome[Synced]]:
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        assert task is not None  # noqa: S101 - asyncio runs this

        with signals.current().calling(lambda: loop.call_soon_threadsafe(task.cancel)):
            signals.current().check()
            return await run_teams(
                teams,
                partial(self._sync, store),
                jobs=self.jobs,
                pace=self.pace,
                on_outcome=self._told,
            )

    async def _sync(self, store: Store, team: Team, junction: AsyncJunction) -> Synced:
        from junction_introspect.store import sync_async  # noqa: PLC0415 - as in `run`

        junction.drift = self._drift
        return await sync_async(
            junction,
            store,
            self.operations,
            team=team.name,
            provider=self.provider,
            on_invalid=self._notices.left_out,
            on_commit=partial(self._drawn, team.name),
            resume_within=timedelta() if self.fresh else RESUME_WITHIN,
        )

    def _drawn(self, team: str, run: Run) -> None:
        self._runs[team, run.what] = run
        runs = list(self._runs.values())
        self._notices.progress(sum(run.users for run in runs), sum(run.pages for run in runs))

    def _told(self, outcome: Outcome[Synced]) -> None:
        error = outcome.error
        if isinstance(error, APIError):
            error.cursor = None  # kept by the store
        if outcome.result is not None:
            lines = [*lines_of(outcome.result)]
        elif isinstance(error, exits.HANDLED):
            lines = [f"failed: {exits.sentence(error)}"]
        else:
            lines = [f"failed: {type(error).__name__}"]
        for line in lines:
            self._notices.tell(f"{outcome.team}: {line}")


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


def lines_of(synced: Synced) -> Iterator[str]:
    """Yield the lines that tell the result of a sync."""
    if synced.restarted:
        yield "the server no longer knows the cursor of the interrupted sync: started over"
    begun = ", resumed" if synced.resumed else ""
    for run in synced.runs:
        noun = run.what.removesuffix("s")
        if run.invalid:
            yield f"no {noun} was recorded as vanished, because invalid records were left out"
        sizes = (
            f"{counted(run.users, 'user')}, {counted(run.rows, noun)}, {counted(run.pages, 'page')}"
        )
        changed = _changed(synced.kinds[run.what])
        yield f"run {run.run} of team {run.team}{begun}: {sizes}; {changed}"


def _changed(kinds: Mapping[str, int]) -> str:
    return ", ".join(f"{number:,} {kind}" for kind, number in kinds.items()) or "nothing changed"
