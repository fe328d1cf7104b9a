"""Many teams at once: who they are, and work for each of them that no other team's failure stops.

    async def work(team, junction):
        return await sync_async(junction, store, team=team.name)

    outcomes = anyio.run(run_teams, read_teams("teams.toml"), work)

A `Team` holds where its key is, never the key. To the same address all teams of a process share one
budget: when the server asks one of them to wait, it has asked them all.
"""

from __future__ import annotations

from junction_introspect.teams.budget import Budget
from junction_introspect.teams.keys import is_exposed, open_client, read_key
from junction_introspect.teams.pacing import Pace
from junction_introspect.teams.reading import parse_teams, read_teams
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
    "parse_teams",
    "read_key",
    "read_teams",
    "run_team",
    "run_teams",
]
