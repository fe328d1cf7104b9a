"""Where a sweep's files go: anything fsspec has, one directory a team.

    destination/team=acme/part-00000-5f0c….parquet
    destination/team=acme/manifest.json         names the parts that count, once all are there
    destination/team=acme/progress.json         the same, until then

Directories are named as Hive names partitions, so that readers find the column `team`. No part's
name is used twice: a worker that was given up and still writes, writes beside what others read.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from fsspec import core  # pyright: ignore[reportMissingTypeStubs]
from fsspec.implementations import local  # pyright: ignore[reportMissingTypeStubs]

from junction_introspect import _files

MANIFEST: Final = "manifest.json"
PROGRESS: Final = "progress.json"

_PREFIX: Final = "team="

# fsspec has no types, so that all of it is Any.
_core: Any = core
_LocalFileSystem: Any = local.LocalFileSystem


class Destination:
    """A directory, or a prefix in an object store.

    Args:
        url: As fsspec has it: ``s3://bucket/prefix``, ``gs://…``, ``abfs://…``, or a local path.
        storage_options: Passed to fsspec. They travel to workers, so that a secret is better left
            to the workers' own configuration.

    Attributes:
        url: As given, with the protocol and an absolute path.
        filesystem: The fsspec filesystem.
    """

    def __init__(self, url: str, storage_options: Mapping[str, Any] | None = None) -> None:
        self._options = dict(storage_options or {})
        self.filesystem: Any
        self.filesystem, self._root = _core.url_to_fs(url, **self._options)
        self.url: str = self.filesystem.unstrip_protocol(self._root)

    def __reduce__(self) -> tuple[Any, ...]:
        return Destination, (self.url, self._options)

    def path(self, team: str, name: str) -> str:
        """Return the path of a team's file, without the protocol."""
        return f"{self._root.rstrip('/')}/{_PREFIX}{team}/{name}"

    def get(self, team: str, name: str) -> bytes | None:
        """Return what a file holds, or None where there is none."""
        try:
            content: bytes = self.filesystem.cat_file(self.path(team, name))
        except FileNotFoundError:
            return None
        return content

    def put(self, team: str, name: str, content: bytes) -> None:
        """Write a file that is there as a whole or not at all, in the place of one of that name."""
        path = self.path(team, name)
        if isinstance(self.filesystem, _LocalFileSystem):
            _replace(Path(path), content)
        else:
            # An object store has no object before it has all of it.
            self.filesystem.pipe_file(path, content)

    def remove(self, team: str, name: str) -> None:
        """Remove a file, if it is there."""
        with suppress(FileNotFoundError):
            self.filesystem.rm_file(self.path(team, name))

    def teams(self) -> list[str]:
        """Return the names of the teams that have files, sorted."""
        self.filesystem.invalidate_cache()  # others write
        try:
            found = self.filesystem.ls(self._root, detail=False)
        except FileNotFoundError:
            return []
        names = (path.rstrip("/").rpartition("/")[2] for path in found)
        return sorted(name.removeprefix(_PREFIX) for name in names if name.startswith(_PREFIX))


def part_name(number: int) -> str:
    """Return a name for a part that no other part has ever had."""
    return f"part-{number:05}-{secrets.token_hex(8)}.parquet"


def _replace(path: Path, content: bytes) -> None:
    _files.make_folder(path.parent)
    # Not by fsspec, which writes into the file itself; two workers may do this at once.
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    _files.put(path, content, aside=aside, mode=_files.mode_of(path))
