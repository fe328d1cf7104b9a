"""An export: from a source into numbered parts, gone on with where it was broken off."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from hashlib import sha256
from os import PathLike
from typing import Any, Final

from attrs import frozen
from msgspec.structs import replace

from junction_introspect._files import mode_of
from junction_introspect._paging.operation import Operation
from junction_introspect.arrow import schema
from junction_introspect.errors import ExportMismatchError
from junction_introspect.export.files import Target, put, told
from junction_introspect.export.formats import Format, write
from junction_introspect.export.manifest import Manifest, Part, decode, encode
from junction_introspect.export.sources import CursorRefusedError, Piece, Source

ROWS_PER_PART: Final = 100_000


@frozen
class Exported:
    """What an export has done.

    Attributes:
        manifest: What there is now; complete.
        written: How many parts it has written; none where the export was complete already.
        resumed: Whether it went on with parts that were there.
        restarted: Whether the source could not go on at their cursor, so that all began anew.
    """

    manifest: Manifest
    written: int
    resumed: bool
    restarted: bool


class _Export:
    def __init__(
        self,
        target: Target,
        of: Mapping[str, Any],
        operation: Operation[Any, Any],
        mode: int | None,
        *,
        csv_safe: bool,
    ) -> None:
        self._target = target
        self._csv_safe = csv_safe
        self._operation = operation
        # Of all its files: a new part is for those who may read what there is.
        self._mode = mode_of(target.manifest, mode)
        self._of = dict(of)
        self.manifest = Manifest(of=self._of)
        self.written = 0

    def find(self, *, fresh: bool) -> bool:
        """Take up what is there; tell whether there are parts to go on after."""
        target = self._target
        with told(target.manifest):
            content = target.manifest.read_bytes() if target.manifest.exists() else None
            if content is None and (present := target.parts()):
                raise ExportMismatchError(
                    f"{min(present)} is in the way: no manifest tells what it is part of",
                    path=target.directory / min(present),
                )
        if content is None or fresh:
            self.begin()
            return False
        self.manifest = self._checked(content)
        if not self.manifest.complete:
            self._tidy()
        return bool(self.manifest.parts)

    def _checked(self, content: bytes) -> Manifest:
        path = self._target.manifest
        manifest = decode(content)
        if manifest is None:
            raise ExportMismatchError(f"{path} is no manifest of this version", path=path)
        if differing := [
            name.replace("_", " ")
            for name in sorted(self._of.keys() | manifest.of.keys())
            if self._of.get(name) != manifest.of.get(name)
        ]:
            raise ExportMismatchError(
                f"{path} is of an export with other {', '.join(differing)}:"
                " give another name, or begin that one anew",
                path=path,
            )
        for part in manifest.parts:
            file = self._target.directory / part.name
            with told(file):
                if not file.exists() or file.stat().st_size != part.bytes:
                    raise ExportMismatchError(
                        f"{file} is gone or has been changed since it was exported", path=file
                    )
        return manifest

    def begin(self) -> None:
        """Begin anew, in the place of all that is there."""
        self._set(Manifest(of=self._of))
        self._tidy()

    def _tidy(self) -> None:
        """Remove what was written by a process that was killed before the manifest told of it."""
        listed = {part.name for part in self.manifest.parts}
        for name, path in {**self._target.parts(), **self._target.unfinished()}.items():
            if name not in listed:
                with told(path):
                    path.unlink()

    def add(self, pieces: list[Piece]) -> None:
        """Write a part of some pieces; none of no rows, unless it is the only one."""
        manifest, last = self.manifest, pieces[-1]
        batches = [piece.batch for piece in pieces if piece.batch.num_rows]
        if batches or (last.next_cursor is None and not manifest.parts):
            path = self._target.part(len(manifest.parts))
            out = io.BytesIO()
            write(
                batches,
                schema(self._operation),
                self._target.format,
                out,
                csv_safe=self._csv_safe,
            )
            content = out.getvalue()
            put(path, content, self._mode)
            part = Part(
                name=path.name,
                rows=sum(batch.num_rows for batch in batches),
                bytes=len(content),
                sha256=sha256(content).hexdigest(),
            )
            manifest = replace(manifest, parts=(*manifest.parts, part))
            self.written += 1
        self._set(
            replace(
                manifest,
                next_cursor=last.next_cursor,
                complete=last.next_cursor is None,
                invalid=manifest.invalid + sum(piece.invalid for piece in pieces),
            )
        )

    def _set(self, manifest: Manifest) -> None:
        put(self._target.manifest, encode(manifest), self._mode)
        self.manifest = manifest


def export(
    source: Source,
    to: str | PathLike[str],
    *,
    rows_per_part: int = ROWS_PER_PART,
    fresh: bool = False,
    mode: int | None = None,
    csv_safe: bool = False,
    on_piece: Callable[[Piece], object] | None = None,
) -> Exported:
    """Write all that a source has as numbered parts, from where an interrupted export was.

    Parts are files ``part-00000.parquet``, ``part-00001.parquet``, … and end where a page of the
    source does. Each is renamed into place when it has been written as a whole, and then told in
    ``part-manifest.parquet.json``. A source without rows gives one part without rows.

    Args:
        source: `Pulls` or `Stored`.
        to: A path with a ``*`` where the number goes, which ends with ``.parquet``, ``.csv`` or
            ``.ndjson``. Its directory is made where there is none. While the manifest is there, all
            files of such names are the export's.
        rows_per_part: How many rows a part has at least, the last one excepted. They are held in
            memory.
        fresh: Begin anew, in the place of an export that is there.
        mode: Who may read and write the files, like ``0o640``, whatever the umask. By default the
            owner alone, as they hold health data, and files that are there keep their modes.
        csv_safe: Whether text in CSV that a spreadsheet would run (it begins like a formula) gets a
            ``'`` before it. By default cells hold what the server said.
        on_piece: Called with each piece that has been taken from the source.

    Raises:
        APIError: A page could not be had.
        ExportError: It cannot be written, or not there.
        ValueError: ``to`` is not of that form or a URL, or there are to be no rows to a part.
    """
    target = Target.parse(to)
    if rows_per_part < 1:
        raise ValueError("rows_per_part must be 1 or more")
    of = {**source.identity, "format": target.format.value, "rows_per_part": rows_per_part}
    if csv_safe:
        if target.format is not Format.CSV:
            raise ValueError("csv_safe is for files that end with .csv")
        of["csv_safe"] = True
    with target.held(mode):
        exporting = _Export(target, of, source.operation, mode, csv_safe=csv_safe)
        resumed, restarted = exporting.find(fresh=fresh), False
        while not exporting.manifest.complete:
            try:
                _go_on(exporting, source, rows_per_part, on_piece)
            except CursorRefusedError:
                exporting.begin()
                exporting.written = 0
                resumed, restarted = False, True
        return Exported(exporting.manifest, exporting.written, resumed, restarted)


def _go_on(
    exporting: _Export,
    source: Source,
    rows_per_part: int,
    on_piece: Callable[[Piece], object] | None,
) -> None:
    pieces: list[Piece] = []
    rows = 0
    for piece in source.pieces(exporting.manifest.next_cursor, rows_per_part):
        pieces.append(piece)
        rows += piece.batch.num_rows
        if on_piece is not None:
            on_piece(piece)
        if rows >= rows_per_part or piece.next_cursor is None:
            exporting.add(pieces)
            pieces, rows = [], 0
