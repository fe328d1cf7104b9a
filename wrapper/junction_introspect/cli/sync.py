"""The command `sync`."""

from __future__ import annotations

import sys
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer

from junction_introspect._paging.arguments import check_text
from junction_introspect._paging.resuming import RESUME_WITHIN
from junction_introspect.cli import exits, options
from junction_introspect.cli.app import app
from junction_introspect.cli.filters import Filters
from junction_introspect.cli.notices import Notices
from junction_introspect.cli.option_groups import with_options
from junction_introspect.cli.source import Api, usage
from junction_introspect.cli.sync_teams import lines_of, sync_teams
from junction_introspect.teams import JOBS, Pace

_TEAM: Final = "default"


@app.command()
@with_options(without={"team", "resource", "status", "error"})
def sync(
    *,
    to: Annotated[
        str, typer.Option(metavar="STORE", help="A DuckDB file; created if it does not exist.")
    ],
    team: Annotated[
        str, typer.Option(help="The team's name in the store; a store may hold several teams.")
    ] = _TEAM,
    teams: Annotated[
        Path | None,
        typer.Option(
            parser=options.file_named,
            metavar="FILE",
            help="Sync all teams of this TOML file, which says where each team's key is.",
        ),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(min=1, show_default=str(JOBS), help="With --teams: sync so many at a time."),
    ] = None,
    requests_per_second: Annotated[
        float | None,
        typer.Option(help="With --teams: the limit per address, for all teams together."),
    ] = None,
    what: options.What = "pulls",
    filters: Filters,
    fresh: options.Fresh = False,
    mode: options.Mode = None,
    api: Api,
) -> int:
    """Bring a store up to date.

    Records what has changed since the last sync. Pages are committed together with the cursor after
    them, about once a second. Within a day, the same command resumes an interrupted sync. A sync
    without filters records what it did not find as vanished. A store refuses rows of another
    environment than those that it has of a team.

    With --teams, a team that fails does not stop the others. The exit status is that of the first
    failed team in the file.
    """
    from junction_introspect import store as stores  # noqa: PLC0415

    notices = Notices(sys.stderr)
    operations = options.operations_named(what)
    for each in operations:
        usage(
            partial(
                each.arguments, user_id=filters.user_id, provider=filters.provider, user_limit=1
            )
        )
    usage(partial(check_text, "--team", team))
    path = usage(lambda: stores.named(to))
    if teams is not None:
        one_team = None if team == _TEAM else team
        options.exclude("--teams", {"--team": one_team, "--user-id": filters.user_id, **api.given})
        return sync_teams(
            teams,
            path,
            operations,
            provider=filters.provider,
            fresh=fresh,
            jobs=jobs or JOBS,
            pace=usage(lambda: Pace(requests_per_second)),
            mode=mode,
            verbose=api.verbose,
        )
    if jobs is not None or requests_per_second is not None:
        raise typer.BadParameter("--jobs and --requests-per-second work only with --teams")
    with (
        api.client(notices) as junction,
        stores.Store.open(path, mode=mode) as store,
        notices.of_interruptions(f"{options.same_command(fresh=fresh)} resumes the sync"),
    ):
        synced = stores.sync(
            junction,
            store,
            operations,
            team=team,
            user_id=filters.user_id,
            provider=filters.provider,
            on_invalid=notices.left_out,
            on_commit=lambda run: notices.progress(run.users, run.pages),
            resume_within=timedelta() if fresh else RESUME_WITHIN,
        )
    for line in lines_of(synced):
        notices.tell(line)
    return exits.BROKEN_RESPONSE if any(run.invalid for run in synced.runs) else exits.DONE
