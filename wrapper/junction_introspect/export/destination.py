"""The destination of an export: a folder on this machine, or a URL that fsspec reaches.

A local file is written aside and renamed into place; an object appears in an object store when it
is complete. Local folders do without fsspec.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any, Final, TypeAlias

import filelock
from attrs import frozen

from junction_introspect import _files
from junction_introspect.errors import (
    ExportLockedError,
    ExportPackageError,
    ExportReadError,
    ExportWriteError,
    JunctionError,
)

# The packages that fsspec needs for the object stores that are used most.
_PACKAGES: Final = {"abfs": "adlfs", "az": "adlfs", "gcs": "gcsfs", "gs": "gcsfs", "s3": "s3fs"}

# What nothing can be written to.
_READ_ONLY: Final = frozenset({"data", "github", "http", "https", "zip"})

# The names under which object stores tell a value that changes with an object's content.
_TAGS: Final = ("ETag", "etag", "md5Hash", "content_md5")


@frozen
class Folder:
    """A folder on this machine, or in a file system that it has mounted.

    Attributes:
        directory: The folder. It is created when a file is written.
        mode: The permissions of the files. None keeps those of a file that is replaced, and lets
            only the owner read and write a new one.
    """

    directory: Path
    mode: int | None = None

    @property
    def url(self) -> str:
        """The folder's path."""
        return str(self.directory)

    @property
    def filesystem(self) -> None:
        """None: readers need no filesystem of fsspec."""

    def path(self, name: str) -> str:
        """Return the path of a file, as its readers need it."""
        return str(self.directory / name)

    url_of = path

    def folder(self, name: str) -> Folder:
        """Return a folder in this one."""
        return Folder(self.directory / name, self.mode)

    def names(self) -> list[str]:
        """Return the names of the files and folders in this one."""
        with told(self.url, "read"), suppress(FileNotFoundError):
            return [path.name for path in self.directory.iterdir()]
        return []

    def get(self, name: str) -> bytes | None:
        """Return the content of a file, or None if there is no such file."""
        with told(self.path(name), "read"), suppress(FileNotFoundError):
            return (self.directory / name).read_bytes()
        return None

    def put(self, name: str, content: bytes) -> None:
        """Write a file atomically, and replace an existing one of the same name."""
        path = self.directory / name
        # Two workers may write the same file at the same time.
        aside = path.with_name(f".{name}.{secrets.token_hex(8)}.tmp")
        with told(self.path(name)):
            _files.make_folder(self.directory, self.mode)
            _files.put(path, content, aside=aside, mode=_files.mode_of(path, self.mode))
            _sync_directory(self.directory)

    def remove(self, name: str) -> None:
        """Remove a file if it exists."""
        with told(self.path(name)):
            (self.directory / name).unlink(missing_ok=True)

    def look(self, name: str) -> tuple[int, str | None] | None:
        """Return a file's size and no tag, or None if there is no such file."""
        with told(self.path(name), "read"), suppress(FileNotFoundError):
            return (self.directory / name).stat().st_size, None
        return None

    @contextmanager
    def locked(self, name: str) -> Generator[bool]:
        """Create the folder and lock out other processes; yield that this was possible.

        Args:
            name: The lock's file. It stays, since removing it would race with others.

        Raises:
            ExportLockedError: Another process holds the lock.
        """
        path = self.directory / name
        with told(self.url):
            _files.make_folder(self.directory, self.mode)
            lock = filelock.FileLock(path, timeout=0, mode=_files.mode_of(path, self.mode))
            try:
                lock.acquire()
            except filelock.Timeout:
                raise ExportLockedError(
                    f"another export is writing into {self.url}: wait until it has finished",
                    path=self.url,
                ) from None
        try:
            yield True
        finally:
            lock.release()


class Prefix:
    """A prefix in an object store, or a folder in another filesystem of fsspec.

    Args:
        url: The URL.
        options: Passed to fsspec. They are pickled with this object.

    Attributes:
        url: The URL, without credentials.
        filesystem: The fsspec filesystem.

    Raises:
        ExportPackageError: A package that the URL needs is not installed.
        ValueError: fsspec does not know the protocol, or cannot write with it.
    """

    def __init__(self, url: str, options: Mapping[str, Any] | None = None) -> None:
        self._given, self._options = url, dict(options or {})
        protocol = url.partition(":")[0]
        if protocol in _READ_ONLY:
            raise ValueError(
                f"{protocol}:// is a URL that cannot be written to: use a folder, or a store like"
                " s3://, gs:// or abfs://"
            )
        try:
            core: Any = import_module("fsspec.core")
            core.get_filesystem_class(protocol)
        except ImportError:
            package = _PACKAGES.get(protocol, "fsspec")
            raise ExportPackageError(
                f"{protocol}:// needs the package {package}: run pip install '{package}'",
                path=f"{protocol}://",
            ) from None
        self.filesystem: Any
        with told(f"{protocol}://", "open"):
            self.filesystem, root = core.url_to_fs(url, **self._options)
        self._root: str = root.rstrip("/")
        self.url: str = self.filesystem.unstrip_protocol(self._root)

    def __reduce__(self) -> tuple[Any, ...]:
        return Prefix, (self._given, self._options)

    def path(self, name: str) -> str:
        """Return the path of a file, as the filesystem needs it: without the protocol."""
        return f"{self._root}/{name}"

    def url_of(self, name: str) -> str:
        """Return the URL of a file."""
        return f"{self.url.rstrip('/')}/{name}"

    def folder(self, name: str) -> Prefix:
        """Return a folder in this one."""
        return Prefix(f"{self._given.rstrip('/')}/{name}", self._options)

    def names(self) -> list[str]:
        """Return the names of the files and folders in this one."""
        with told(self.url, "read"), suppress(FileNotFoundError):
            self.filesystem.invalidate_cache()  # other processes write here too
            found = self.filesystem.ls(self._root, detail=False)
            return [path.rstrip("/").rpartition("/")[2] for path in found]
        return []

    def get(self, name: str) -> bytes | None:
        """Return the content of a file, or None if there is no such file."""
        with told(self.url_of(name), "read"), suppress(FileNotFoundError):
            content: bytes = self.filesystem.cat_file(self.path(name))
            return content
        return None

    def put(self, name: str, content: bytes) -> None:
        """Write a file, and replace an existing one of the same name."""
        with told(self.url_of(name)):
            # Not a transaction of fsspec: that belongs to the filesystem, which threads share.
            self.filesystem.pipe_file(self.path(name), content)

    def remove(self, name: str) -> None:
        """Remove a file if it exists."""
        with told(self.url_of(name)), suppress(FileNotFoundError):
            self.filesystem.rm_file(self.path(name))

    def look(self, name: str) -> tuple[int, str | None] | None:
        """Return a file's size and its tag, if it has one; None if there is no such file."""
        with told(self.url_of(name), "read"), suppress(FileNotFoundError):
            self.filesystem.invalidate_cache()
            found = self.filesystem.info(self.path(name))
            return found["size"], next((str(found[tag]) for tag in _TAGS if found.get(tag)), None)
        return None

    @contextmanager
    def locked(self, name: str) -> Generator[bool]:  # noqa: ARG002 - as `Folder.locked`
        """Lock nothing, since object stores have no locks; yield that."""
        yield False


Destination: TypeAlias = Folder | Prefix


def destination(
    url: str | os.PathLike[str],
    storage_options: Mapping[str, Any] | None = None,
    mode: int | None = None,
) -> Destination:
    """Return the destination that a path or a URL stands for.

    Args:
        url: A path, or a URL for fsspec, such as ``s3://bucket/prefix``, ``gs://…``, ``abfs://…``.
        storage_options: Passed to fsspec. They are sent to workers, so secrets are better kept in
            the workers' own configuration.
        mode: The permissions of local files, like ``0o640``.

    Raises:
        ExportPackageError: A package that the URL needs is not installed.
        ValueError: It cannot be the name of a folder, or fsspec does not know the protocol.
    """
    text = without_file_protocol(os.fspath(url))
    if _files.is_url(text):
        return Prefix(text, storage_options)
    return Folder(_files.local_path(text).absolute(), mode)


def without_file_protocol(url: str) -> str:
    """Return the path of a ``file://`` URL; anything else stays as it is."""
    return url.removeprefix("file://").removeprefix("local://")


@contextmanager
def told(url: str, verb: str = "write") -> Generator[None]:
    """Translate the errors of the operating system and of filesystems of fsspec into ours.

    Args:
        url: What is being used.
        verb: What is done with it.

    Raises:
        ExportReadError: It cannot be read.
        ExportWriteError: It cannot be written.
    """
    try:
        yield
    except JunctionError:
        raise
    except Exception as error:  # noqa: BLE001 - each filesystem of fsspec has errors of its own
        reason = getattr(error, "strerror", None) or next(iter(str(error).splitlines()), "")
        kind = ExportWriteError if verb == "write" else ExportReadError
        raise kind(f"cannot {verb} {url}: {reason or type(error).__name__}", path=url) from None


def _sync_directory(directory: Path) -> None:
    """Make a rename survive a loss of power, if the operating system supports that."""
    with suppress(PermissionError):  # Windows cannot open directories
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
