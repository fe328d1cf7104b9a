"""The commands `sync` and `changes`: what was listed, in a store."""

from __future__ import annotations

import sys
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from junction_introspect import APIError
from junction_introspect._paging.arguments import check_text
from junction_introspect._paging.resuming import RESUME_WITHIN
from junction_introspect._texts import counted
from junction_introspect.cli import exits, options
from junction_introspect.cli.app import app
from junction_introspect.cli.filters import Filters
from junction_introspect.cli.notices import Notices
from junction_introspect.cli.reading import with_options
from junction_introspect.cli.showing import Output, show
from junction_introspect.cli.source import Api, usage
from junction_introspect.cli.stored import of_store, opened, teams_of
from junction_introspect.cli.teams import TeamsSync
from junction_introspect.teams import JOBS, Pace

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from junction_introspect.export import Piece
    from junction_introspect.store import Run, Synced

_TEAM: Final = "default"


class Progress:
    """Reports the progress of a sync or an export, and how to resume it after an error."""

    def __init__(self, notices: Notices, what: str, *, fresh: bool) -> None:
        self._notices = notices
        self._resumes = f"{options.same_command(fresh=fresh)} resumes the {what}"
        self._users = self._pages = self._rows = 0

    def run(self, run: Run) -> None:
        """Show how far a sync is."""
        self._draw(run.users, run.pages)

    def piece(self, piece: Piece) -> None:
        """Show how far an export is."""
        if piece.pages:
            self._draw(self._users + piece.users, self._pages + 1)
        else:  # a piece of a store, which does not count users
            self._rows += piece.batch.num_rows
            self._notices.progress_of(self._rows, "row")

    def _draw(self, users: int, pages: int) -> None:
        self._users, self._pages = users, pages
        self._notices.progress(users, pages)

    @contextmanager
    def told(self) -> Generator[None]:
        """If the work is interrupted, say which command resumes it."""
        try:
            yield
        except KeyboardInterrupt:
            raise KeyboardInterrupt(f"interrupted; {self._resumes}") from None
        except APIError as error:
            error.cursor = None  # kept by the store or the manifest
            self._notices.tell(self._resumes)
            raise
        finally:
            self._notices.clear()


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
    progress = Progress(notices, "sync", fresh=fresh)
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
        return TeamsSync(
            to=path,
            operations=operations,
            provider=filters.provider,
            fresh=fresh,
            jobs=jobs or JOBS,
            pace=usage(lambda: Pace(requests_per_second)),
            mode=mode,
            verbose=api.verbose,
            lines=_synced,
        ).run(teams)
    if jobs is not None or requests_per_second is not None:
        raise typer.BadParameter("--jobs and --requests-per-second work only with --teams")
    with (
        api.client(notices) as junction,
        stores.Store.open(path, mode=mode) as store,
        progress.told(),
    ):
        synced = stores.sync(
            junction,
            store,
            operations,
            team=team,
            user_id=filters.user_id,
            provider=filters.provider,
            on_invalid=notices.left_out,
            on_commit=progress.run,
            resume_within=timedelta() if fresh else RESUME_WITHIN,
        )
    for line in _synced(synced):
        notices.tell(line)
    return exits.BROKEN_RESPONSE if any(run.invalid for run in synced.runs) else exits.DONE


def _synced(synced: Synced) -> Generator[str]:
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


def _beginning(text: str) -> datetime:
    """Parse ``--since``: a day, a time, or a duration before now.

    Raises:
        typer.BadParameter: The text is not a day, a time or a duration.
    """
    now = datetime.now().astimezone()
    if text in {"today", "yesterday"}:
        day = now.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        return (day - timedelta(days=text == "yesterday")).astimezone()
    with suppress(ValueError, OverflowError):
        return datetime.fromisoformat(text).astimezone()
    try:
        return now - options.length_of_time(text)
    except (typer.BadParameter, OverflowError):
        raise typer.BadParameter(
            f"{text!r} is not a time: give one like yesterday, 12h, 2026-01-31 or 2026-01-31T08:00"
        ) from None


@app.command()
@with_options()
def changes(
    *,
    store: Annotated[
        Path,
        typer.Option(
            "--from", parser=options.file_named, metavar="STORE", help="A store that `sync` filled."
        ),
    ],
    since: Annotated[
        str, typer.Option(help="The first time: today, yesterday, 12h, 2026-01-31; local time.")
    ] = "yesterday",
    what: options.OneWhat = "pulls",
    filters: Filters,
    out: Output,
    verbose: options.Verbose = False,  # noqa: ARG001 - `commands.run` reads it
) -> int:
    """List changes that syncs have seen.

    The oldest comes first. A pull appeared, moved to another status, was repulled (scheduled again,
    later), was updated in another field, or vanished. The other formats have one record per change:
    its kind, the previous status, and every field after the change. Filters are about the pull
    after the change.
    """
    operation = options.operation_named(what)
    first = _beginning(since)
    out.prepare()
    with opened(store) as of:
        from junction_introspect.cli.transitions import changes_of  # noqa: PLC0415 - an extra

        teams = teams_of(of, filters, operation)
        notices = Notices(sys.stderr)
        notices.progress_of(0, "change")
        found = of.changes(first, operation=operation, filters=of_store(operation, filters))
        show(
            ((each, each.team) for each in notices.counting(found, "change")),
            out.shown(changes_of(operation), list(teams)),
            notices,
        )
    return exits.DONE
