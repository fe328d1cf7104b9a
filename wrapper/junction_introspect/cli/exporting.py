"""The command `export`: what was listed, in files."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Final

import typer

from junction_introspect.cli import exits, options
from junction_introspect.cli.app import app
from junction_introspect.cli.notices import Notices
from junction_introspect.cli.plain_text import counted
from junction_introspect.cli.source import client, usage
from junction_introspect.cli.storing import Progress

if TYPE_CHECKING:
    from collections.abc import Generator

    from junction_introspect.export import Exported, Source

_ROWS_PER_PART: Final = 100_000


@app.command()
def export(
    *,
    to: Annotated[
        str,
        typer.Option(
            help="The files, like 'out/part-*.parquet' or 's3://bucket/part-*.csv', or .ndjson;"
            " * becomes a number."
        ),
    ],
    what: Annotated[
        str,
        typer.Option(
            "--what",
            parser=options.operations_named,
            metavar="WHAT",
            help="Export pulls or resources.",
        ),
    ] = "pulls",
    store: options.FromStore = None,
    team: Annotated[str | None, typer.Option(help="Only this team.")] = None,
    user_id: options.UserId = None,
    provider: options.Provider = None,
    unlisted: options.Unlisted = False,
    rows_per_part: Annotated[
        int, typer.Option(min=1, help="Rows per file at least, except the last file.")
    ] = _ROWS_PER_PART,
    fresh: options.Fresh = False,
    verify: Annotated[
        bool,
        typer.Option("--verify", help="Read finished files in an object store, to check them."),
    ] = False,
    mode: options.Mode = None,
    csv_safe: options.CsvSafe = False,
    profile: options.ProfileName = None,
    environment: options.Environment = None,
    base_url: options.BaseUrl = None,
    verbose: options.Verbose = False,
) -> int:
    """Write Parquet, CSV or NDJSON files.

    Each file is written completely or not at all. The same command resumes an interrupted export
    after the last file. If the export is complete, the same command checks its files, and changes
    nothing. Of a store with several teams, the first column is the team, except with --team.
    """
    from junction_introspect import export as exporting  # noqa: PLC0415

    notices = Notices(sys.stderr)
    progress = Progress(notices, "export", fresh=fresh)
    operation, *more = options.operations_named(what)
    if more:
        raise typer.BadParameter("an export has one operation", param_hint="--what")
    files = usage(lambda: exporting.files_named(to))
    options.check_csv_safe(csv_safe=csv_safe, csv=files.format is exporting.Format.CSV)

    def write(source: Source) -> Exported:
        with progress.told():
            return exporting.export(
                source,
                to,
                rows_per_part=rows_per_part,
                fresh=fresh,
                verify=verify,
                mode=mode,
                csv_safe=csv_safe,
                on_piece=progress.piece,
            )

    if store is not None:
        if any(each is not None for each in (user_id, provider, profile, environment, base_url)):
            raise typer.BadParameter(
                "--from cannot be combined with --user-id, --provider, --profile, --environment"
                " or --base-url"
            )
        from junction_introspect.store import Filters, Store  # noqa: PLC0415

        with Store.open(store, read_only=True) as opened:
            opened.require(operation, teams=None if team is None else [team])
            notices.progress_of(0, "row")
            several = team is None and len(opened.teams()) > 1
            exported = write(
                exporting.stored(opened, operation, filters=Filters(team=team), with_team=several)
            )
    else:
        if team is not None:
            raise typer.BadParameter("--team works only with --from")
        with client(notices, profile, environment, base_url, verbose=verbose) as junction:
            exported = write(
                usage(
                    lambda: exporting.listed(
                        junction,
                        operation,
                        user_id=user_id,
                        provider=options.listed_provider(provider, unlisted=unlisted),
                        on_invalid=progress.on_invalid,
                    )
                )
            )
    for line in _exported(exported):
        notices.tell(line)
    return exits.BROKEN_RESPONSE if exported.manifest.invalid else exits.DONE


def _exported(exported: Exported) -> Generator[str]:
    if exported.restarted:
        yield "the interrupted export could not be resumed: started over"
    there = exported.manifest
    parts = f"{counted(there.rows, 'row')} in {counted(len(there.parts), 'part')}"
    if not exported.written:
        yield f"nothing to do: the export is complete, {parts}; --fresh starts over"
    else:
        yield f"{parts}, {exported.written:,} of them now" if exported.resumed else parts
