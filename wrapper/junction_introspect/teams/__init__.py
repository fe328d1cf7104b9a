"""Many teams at once: reads the list of teams, and runs work for each of them independently.

    async def work(team, junction):
        return await sync_async(junction, store, team=team.name)

    outcomes = anyio.run(run_teams, read_teams("teams.toml"), work)

A `Team` says where its key is, and never contains the key. A failing team does not stop the others.
All teams of a process that use the same address share one budget: when the server asks one of them
to wait, all of them wait.
"""

from __future__ import annotations

from junction_introspect.teams.budget import Budget
from junction_introspect.teams.keys import is_exposed, open_client, read_key
from junction_introspect.teams.pacing import Pace
from junction_introspect.teams.reading import parse_profiles, parse_teams, read_profiles, read_teams
from junction_introspect.teams.running import JOBS, Outcome, current_team, run_team, run_teams
from junction_introspect.teams.team import Team

__all__ = [
    "JOBS",
    "Budget",
    "Outcome",
    "Pace",
    "Team",
    "current_team",
    "is_exposed",
    "open_client",
    "parse_profiles",
    "parse_teams",
    "read_key",
    "read_profiles",
    "read_teams",
    "run_team",
    "run_teams",
]
