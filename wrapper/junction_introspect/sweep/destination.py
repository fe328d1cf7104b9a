"""The destination of a sweep's files: any filesystem of fsspec, with one directory per team.

    destination/team=acme/part-00000-5f0c….parquet
    destination/team=acme/manifest.json         lists the parts that count, once all are written
    destination/team=acme/progress.json         lists the finished parts until then

Directories are named like Hive partitions, so that readers find the column `team`. No part's name
is used twice, so a worker that was given up but still writes cannot overwrite what others read.
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

# fsspec has no type hints, so everything from it is Any.
_core: Any = core
_LocalFileSystem: Any = local.LocalFileSystem


class Destination:
    """A directory, or a prefix in an object store.

    Args:
        url: A URL for fsspec, such as ``s3://bucket/prefix``, ``gs://…``, ``abfs://…``, or a local
            path.
        storage_options: Passed to fsspec. They are sent to workers, so secrets are better kept in
            the workers' own configuration.

    Attributes:
        url: The URL, with the protocol and an absolute path.
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
        """Return the content of a file, or None if there is no such file."""
        try:
            content: bytes = self.filesystem.cat_file(self.path(team, name))
        except FileNotFoundError:
            return None
        return content

    def put(self, team: str, name: str, content: bytes) -> None:
        """Write a file atomically, and replace an existing one of the same name."""
        path = self.path(team, name)
        if isinstance(self.filesystem, _LocalFileSystem):
            _replace(Path(path), content)
        else:
            # An object appears in an object store only when it is complete.
            self.filesystem.pipe_file(path, content)

    def remove(self, team: str, name: str) -> None:
        """Remove a file if it exists."""
        with suppress(FileNotFoundError):
            self.filesystem.rm_file(self.path(team, name))

    def teams(self) -> list[str]:
        """Return the names of the teams that have files, sorted."""
        self.filesystem.invalidate_cache()  # other processes write here too
        try:
            found = self.filesystem.ls(self._root, detail=False)
        except FileNotFoundError:
            return []
        names = (path.rstrip("/").rpartition("/")[2] for path in found)
        return sorted(name.removeprefix(_PREFIX) for name in names if name.startswith(_PREFIX))


def part_name(number: int) -> str:
    """Return a new, unique name for a part."""
    return f"part-{number:05}-{secrets.token_hex(8)}.parquet"


def _replace(path: Path, content: bytes) -> None:
    _files.make_folder(path.parent)
    # fsspec would write into the file itself, and two workers may do this at the same time.
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    _files.put(path, content, aside=aside, mode=_files.mode_of(path))
