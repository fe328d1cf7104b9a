"""The command `export`: what was listed, in files."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Final

import typer

from junction_introspect._texts import counted
from junction_introspect.cli import exits, options
from junction_introspect.cli.app import app
from junction_introspect.cli.notices import Notices
from junction_introspect.cli.reading import with_options
from junction_introspect.cli.source import Source, usage
from junction_introspect.cli.stored import of_store, teams_of
from junction_introspect.cli.storing import Progress

if TYPE_CHECKING:
    from collections.abc import Generator

    from junction_introspect import export as exporting
    from junction_introspect.export import Exported

_ROWS_PER_PART: Final = 100_000


@app.command()
@with_options(without={"cursor"})  # an export keeps its own
def export(
    *,
    to: Annotated[
        str,
        typer.Option(
            help="The files, like 'out/part-*.parquet' or 's3://bucket/part-*.csv', or .ndjson;"
            " * becomes a number."
        ),
    ],
    what: options.OneWhat = "pulls",
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
    source: Source,
) -> int:
    """Write Parquet, CSV or NDJSON files.

    Each file is written completely or not at all. The same command resumes an interrupted export
    after the last file. If the export is complete, the same command checks its files, and changes
    nothing. Of a store with several teams, the first column is the team, except with --team.
    """
    from junction_introspect import export as exporting  # noqa: PLC0415

    notices = Notices(sys.stderr)
    progress = Progress(notices, "export", fresh=fresh)
    operation = options.operation_named(what)
    files = usage(lambda: exporting.files_named(to, mode=mode))
    options.check_csv_safe(csv_safe=csv_safe, csv=files.format is exporting.Format.CSV)

    def write(rows: exporting.Source) -> Exported:
        with progress.told():
            return exporting.export(
                rows,
                to,
                rows_per_part=rows_per_part,
                fresh=fresh,
                verify=verify,
                mode=mode,
                csv_safe=csv_safe,
                on_piece=progress.piece,
            )

    filters = source.filters
    if source.store is not None:
        with source.opened() as of:
            teams = teams_of(of, filters, operation)
            only = of_store(operation, filters)
            notices.progress_of(0, "row")
            exported = write(
                exporting.stored(of, operation, filters=only, with_team=len(teams) > 1)
            )
    else:
        from junction_introspect.cli.narrowing import narrowed  # noqa: PLC0415 - an extra

        with source.client(notices) as junction:
            listed = usage(
                lambda: exporting.listed(
                    junction,
                    operation,
                    user_id=filters.user_id,
                    provider=filters.provider,
                    on_invalid=notices.left_out,
                )
            )
            values = filters.beside_the_servers.values(operation)
            exported = write(narrowed(listed, values) if values else listed)
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
