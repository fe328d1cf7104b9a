"""`sweep`: lists each team in a task of its own, in this process or on a Dask cluster."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from os import PathLike
from typing import TYPE_CHECKING, Any, Final

import anyio
from anyio.from_thread import start_blocking_portal

from junction_api.models import Labs, Providers
from junction_introspect._paging.resuming import RESUME_WITHIN
from junction_introspect.arrow import utc_now
from junction_introspect.errors import ExportReadError, ExportWriteError, JunctionError
from junction_introspect.export.destination import Destination
from junction_introspect.export.engine import ROWS_PER_PART, Exported
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS
from junction_introspect.sweep.writing import Sweep
from junction_introspect.teams.pacing import Pace
from junction_introspect.teams.running import JOBS, Outcome, run_team, run_teams
from junction_introspect.teams.team import Team

if TYPE_CHECKING:
    from distributed import Client
else:
    Client = Any  # takes a second to import, and a sweep in one process does not need it

# The destination may be back a moment later.
_PASSING: Final = (ExportReadError, ExportWriteError)


def sweep(
    teams: Sequence[Team],
    destination: str | PathLike[str],
    *,
    client: Client | None = None,
    what: str = HISTORICAL_PULLS.what,
    provider: Providers | Labs | str | None = None,
    user_limit: int = 50,
    rows_per_part: int = ROWS_PER_PART,
    verify: bool = False,
    jobs: int = JOBS,
    requests_per_second: float | None = None,
    retries: int = 2,
    resume_within: timedelta = RESUME_WITHIN,
    storage_options: Mapping[str, Any] | None = None,
    on_outcome: Callable[[Outcome[Exported]], object] | None = None,
    now: Callable[[], datetime] = utc_now,
) -> list[Outcome[Exported]]:
    """List every team into Parquet parts, with one task per team; resume interrupted teams.

    A team that is complete is left unchanged, so calling this again does only what is left. Use
    another destination for another sweep. A team that fails does not stop the others.

    Args:
        teams: The teams. Workers read the keys themselves; no key is sent to them.
        destination: A directory or prefix that all workers can reach, as a path or URL for fsspec.
        client: A client of a Dask cluster, not an asynchronous one. Without it, everything runs in
            this process.
        what: What to list: ``"pulls"`` or ``"resources"``.
        provider: Only users of this provider or lab.
        user_limit: How many users a page may hold at most.
        rows_per_part: How many rows a part has at least, except the last part. They are held in
            memory.
        verify: Whether to read every part of complete and interrupted teams. By default, a part in
            an object store is not read if its size and its tag are as they were.
        jobs: How many teams to list at a time without a Dask client. With one, the number of its
            workers' threads decides.
        requests_per_second: How many requests per second each process may send to one address.
        retries: How often Dask repeats a task that could not read or write the destination, or that
            ended with an error other than `JunctionError`. If a worker dies, its tasks are always
            repeated elsewhere.
        resume_within: How old the last page of an interrupted attempt may be for it to be resumed.
        storage_options: For fsspec; they are sent to the workers.
        on_outcome: Called with each outcome as it comes; without a Dask client in another thread.
            Must not raise.
        now: Returns the time, called when a page was received. It is sent to the workers.

    Returns:
        The outcomes, in the order of the teams; the rows stay at the destination.

    Raises:
        ValueError: A number is out of bounds, or two teams have the same name,
            apart from upper and lower case.
    """
    # Two that differ only in case would share a folder on Windows and macOS.
    if len({team.name.casefold() for team in teams}) < len(teams):
        raise ValueError("two teams have the same name, apart from upper and lower case")
    work = Sweep(
        destination=Destination(destination, storage_options),
        what=what,
        provider=provider,
        user_limit=user_limit,
        rows_per_part=rows_per_part,
        verify=verify,
        resume_within=resume_within,
        now=now,
    )
    if client is None:
        pace = Pace(requests_per_second)
        run = functools.partial(run_teams, jobs=jobs, pace=pace, on_outcome=on_outcome)
        # In a thread of its own: this one may have an event loop, as in a notebook.
        with start_blocking_portal() as portal:
            return portal.call(run, teams, work.write)
    task = functools.partial(sweep_team, work=work, requests_per_second=requests_per_second)
    return _on_cluster(client, teams, task, retries, on_outcome)


def sweep_team(team: Team, work: Sweep, requests_per_second: float | None) -> Outcome[Exported]:
    """Sweep one team in this thread; the function of a Dask task.

    Raises:
        Exception: An error that is not a `JunctionError`, or one of the destination; repeating
            the task may help.
    """
    pace = _pace(requests_per_second)
    run = functools.partial(run_team, pace=pace)
    outcome: Outcome[Exported] = anyio.run(run, team, work.write)
    if outcome.error is not None:
        if isinstance(outcome.error, _PASSING) or not isinstance(outcome.error, JunctionError):
            raise outcome.error
        # The result must not hold users' data, so an error's page is removed.
        if getattr(outcome.error, "page", None) is not None:
            setattr(outcome.error, "page", None)  # noqa: B010 - not every error has one
    return outcome


_PACES: dict[float | None, Pace] = {}


def _pace(requests_per_second: float | None) -> Pace:
    """Return the rate limits that all tasks of a worker process share."""
    return _PACES.setdefault(requests_per_second, Pace(requests_per_second))


def _on_cluster(
    client: Client,
    teams: Sequence[Team],
    task: Callable[[Team], Outcome[Exported]],
    retries: int,
    on_outcome: Callable[[Outcome[Exported]], object] | None,
) -> list[Outcome[Exported]]:
    import distributed  # noqa: PLC0415 - not needed on one machine

    if client.asynchronous:
        raise TypeError("sweep takes a Dask client that is not asynchronous")
    dask: Any = client
    as_completed: Any = distributed.as_completed
    futures: list[Any] = dask.map(task, teams, retries=retries, pure=False)
    names = {future.key: team.name for future, team in zip(futures, teams, strict=True)}
    outcomes: dict[str, Outcome[Exported]] = {}
    try:
        for future in as_completed(futures):
            outcome = outcomes[future.key] = _outcome(future, names[future.key])
            future.release()
            if on_outcome is not None:
                on_outcome(outcome)
    except BaseException:
        dask.cancel(futures)
        raise
    return [outcomes[key] for key in names]


def _outcome(future: Any, team: str) -> Outcome[Exported]:
    try:
        outcome: Outcome[Exported] = future.result()
    except Exception as error:  # noqa: BLE001 - an error of a worker, or Dask's about a dead worker
        return Outcome(team, error=error.with_traceback(None))
    return outcome
