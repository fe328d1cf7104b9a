"""Exports: write a source into numbered parts, and resume after an interruption."""

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
    """The result of an export.

    Attributes:
        manifest: The manifest of the complete export.
        written: How many parts this call has written; 0 if the export was complete already.
        resumed: Whether it resumed after parts that existed.
        restarted: Whether the source could not resume at their cursor, so that it started over.
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
        # One mode for all files: a new part has the same readers as the existing files.
        self._mode = mode_of(target.manifest, mode)
        self._of = dict(of)
        self.manifest = Manifest(of=self._of)
        self.written = 0

    def find(self, *, fresh: bool) -> bool:
        """Read the manifest and check the parts; return whether there are parts to resume after."""
        target = self._target
        with told(target.manifest):
            content = target.manifest.read_bytes() if target.manifest.exists() else None
            if content is None and (present := target.parts()):
                raise ExportMismatchError(
                    f"{min(present)} is in the way: no manifest lists it; move it or use another"
                    " name",
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
            raise ExportMismatchError(f"{path} is not a manifest of this version", path=path)
        if differing := [
            name.replace("_", " ")
            for name in sorted(self._of.keys() | manifest.of.keys())
            if self._of.get(name) != manifest.of.get(name)
        ]:
            raise ExportMismatchError(
                f"{path} belongs to an export that differs in {', '.join(differing)}:"
                " use another name, or start over with --fresh (fresh=True)",
                path=path,
            )
        for part in manifest.parts:
            file = self._target.directory / part.name
            with told(file):
                if not file.exists() or file.stat().st_size != part.bytes:
                    raise ExportMismatchError(
                        f"{file} was deleted or changed after it was exported: start over with"
                        " --fresh (fresh=True)",
                        path=file,
                    )
        return manifest

    def begin(self) -> None:
        """Start over, and replace all existing parts."""
        self._set(Manifest(of=self._of))
        self._tidy()

    def _tidy(self) -> None:
        """Remove files of a process that was killed before the manifest listed them."""
        listed = {part.name for part in self.manifest.parts}
        for name, path in {**self._target.parts(), **self._target.unfinished()}.items():
            if name not in listed:
                with told(path):
                    path.unlink()

    def add(self, pieces: list[Piece]) -> None:
        """Write pieces as one part. An empty part is written only if it is the only one."""
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
    """Write all rows of a source as numbered parts; resume an interrupted export.

    Parts are files ``part-00000.parquet``, ``part-00001.parquet``, … and end where a page of the
    source ends. Each part is renamed into place when it is completely written, and is then listed
    in ``part-manifest.parquet.json``. A source without rows gives one part without rows.

    Args:
        source: `Pulls` or `Stored`.
        to: A path with a ``*`` in place of the number, which ends with ``.parquet``, ``.csv`` or
            ``.ndjson``. Its directory is created if it does not exist. While the manifest exists,
            all files with matching names belong to the export.
        rows_per_part: How many rows a part has at least, except the last part. They are held in
            memory.
        fresh: Whether to start over and replace an existing export.
        mode: The permissions of the files, like ``0o640``, whatever the umask. By default only the
            owner may read and write them, because they hold health data, and existing files keep
            their modes.
        csv_safe: Whether CSV text that a spreadsheet would run as a formula gets a ``'`` before it.
            By default cells hold the server's text unchanged.
        on_piece: Called with each piece that was taken from the source.

    Raises:
        APIError: A page could not be fetched.
        ExportError: The export cannot be written, or its place is taken.
        ValueError: ``to`` does not have this form or is a URL, ``rows_per_part`` is below 1, or
            ``csv_safe`` is set for another format.
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
                _write_parts(exporting, source, rows_per_part, on_piece)
            except CursorRefusedError:
                exporting.begin()
                exporting.written = 0
                resumed, restarted = False, True
        return Exported(exporting.manifest, exporting.written, resumed, restarted)


def _write_parts(
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
