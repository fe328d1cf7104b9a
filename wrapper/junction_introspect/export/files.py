"""The files of an export: numbered, written aside, renamed into place, and locked meanwhile."""

from __future__ import annotations

import os
import re
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from attrs import frozen

from junction_introspect import _files
from junction_introspect._files import local_path, make_folder
from junction_introspect.errors import ExportLockedError, ExportWriteError
from junction_introspect.export.formats import Format


@frozen
class Target:
    """The files that an export writes.

    Attributes:
        directory: The directory of the files.
        prefix: The text before the number in a part's name.
        suffix: The text after the number.
        format: The format of a part.
    """

    directory: Path
    prefix: str
    suffix: str
    format: Format

    @classmethod
    def parse(cls, to: str | os.PathLike[str]) -> Target:
        """Build a target from a path whose file name has a ``*`` in place of the number.

        Raises:
            ValueError: The file name does not have exactly one ``*``, another part of the path has
                one, the ending is not that of a format, or the path is a URL.
        """
        path = local_path(to)
        prefix, star, suffix = path.name.partition("*")
        if not star or "*" in suffix or "*" in str(path.parent):
            raise ValueError("the file name needs one * in place of the number, like part-*.csv")
        ending = path.suffix.removeprefix(".").lower()
        if ending not in list(Format):
            endings = ", ".join(f".{each}" for each in Format)
            raise ValueError(f"the file name must end with one of {endings}")
        return cls(path.parent, prefix, suffix, Format(ending))

    def part(self, number: int) -> Path:
        """Return the path of a part."""
        return self.directory / f"{self.prefix}{number:05}{self.suffix}"

    @property
    def manifest(self) -> Path:
        """The path of the manifest: ``part-*.parquet`` has ``part-manifest.parquet.json``."""
        return self.directory / f"{self.prefix}manifest{self.suffix}.json"

    def parts(self) -> dict[str, Path]:
        """Return the existing files that are named like a part, by name."""
        return self._called(self._name)

    def unfinished(self) -> dict[str, Path]:
        """Return the unfinished files of a process that was killed while writing, by name."""
        return self._called(rf"\.{self._name}\.tmp")

    @property
    def _name(self) -> str:
        return rf"{re.escape(self.prefix)}\d{{5,}}{re.escape(self.suffix)}"

    def _called(self, name: str) -> dict[str, Path]:
        return {
            path.name: path for path in self.directory.iterdir() if re.fullmatch(name, path.name)
        }

    @contextmanager
    def held(self, mode: int | None) -> Generator[None, None, None]:
        """Create the directory if it does not exist, and lock out other exports.

        Args:
            mode: The permissions of the files in a new directory; by default only the owner may
                read and write them.

        Raises:
            ExportLockedError: Another export is writing there.
            ExportWriteError: The directory cannot be created.
        """
        with told(self.directory):
            make_folder(self.directory, mode)
        with _locked(self.directory):
            yield


def put(path: Path, content: bytes, mode: int) -> None:
    """Write a file atomically: completely or, if anything fails, not at all.

    Args:
        path: The file.
        content: The file's content.
        mode: The file's permissions, whatever the umask.

    Raises:
        ExportWriteError: It cannot be written.
    """
    with told(path):
        _files.put(path, content, aside=path.with_name(f".{path.name}.tmp"), mode=mode)
        _sync_directory(path.parent)


@contextmanager
def told(path: Path) -> Generator[None, None, None]:
    """Translate the operating system's errors about a file into ours.

    Raises:
        ExportWriteError: The operating system reported an error.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ExportWriteError(f"cannot write {path}: {reason}", path=path) from None


@contextmanager
def _locked(directory: Path) -> Generator[None, None, None]:
    try:
        import fcntl  # noqa: PLC0415 - Windows has neither this module nor locks on directories
    except ModuleNotFoundError:  # pragma: no cover - tests do not run on Windows
        yield
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ExportLockedError(
                f"another export is writing into {directory}: wait until it has finished",
                path=directory,
            ) from None
        yield
    finally:
        os.close(descriptor)


def _sync_directory(directory: Path) -> None:
    """Make a rename survive a loss of power, if the operating system supports that."""
    with suppress(PermissionError):  # Windows cannot open directories
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
