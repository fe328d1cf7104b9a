"""`sync --teams`: syncs every team of a file into one store, several at a time."""

from __future__ import annotations

import asyncio
import sys
import threading
from datetime import timedelta
from functools import partial
from typing import IO, TYPE_CHECKING, Any, TypeVar

import anyio

from junction_introspect._http.drift import Drift
from junction_introspect._paging.resuming import RESUME_WITHIN
from junction_introspect._texts import counted
from junction_introspect.cli import config, exits, options, signals
from junction_introspect.cli.notices import Notices
from junction_introspect.errors import APIError
from junction_introspect.teams import current_team, read_teams, run_teams

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence
    from pathlib import Path

    from junction_introspect import AsyncJunction, Operation, Unrecognized
    from junction_introspect.store import Run, Store, Synced
    from junction_introspect.teams import Outcome, Pace, Team

T = TypeVar("T")


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


def sync_teams(
    file: Path,
    to: Path,
    operations: Sequence[Operation[Any, Any]],
    *,
    provider: Unrecognized | None,
    fresh: bool,
    jobs: int,
    pace: Pace,
    mode: int | None,
    verbose: bool,
) -> int:
    """Sync all teams of a file, and report the result of each team as soon as it is known.

    Args:
        file: A ``teams.toml``.
        to: The store.
        operations: What to list.
        provider: Only users of this provider or lab.
        fresh: Whether to start over.
        jobs: How many teams to sync at a time.
        pace: The rate limits of all requests.
        mode: The store's permissions; None for the default of `Store.open`.
        verbose: Whether to report each retry.

    Returns:
        The exit status: that of the first failed team in the file, if any.

    Raises:
        ConfigurationError: The file is not valid; nothing was sent.
        KeyboardInterrupt: Ctrl-C. Committed pages are in the store.
    """
    from junction_introspect.store import Store, sync_async  # noqa: PLC0415 - an extra

    notices = TeamNotices(sys.stderr)
    drift = Drift()  # of all teams, so that it is reported once
    progress: dict[tuple[str, str], Run] = {}
    resumes = f"{options.same_command(fresh=fresh)} resumes"
    teams = read_teams(file)
    for team in teams:
        config.tell_exposed(team.key_file, notices, f"{team.name}: ")

    def draw(team: str, run: Run) -> None:
        progress[team, run.what] = run
        runs = list(progress.values())
        notices.progress(sum(run.users for run in runs), sum(run.pages for run in runs))

    async def sync(store: Store, team: Team, junction: AsyncJunction) -> Synced:
        junction.drift = drift
        return await sync_async(
            junction,
            store,
            operations,
            team=team.name,
            provider=provider,
            on_invalid=notices.left_out,
            on_commit=partial(draw, team.name),
            resume_within=timedelta() if fresh else RESUME_WITHIN,
        )

    def tell(outcome: Outcome[Synced]) -> None:
        for line in _lines(outcome):
            notices.tell(f"{outcome.team}: {line}")

    with notices.of_retries(verbose=verbose), Store.open(to, mode=mode) as store:
        try:
            work = partial(sync, store)
            outcomes = _run(partial(run_teams, teams, work, jobs=jobs, pace=pace, on_outcome=tell))
        except (KeyboardInterrupt, asyncio.CancelledError):
            raise KeyboardInterrupt(f"interrupted; {resumes} the syncs") from None
        finally:
            notices.clear()
            notices.drifted(drift)
        failed = [outcome.team for outcome in outcomes if outcome.error is not None]
        done = len(outcomes) - len(failed)
        notices.tell(f"{done:,} of {counted(len(outcomes), 'team')} done")
        if failed:
            notices.tell(f"failed: {', '.join(failed)}; {resumes} them")
    return _status(outcomes)


def _run(work: Callable[[], Awaitable[T]]) -> T:
    """Run work in an event loop, in which a signal cancels it instead of raising."""

    async def run() -> T:
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        assert task is not None  # noqa: S101 - asyncio runs this
        with signals.current().calling(lambda: loop.call_soon_threadsafe(task.cancel)):
            signals.current().check()
            return await work()

    # A signal before `run` or after it must not raise in the event loop either.
    with signals.current().calling(lambda: None):
        result = anyio.run(run)
    signals.current().check()
    return result


def _lines(outcome: Outcome[Synced]) -> Iterator[str]:
    error = outcome.error
    if isinstance(error, APIError):
        error.cursor = None  # kept by the store
    if outcome.result is not None:
        yield from lines_of(outcome.result)
    elif isinstance(error, exits.HANDLED):
        yield f"failed: {exits.sentence(error)}"
    else:
        yield f"failed: {type(error).__name__}"


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
        changed = ", ".join(f"{number:,} {kind}" for kind, number in synced.kinds[run.what].items())
        yield f"run {run.run} of team {run.team}{begun}: {sizes}; {changed or 'nothing changed'}"
