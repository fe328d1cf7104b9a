"""The engine: writes what a source yields as numbered parts, and resumes an earlier attempt.

    <prefix>00000<suffix>            a finished part
    <prefix>progress<suffix>.json    lists the finished parts, and has the cursor after them
    <prefix>manifest<suffix>.json    the same, written last; the progress is then removed

An export to a local folder holds a lock, so its parts have plain numbers. Where several processes
may write at the same time, a part's name also has the beginning of its SHA-256: no part is ever
replaced by another content, and the manifest that is written last lists parts that exist.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from attrs import define, frozen
from msgspec.structs import replace

from junction_introspect._paging.resuming import RESUME_WITHIN, Resumption
from junction_introspect.arrow import Schema, pa, utc_now
from junction_introspect.errors import ExportDamagedError, ExportMismatchError
from junction_introspect.export.destination import Destination
from junction_introspect.export.formats import Array, Format, Table, read, write
from junction_introspect.export.manifest import Manifest, Part, decode, encode
from junction_introspect.export.repeats import (
    distinct_users,
    in_several,
    last_of_each,
    without_later,
)
from junction_introspect.export.sources import Piece

ROWS_PER_PART = 100_000

_HASHED = 16


@frozen
class Files:
    """The files of an export.

    Attributes:
        destination: The folder of the files.
        prefix: The text before the number in a part's name.
        suffix: The text after the number.
        format: The format of a part.
    """

    destination: Destination
    prefix: str = "part-"
    suffix: str = ".parquet"
    format: Format = Format.PARQUET

    @property
    def manifest(self) -> str:
        """The name of the manifest: ``part-*.parquet`` has ``part-manifest.parquet.json``."""
        return f"{self.prefix}manifest{self.suffix}.json"

    @property
    def progress(self) -> str:
        """The name of the progress."""
        return f"{self.prefix}progress{self.suffix}.json"

    @property
    def lock(self) -> str:
        """The name of the lock."""
        return f".{self.manifest}.lock"

    def part(self, number: int, hashed: str = "") -> str:
        """Return the name of a part."""
        return f"{self.prefix}{number:05}{hashed and '-'}{hashed[:_HASHED]}{self.suffix}"

    def is_part(self, name: str) -> bool:
        """Return whether a file is named like a part. Such a name has no folder in it."""
        number = rf"\d{{5,}}(-[0-9a-f]{{{_HASHED}}})?"
        pattern = f"{re.escape(self.prefix)}{number}{re.escape(self.suffix)}"
        return re.fullmatch(pattern, name) is not None

    def is_unfinished(self, name: str) -> bool:
        """Return whether a file was left by a process that was killed while writing it."""
        aside = re.fullmatch(r"\.(.*)\.[0-9a-f]+\.tmp", name)
        return aside is not None and (
            self.is_part(aside[1]) or aside[1] in {self.manifest, self.progress}
        )

    def load(self, name: str) -> Manifest | None:
        """Return a manifest or the progress, or None if there is no such file.

        Raises:
            ExportMismatchError: It is not valid.
        """
        content, url = self.destination.get(name), self.destination.url_of(name)
        if content is None:
            return None
        manifest = decode(content)
        if manifest is None:
            raise ExportMismatchError(f"{url} is not a manifest of this version", path=url)
        for part in manifest.parts:
            if not self.is_part(part.name):
                raise ExportMismatchError(
                    f"{url} lists {part.name!r}, which is not the name of a part beside it",
                    path=url,
                )
        return manifest

    def check(self, manifest: Manifest, remedy: str, *, verify: bool = False) -> None:
        """Check that the parts of a manifest are as they were written.

        A part whose size and tag are as they were is not read. A local file has no tag.

        Args:
            manifest: The manifest.
            remedy: What to do if they are not.
            verify: Whether to read every part.

        Raises:
            ExportDamagedError: A part was deleted or changed.
        """
        for part in manifest.parts:
            known = part.bytes, part.tag
            if verify or part.tag is None or self.destination.look(part.name) != known:
                self.content(part, remedy)

    def content(self, part: Part, remedy: str) -> bytes:
        """Return the content of a part.

        Raises:
            ExportDamagedError: It was deleted or changed.
        """
        content = self.destination.get(part.name)
        if content is None or sha256(content).hexdigest() != part.sha256:
            url = self.destination.url_of(part.name)
            raise ExportDamagedError(
                f"{url} was deleted or changed after it was written: {remedy}", path=url
            )
        return content


@frozen
class Exported:
    """The result of an export.

    Attributes:
        manifest: The manifest of the complete export.
        written: How many parts this attempt has written; 0 if the export was complete already.
        repeats: How many rows this attempt has left out because their key came again later.
        resumed: Whether it resumed after parts that existed.
        restarted: Whether it could not rely on an earlier attempt, so that it started over.
    """

    manifest: Manifest
    written: int
    repeats: int
    resumed: bool
    restarted: bool


@define(kw_only=True, eq=False, slots=False)
class Parts:
    """The parts of an export: decides when to write one. Its methods block.

    Attributes:
        files: Where to write.
        schema: The schema of the rows.
        of: A description of the source and of the files, in JSON. An attempt is resumed only if
            its description is the same.
        locked: Whether no other process writes these files.
        key: The columns of which each combination of values is written once, the user first; none
            if the source has no repeats.
        rows_per_part: How many rows a part has at least, except the last part.
        csv_safe: As in `formats.write`.
        fresh: Whether to start over, and replace an existing export.
        restarts: Whether to start over if an earlier attempt cannot be relied on. Otherwise an
            error says so.
        verify: Whether to read every part that is relied on.
        resume_within: How old the last page of an earlier attempt may be for it to be resumed.
        now: Returns the current time.
        remedy: What to do about a damaged part.
        manifest: What is finished.
        complete: Whether the manifest is written.
    """

    files: Files
    schema: Schema
    of: Mapping[str, Any]
    locked: bool = False
    key: Sequence[str] = ()
    rows_per_part: int = ROWS_PER_PART
    csv_safe: bool = False
    fresh: bool = False
    restarts: bool = False
    verify: bool = False
    resume_within: timedelta = RESUME_WITHIN
    now: Callable[[], datetime] = utc_now
    remedy: str = "start over with --fresh (fresh=True)"

    def __attrs_post_init__(self) -> None:
        self._destination = self.files.destination
        self._resumption = Resumption(resumed=False)
        self.complete = self._unreliable = False
        self._reset()

    def _reset(self) -> None:
        self.manifest = Manifest(of=dict(self.of))
        self._written = self._repeats = 0
        # The distinct users of each part that this attempt has written.
        self._users: dict[str, Array] = {}
        # What is not yet in a part.
        self._pieces: list[Piece] = []
        self._rows = 0

    @property
    def exported(self) -> Exported:
        """The result."""
        resumption = self._resumption
        restarted = self._unreliable or resumption.restarted
        return Exported(self.manifest, self._written, self._repeats, resumption.resumed, restarted)

    def find(self) -> None:
        """Read the manifest, or the progress of an earlier attempt.

        Raises:
            ExportDamagedError: A part was deleted or changed.
            ExportMismatchError: The files belong to another export, or to none.
        """
        self._check_the_way()
        found = None if self.fresh else self._reliable(self.files.manifest)
        self.complete = found is not None
        replaces = self.fresh or self._unreliable
        if found is None and not replaces:
            found = self._reliable(self.files.progress)
        if found is None:
            self._begin(replaces=replaces)
            return
        self.manifest = found
        self._resumption = Resumption(resumed=bool(found.parts))
        self._tidy()
        if found.complete and not self.complete:
            self._finish()

    def restart(self, error: Exception) -> bool:
        """Start over if an error is the refusal of an earlier attempt's cursor; return whether."""
        restarts = self._resumption.restarts(error)
        if restarts:
            self._begin(replaces=False)
        return restarts

    def take(self, piece: Piece) -> None:
        """Add a piece. Write a part when there are enough rows, and the rest at the end."""
        self._resumption.accept()
        last = piece.next_cursor is None
        self._pieces.append(piece)
        self._rows += piece.batch.num_rows
        if self._rows < self.rows_per_part and not last:
            return
        before, pieces, parts = self.manifest, self._pieces, self.manifest.parts
        # A source without rows has one part, so that readers find the columns.
        if self._rows or not parts:
            parts = (*parts, self._put(len(parts), self._table(pieces)))
        self.manifest = replace(
            before,
            parts=parts,
            next_cursor=piece.next_cursor,
            complete=last,
            observed_at=piece.observed_at,
            pages=before.pages + sum(each.pages for each in pieces),
            users=before.users + sum(each.users for each in pieces),
            invalid=before.invalid + sum(each.invalid for each in pieces),
        )
        self._pieces, self._rows = [], 0
        self._save()
        if last:
            self._finish()

    def _check_the_way(self) -> None:
        files, names = self.files, self._destination.names() if self.locked else []
        if not {files.manifest, files.progress} & set(names):
            for name in sorted(filter(files.is_part, names)):
                url = self._destination.url_of(name)
                raise ExportMismatchError(
                    f"{url} is in the way: no manifest lists it; move it or use another name",
                    path=url,
                )

    def _reliable(self, name: str) -> Manifest | None:
        """Return a manifest or the progress, or None to start over."""
        is_progress = name == self.files.progress
        try:
            found = self._matching(name)
            if found is None:
                return None
            at = found.observed_at if is_progress else None
            if at is None or self.now() - at <= self.resume_within:
                self.files.check(found, self.remedy, verify=self.verify)
                return found
        except (ExportDamagedError, ExportMismatchError) as error:
            if not self.restarts or not (is_progress or isinstance(error, ExportDamagedError)):
                raise
        self._unreliable = True
        return None

    def _matching(self, name: str) -> Manifest | None:
        found = self.files.load(name)
        if found is not None and (differing := found.differences(self.manifest.of)):
            url = self._destination.url_of(name)
            raise ExportMismatchError(
                f"{url} belongs to an export that differs in {', '.join(differing)}:"
                f" use another name, or {self.remedy}",
                path=url,
            )
        return found

    def _begin(self, *, replaces: bool) -> None:
        self._reset()
        if self.locked or replaces:
            # Before anything is removed: it says that files named like parts are of this export.
            self._save()
        if replaces:
            self._destination.remove(self.files.manifest)
        self._tidy()

    def _save(self) -> None:
        self._destination.put(self.files.progress, encode(self.manifest))

    def _tidy(self) -> None:
        """Remove what no manifest lists, unless another process may be writing it."""
        files, listed = self.files, {part.name for part in self.manifest.parts}
        for name in self._destination.names() if self.locked else ():
            finished = self.complete and name == files.progress
            left = files.is_part(name) or files.is_unfinished(name)
            if finished or (left and name not in listed):
                self._destination.remove(name)

    def _table(self, pieces: Sequence[Piece]) -> Table:
        batches = [each.batch for each in pieces]
        table = pa.Table.from_batches(batches, self.schema).unify_dictionaries()
        if not self.key:
            return table
        distinct = last_of_each(table, self.key)
        self._repeats += table.num_rows - distinct.num_rows
        return distinct

    def _put(self, number: int, table: Table) -> Part:
        files, out = self.files, io.BytesIO()
        write(table, files.format, out, csv_safe=self.csv_safe)
        content = out.getvalue()
        digest = sha256(content).hexdigest()
        name = files.part(number, "" if self.locked else digest)
        self._destination.put(name, content)
        self._written += 1
        if self.key:
            self._users[name] = distinct_users(table, self.key)
        _, tag = self._destination.look(name) or (0, None)
        return Part(name=name, rows=table.num_rows, bytes=len(content), sha256=digest, tag=tag)

    def _finish(self) -> None:
        parts = self.manifest.parts
        if self.key and len(parts) > 1:
            self.manifest = replace(self.manifest, parts=self._without_repeats(parts))
            if self.manifest.parts != parts:
                self._save()
        self._tidy()
        self._destination.put(self.files.manifest, encode(self.manifest))
        self._destination.remove(self.files.progress)
        self.complete = True

    def _without_repeats(self, parts: tuple[Part, ...]) -> tuple[Part, ...]:
        """Return parts that have one row for each key across all of them."""
        key = self.key
        users = [
            self._users.get(part.name) or distinct_users(self._read(part), key) for part in parts
        ]
        several = in_several(users)
        later: set[tuple[str, ...]] = set()
        kept: list[Part] = []
        for part, theirs in reversed(list(zip(parts, users, strict=True))):
            table = None
            if several and not several.isdisjoint(theirs.to_pylist()):
                table = without_later(self._read(part), key, several, later)
                self._repeats += part.rows - table.num_rows
            if table is None or table.num_rows == part.rows:
                kept.append(part)
            elif table.num_rows:
                # A new file: until the progress lists it, the old one counts.
                kept.append(self._put(len(parts) + len(kept), table))
        return tuple(reversed(kept))

    def _read(self, part: Part) -> Table:
        content = self.files.content(part, self.remedy)
        return read(content, self.files.format, self.schema)
