"""The command `export`: what was listed, in files."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from attrs import evolve

from junction_introspect._texts import counted
from junction_introspect.cli import exits, options
from junction_introspect.cli.app import app
from junction_introspect.cli.notices import Notices
from junction_introspect.cli.option_groups import with_options
from junction_introspect.cli.source import Source, usage
from junction_introspect.cli.stored import of_store, teams_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from junction_introspect import Operation
    from junction_introspect import export as exporting
    from junction_introspect.export import Exported, Piece

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
    operation = options.operation_named(what)
    files = usage(lambda: exporting.files_named(to))
    options.check_csv_safe(csv_safe=csv_safe, csv=files.format is exporting.Format.CSV)
    with (
        _rows(source, operation, notices) as rows,
        notices.of_interruptions(f"{options.same_command(fresh=fresh)} resumes the export"),
    ):
        exported = exporting.export(
            rows,
            to,
            rows_per_part=rows_per_part,
            fresh=fresh,
            verify=verify,
            mode=mode,
            csv_safe=csv_safe,
            on_piece=Progress(notices).draw,
        )
    for line in _exported(exported):
        notices.tell(line)
    return exits.BROKEN_RESPONSE if exported.manifest.invalid else exits.DONE


@contextmanager
def _rows(
    source: Source, operation: Operation[Any, Any], notices: Notices
) -> Generator[exporting.Source]:
    from junction_introspect import export as exporting  # noqa: PLC0415 - an extra

    filters = source.filters
    if source.store is not None:
        with source.opened() as of:
            teams = teams_of(of, filters, operation)
            only = of_store(operation, filters)
            notices.progress_of(0, "row")
            yield exporting.stored(of, operation, filters=only, with_team=len(teams) > 1)
        return
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
        yield _narrowed(listed, values) if values else listed


class Progress:
    """Draws how far an export is."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices
        self._users = self._pages = self._rows = 0

    def draw(self, piece: Piece) -> None:
        """Count a piece."""
        self._users += piece.users
        self._pages += piece.pages
        self._rows += piece.batch.num_rows
        if piece.pages:
            self._notices.progress(self._users, self._pages)
        else:  # a piece of a store, which does not count users
            self._notices.progress_of(self._rows, "row")


def _exported(exported: Exported) -> Generator[str]:
    if exported.restarted:
        yield "the interrupted export could not be resumed: started over"
    there = exported.manifest
    parts = f"{counted(there.rows, 'row')} in {counted(len(there.parts), 'part')}"
    if not exported.written:
        yield f"nothing to do: the export is complete, {parts}; --fresh starts over"
    else:
        yield f"{parts}, {exported.written:,} of them now" if exported.resumed else parts


def _narrowed(source: exporting.Source, values: Mapping[str, frozenset[Any]]) -> exporting.Source:
    """Return a source whose pieces have only the rows that pass, possibly none.

    Args:
        source: The source.
        values: The values that pass, by column; None is null.
    """
    from junction_introspect.arrow import pa  # noqa: PLC0415 - an extra

    compute: Any = import_module("pyarrow.compute")  # it has no type hints

    def pieces(cursor: str | None, rows: int) -> Iterator[Piece]:
        for piece in source.pieces(cursor, rows):
            batch = piece.batch
            for column, wanted in values.items():
                batch = batch.filter(compute.is_in(batch[column], pa.array([*wanted], pa.string())))
            yield piece._replace(batch=batch)

    # In an order that is always the same.
    filters = {
        column: sorted(of, key=lambda value: (value is not None, value))
        for column, of in values.items()
    }
    return evolve(source, identity={**source.identity, "filters": filters}, pieces=pieces)
