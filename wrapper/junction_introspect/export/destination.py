"""The destination of an export: a folder on this machine, or a URL that fsspec reaches.

A local file is written aside and renamed into place; an object appears in an object store when it
is complete. Local folders do without fsspec.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from copy import copy
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import filelock

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

# Before the path of a local file.
_FILE: Final = re.compile(r"\A(file|local):(//|(?=/))")

# The names under which object stores tell a value that changes with an object's content.
_TAGS: Final = ("ETag", "etag", "md5Hash", "content_md5")


class _LocalFiles:
    """What `Destination` uses of a filesystem of fsspec, for this machine."""

    def __init__(self, mode: int | None) -> None:
        self.mode = mode

    def invalidate_cache(self) -> None:
        """Do nothing: nothing is cached."""

    def ls(self, path: str, *, detail: bool) -> list[str]:
        del detail
        return [each.name for each in Path(path).iterdir()]

    def info(self, path: str) -> dict[str, Any]:
        return {"size": Path(path).stat().st_size}

    def cat_file(self, path: str) -> bytes:
        return Path(path).read_bytes()

    def rm_file(self, path: str) -> None:
        Path(path).unlink()

    def pipe_file(self, path: str, content: bytes) -> None:
        whole = Path(path)
        # Two workers may write the same file at the same time.
        aside = whole.with_name(f".{whole.name}.{secrets.token_hex(8)}.tmp")
        _files.make_folder(whole.parent, self.mode)
        _files.put(whole, content, aside=aside, mode=_files.mode_of(whole, self.mode))
        _sync_directory(whole.parent)


class Destination:
    """A folder on this machine, or whatever fsspec reaches: an object store, say.

    Args:
        url: A path, or a URL for fsspec, such as ``s3://bucket/prefix``, ``gs://…``, ``abfs://…``.
        storage_options: Passed to fsspec. They are pickled with this object, and so sent to
            workers: secrets are better kept in the workers' own configuration.
        mode: The permissions of local files, like ``0o640``. By default, a file that is replaced
            keeps its mode, and only the owner may read and write a new one.

    Attributes:
        url: The absolute path, or the URL without credentials.
        filesystem: The fsspec filesystem; None for a local folder.

    Raises:
        ExportPackageError: A package that the URL needs is not installed.
        ValueError: It cannot be the name of a folder, or fsspec does not know the protocol, or
            cannot write with it, or it is a URL and there is a mode.
    """

    def __init__(
        self,
        url: str | os.PathLike[str],
        storage_options: Mapping[str, Any] | None = None,
        mode: int | None = None,
    ) -> None:
        text = without_file_protocol(os.fspath(url))
        self.local = not _files.is_url(text)
        self.filesystem: Any = None
        if self.local:
            text = self.url = str(_files.local_path(text).absolute())
            self._files: Any = _LocalFiles(mode)
        elif mode is not None:
            raise ValueError("a mode is for files on this machine; at a URL, set permissions there")
        else:
            self.filesystem, text = _opened(text, storage_options)
            self._files = self.filesystem
            self.url = self.filesystem.unstrip_protocol(text)
        self._root = text

    def path(self, name: str) -> str:
        """Return the path of a file, as the filesystem needs it: without the protocol."""
        return _joined(self._root, name)

    def url_of(self, name: str) -> str:
        """Return the path or the URL of a file."""
        return _joined(self.url, name)

    def folder(self, name: str) -> Destination:
        """Return a folder in this one."""
        folder = copy(self)
        folder.url, folder._root = self.url_of(name), self.path(name)  # noqa: SLF001 - of this class
        return folder

    def names(self) -> list[str]:
        """Return the names of the files and folders in this one."""
        with told(self.url, "read"), suppress(FileNotFoundError):
            self._files.invalidate_cache()  # other processes write here too
            found = self._files.ls(self._root, detail=False)
            return [path.rstrip("/").rpartition("/")[2] for path in found]
        return []

    def get(self, name: str) -> bytes | None:
        """Return the content of a file, or None if there is no such file."""
        with told(self.url_of(name), "read"), suppress(FileNotFoundError):
            content: bytes = self._files.cat_file(self.path(name))
            return content
        return None

    def put(self, name: str, content: bytes) -> None:
        """Write a file completely or not at all, and replace an existing one of the same name."""
        with told(self.url_of(name)):
            # Not a transaction of fsspec: that belongs to the filesystem, which threads share.
            self._files.pipe_file(self.path(name), content)

    def remove(self, name: str) -> None:
        """Remove a file if it exists."""
        with told(self.url_of(name)), suppress(FileNotFoundError):
            self._files.rm_file(self.path(name))

    def look(self, name: str) -> tuple[int, str | None] | None:
        """Return a file's size and its tag, if it has one; None if there is no such file."""
        with told(self.url_of(name), "read"), suppress(FileNotFoundError):
            self._files.invalidate_cache()
            found = self._files.info(self.path(name))
            return found["size"], next((str(found[tag]) for tag in _TAGS if found.get(tag)), None)
        return None

    @contextmanager
    def locked(self, name: str) -> Generator[bool]:
        """Lock out other processes, if that is possible; yield whether it is.

        Args:
            name: The lock's file. It stays, since removing it would race with others.

        Raises:
            ExportLockedError: Another process holds the lock.
        """
        if not self.local:
            yield False
            return
        path = Path(self.path(name))
        mode = _files.mode_of(path, self._files.mode)
        with ExitStack() as stack:
            with told(self.url):
                _files.make_folder(path.parent, self._files.mode)
                try:
                    stack.enter_context(filelock.FileLock(path, timeout=0, mode=mode))
                except filelock.Timeout:
                    raise ExportLockedError(
                        f"another export is writing into {self.url}: wait until it has finished",
                        path=self.url,
                    ) from None
                with suppress(PermissionError):  # somebody else made it
                    path.chmod(mode)
            yield True


def _joined(folder: str, name: str) -> str:
    return folder + name if folder.endswith("/") else f"{folder}/{name}"


def _opened(url: str, options: Mapping[str, Any] | None) -> tuple[Any, str]:
    """Return the filesystem of a URL, and the URL's path in it."""
    protocol = url.partition(":")[0]
    if protocol in _READ_ONLY:
        raise ValueError(
            f"{protocol}:// is a URL that cannot be written to: use a folder, or a store like"
            " s3://, gs:// or abfs://"
        )
    if "::" in url:
        raise ValueError("URLs that are joined by :: cannot be written to: use the last one alone")
    try:
        core: Any = import_module("fsspec.core")
        core.get_filesystem_class(protocol)
    except ImportError as error:
        name = _PACKAGES.get(protocol)
        needs = f"the package {name}: run pip install '{name}'" if name else f"a package: {error}"
        raise ExportPackageError(f"{protocol}:// needs {needs}", path=f"{protocol}://") from None
    if "://" not in url:  # as `Path` writes it; fsspec would take it for a local file
        url = url.replace(":/", "://", 1)
    with told(f"{protocol}://", "open"):
        filesystem, path = core.url_to_fs(url, **(options or {}))
        return filesystem, path


def without_file_protocol(url: str) -> str:
    """Return the path of a ``file://`` URL, or ``file:/``; anything else stays as it is."""
    return _FILE.sub("", url, count=1)


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
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())
        kind = ExportWriteError if verb == "write" else ExportReadError
        raise kind(f"cannot {verb} {url}: {reason or type(error).__name__}", path=url) from None


def _sync_directory(directory: Path) -> None:
    """Make a rename survive a loss of power, if the system and the file system support that.

    Windows cannot open folders; some network file systems cannot sync them.
    """
    with suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
