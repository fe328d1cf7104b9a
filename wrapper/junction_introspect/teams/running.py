"""Runs work for each team, several at a time. Each team gets its own `Outcome`."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from functools import partial
from typing import Any, Generic, TypeAlias, TypeVar

import anyio
from attrs import frozen

from junction_introspect.async_client import AsyncJunction
from junction_introspect.errors import JunctionError
from junction_introspect.teams.keys import open_client
from junction_introspect.teams.pacing import DEADLINE, Pace
from junction_introspect.teams.team import Team

T = TypeVar("T")

Work: TypeAlias = Callable[[Team, AsyncJunction], Awaitable[T]]

_logger = logging.getLogger("junction_introspect")

# Enough to keep a machine busy, and few because the API promises no rate.
JOBS = 4

#: The name of the team that the current code works for; retry hooks, for example, can read it.
current_team: ContextVar[str | None] = ContextVar("current_team", default=None)


@frozen
class Outcome(Generic[T]):
    """The result or the error of the work for a team.

    Attributes:
        team: The team's name.
        result: What the work returned; None if it failed.
        error: The exception that the work raised, or None.
    """

    team: str
    result: T | None = None
    error: Exception | None = None


async def run_team(team: Team, work: Work[T], *, pace: Pace, **options: Any) -> Outcome[T]:
    """Run the work for one team. Raises nothing but cancellations.

    An exception becomes the outcome's ``error``. One that is neither a `JunctionError` nor an
    `OSError` is a defect, so its traceback is logged as well.

    Args:
        team: The team. Its key is read now.
        work: Called with the team and a client for it, which is closed when the work is done.
        pace: The pace of the client's requests.
        options: Further options of `AsyncJunction`.
    """
    token = current_team.set(team.name)
    try:
        hooks = pace.hooks(options.get("deadline", DEADLINE))
        async with open_client(team, **hooks, **options) as junction:
            return Outcome(team.name, await work(team, junction))
    except Exception as error:
        if isinstance(error, JunctionError | OSError):
            # The traceback's frames would keep pages and connections alive as long as the outcome.
            error = error.with_traceback(None)
        else:
            _logger.exception("the work for team %s failed", team.name)
        return Outcome(team.name, error=error)
    finally:
        current_team.reset(token)


async def run_teams(
    teams: Sequence[Team],
    work: Work[T],
    *,
    jobs: int = JOBS,
    pace: Pace | None = None,
    on_outcome: Callable[[Outcome[T]], object] | None = None,
    **options: Any,
) -> list[Outcome[T]]:
    """Run the work for every team, in one process, on asyncio or trio.

    Cancelling it, for example by Ctrl-C, cancels the work of all teams.

    Args:
        teams: The teams.
        work: As in `run_team`.
        jobs: The maximum number of teams at a time.
        pace: The pace of all requests; by default one budget per address, without a maximum rate.
        on_outcome: Called with each outcome when it is known. Must not raise.
        options: Further options of `AsyncJunction`.

    Returns:
        The outcomes, in the order of the teams.

    Raises:
        ValueError: ``jobs`` is less than 1.
    """
    if jobs < 1:
        raise ValueError("jobs must be 1 or more")
    pace = Pace() if pace is None else pace
    places = anyio.CapacityLimiter(jobs)
    outcomes: dict[int, Outcome[T]] = {}

    async def run(number: int, team: Team) -> None:
        async with places:
            outcome = await run_team(team, work, pace=pace, **options)
        outcomes[number] = outcome
        if on_outcome is not None:
            on_outcome(outcome)

    async with anyio.create_task_group() as group:
        for number, team in enumerate(teams):
            group.start_soon(partial(run, number, team))
    return [outcomes[number] for number in range(len(teams))]
