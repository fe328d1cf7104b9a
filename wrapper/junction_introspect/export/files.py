"""The files of an export: numbered, written aside and renamed into place, one export at a time."""

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
    """Where an export goes.

    Attributes:
        directory: Where its files are.
        prefix: What stands before a part's number in its name.
        suffix: What stands after it.
        format: The format of a part.
    """

    directory: Path
    prefix: str
    suffix: str
    format: Format

    @classmethod
    def parse(cls, to: str | os.PathLike[str]) -> Target:
        """Build from a path whose last part has a ``*`` where the number goes.

        Raises:
            ValueError: It has not exactly one there, does not end like a format, or is a URL.
        """
        path = local_path(to)
        prefix, star, suffix = path.name.partition("*")
        if not star or "*" in suffix or "*" in str(path.parent):
            raise ValueError("a name needs one *, in its last part, where the number goes")
        ending = path.suffix.removeprefix(".").lower()
        if ending not in list(Format):
            raise ValueError(f"a name must end with {', '.join(f'.{each}' for each in Format)}")
        return cls(path.parent, prefix, suffix, Format(ending))

    def part(self, number: int) -> Path:
        """Return the path of a part."""
        return self.directory / f"{self.prefix}{number:05}{self.suffix}"

    @property
    def manifest(self) -> Path:
        """The path of the manifest: ``part-*.parquet`` has ``part-manifest.parquet.json``."""
        return self.directory / f"{self.prefix}manifest{self.suffix}.json"

    def parts(self) -> dict[str, Path]:
        """Return by name what is there and is called like a part."""
        return self._called(self._name)

    def unfinished(self) -> dict[str, Path]:
        """Return by name the parts that somebody was killed while writing."""
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
        """Make the directory where there is none, and keep other exports out of it.

        Args:
            mode: Who may read and write the files in a new one; by default their owner alone.

        Raises:
            ExportLockedError: One is at work there.
            ExportWriteError: The directory cannot be made.
        """
        with told(self.directory):
            make_folder(self.directory, mode)
        with _locked(self.directory):
            yield


def put(path: Path, content: bytes, mode: int) -> None:
    """Write a file so that it is there as a whole or, whatever happens, not at all.

    Args:
        path: The file.
        content: What is to be in it.
        mode: Who may read and write it, whatever the umask.

    Raises:
        ExportWriteError: It cannot be written.
    """
    with told(path):
        _files.put(path, content, aside=path.with_name(f".{path.name}.tmp"), mode=mode)
        _sync_directory(path.parent)


@contextmanager
def told(path: Path) -> Generator[None, None, None]:
    """Raise what the operating system says of a file as an error of ours.

    Raises:
        ExportWriteError: It says something.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ExportWriteError(f"cannot write {path}: {reason}", path=path) from None


@contextmanager
def _locked(directory: Path) -> Generator[None, None, None]:
    try:
        import fcntl  # noqa: PLC0415 - there is none on Windows, nor a lock on a directory
    except ModuleNotFoundError:  # pragma: no cover - not on what the tests run on
        yield
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ExportLockedError(
                f"another export writes into {directory}: wait until it has finished",
                path=directory,
            ) from None
        yield
    finally:
        os.close(descriptor)


def _sync_directory(directory: Path) -> None:
    """Have a rename survive a loss of power, where the operating system can be asked to."""
    with suppress(PermissionError):  # Windows opens no directories
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
