"""Exports: write a source into numbered parts, and resume after an interruption."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from attrs import evolve

from junction_introspect._files import is_url, local_path, mode_of
from junction_introspect._paging.resuming import CursorRefusedError
from junction_introspect.errors import APIStatusError
from junction_introspect.export.destination import Destination, without_file_protocol
from junction_introspect.export.engine import ROWS_PER_PART, Exported, Files, Parts
from junction_introspect.export.formats import Format
from junction_introspect.export.sources import Piece, Source


def files_named(
    to: str | PathLike[str],
    *,
    mode: int | None = None,
    storage_options: Mapping[str, Any] | None = None,
) -> Files:
    """Return the files that a path or URL with a ``*`` stands for.

    Args:
        to: As in `export`.
        mode: As in `export`.
        storage_options: As in `export`.

    Raises:
        ExportPackageError: The URL needs a package that is not installed.
        ValueError: The file name does not have exactly one ``*``, another part of the path has
            one, the ending is not that of a format, or nothing can be written to the URL, or
            ``mode`` is given for a URL.
    """
    text = without_file_protocol(os.fspath(to))
    path = Path(text) if is_url(text) else local_path(text)
    beside = text.rpartition("/")[0] if is_url(text) else str(path.parent)
    prefix, star, suffix = path.name.partition("*")
    if not star or "*" in suffix or "*" in beside:
        raise ValueError("the file name needs one * in place of the number, like part-*.csv")
    ending = path.suffix.removeprefix(".").lower()
    if ending not in list(Format):
        endings = ", ".join(f".{each}" for each in Format)
        raise ValueError(f"the file name must end with one of {endings}")
    files = Files(Destination(beside, storage_options, mode), prefix, suffix, Format(ending))
    if not files.destination.local:
        return files
    # One mode for all files: a new part has the same readers as the existing files.
    paths = [path.parent / name for name in (files.manifest, files.progress)]
    there = next((each for each in paths if os.access(each, os.F_OK)), path)  # `exists` may raise
    return evolve(files, destination=Destination(beside, mode=mode_of(there, mode)))


def export(
    source: Source,
    to: str | PathLike[str],
    *,
    rows_per_part: int = ROWS_PER_PART,
    fresh: bool = False,
    verify: bool = False,
    mode: int | None = None,
    csv_safe: bool = False,
    storage_options: Mapping[str, Any] | None = None,
    on_piece: Callable[[Piece], object] | None = None,
) -> Exported:
    """Write all rows of a source as numbered parts; resume an interrupted export.

    Parts are files ``part-00000.parquet``, ``part-00001.parquet``, … and end where a page of the
    source ends. A part appears when it is completely written, and is then listed in
    ``part-progress.parquet.json``, with the cursor after it. Each key has one row: of rows that a
    listing repeats, the last counts. The manifest, ``part-manifest.parquet.json``, is written last.
    A source without rows gives one part without rows.

    Args:
        source: What `listed` or `stored` returns.
        to: A path, or a URL for fsspec such as ``s3://bucket/out/part-*.parquet``, with a ``*`` in
            place of the number. It ends with ``.parquet``, ``.csv`` or ``.ndjson``. A directory is
            created if it does not exist. While progress or manifest exist, all files in it with
            matching names belong to the export. At a URL, where other processes cannot be locked
            out, names have the beginning of the part's SHA-256 after the number, and the parts that
            count are those of the manifest.
        rows_per_part: How many rows a part has at least, except the last part. They are held in
            memory.
        fresh: Whether to start over and replace an existing export.
        verify: Whether to read every part that is relied on. By default, a part in an object store
            is not read if its size and its tag are as they were.
        mode: The permissions of the files, like ``0o640``, whatever the umask. By default only the
            owner may read and write them, because they hold health data, and existing files keep
            their modes. Not for a URL.
        csv_safe: Whether CSV text that a spreadsheet would run as a formula gets a ``'`` before it.
            By default cells hold the server's text unchanged.
        storage_options: Passed to fsspec.
        on_piece: Called with each piece that was taken from the source.

    Raises:
        APIError: A page could not be fetched.
        ExportError: The export cannot be written, its place is taken, or a part was changed.
        ValueError: ``to`` does not have this form, ``rows_per_part`` is below 1, or ``csv_safe`` is
            set for another format.
    """
    files = files_named(to, mode=mode, storage_options=storage_options)
    if rows_per_part < 1:
        raise ValueError("rows_per_part must be 1 or more")
    of = {**source.identity, "format": files.format.value, "rows_per_part": rows_per_part}
    if csv_safe:
        if files.format is not Format.CSV:
            raise ValueError("csv_safe is for files that end with .csv")
        of["csv_safe"] = True
    with files.destination.locked(files.lock) as locked:
        parts = Parts(
            files=files,
            schema=source.schema,
            of=of,
            locked=locked,
            key=source.key,
            rows_per_part=rows_per_part,
            csv_safe=csv_safe,
            fresh=fresh,
            verify=verify,
            now=source.now,
        )
        parts.find()
        while not parts.complete:
            try:
                for piece in source.pieces(parts.manifest.next_cursor, rows_per_part):
                    if on_piece is not None:
                        on_piece(piece)
                    parts.take(piece)
            except (APIStatusError, CursorRefusedError) as error:
                if not parts.restart(error):
                    raise
    return parts.exported
