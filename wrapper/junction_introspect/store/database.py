"""Opens a store's file, and translates DuckDB's errors into ours."""

from __future__ import annotations

import os
import re
import secrets
import stat
from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path
from typing import Final, Literal

import duckdb

from junction_introspect._concurrency import forks
from junction_introspect._files import local_path
from junction_introspect.errors import (
    StoreError,
    StoreInvalidError,
    StoreLockedError,
    StoreMissingError,
    StoreVersionError,
    StoreWriteError,
)
from junction_introspect.store.schema import STEPS, names, version_of

_HOLDER: Final = re.compile(r"Conflicting lock is held in .*?\(PID (\d+)\)")

# Parts of DuckDB's messages when it refuses to open a file, and what they mean.
_REFUSALS: Final[Sequence[tuple[str, type[StoreError], str]]] = (
    (
        "version number",
        StoreVersionError,
        f"{{}} was written by a newer DuckDB than {duckdb.__version__}: update duckdb",
    ),
    (
        "WAL does not match",
        StoreInvalidError,
        "{}.wal belongs to another store, perhaps to a deleted one: move it away",
    ),
    ("not a valid DuckDB", StoreInvalidError, "{} is not a DuckDB database"),
)

# Parts of DuckDB's messages about a block with a wrong checksum, and about a truncated file.
_DAMAGE: Final = ("Corrupt database", "read enough bytes")
# Raised for a block that has the right checksum but invalid content.
_DAMAGED: Final = (duckdb.InternalException, duckdb.SerializationException)

# Errors that are about the file rather than about a statement.
_OF_THE_FILE: Final = (duckdb.OperationalError, duckdb.FatalException, OSError)

# Arrow's times have the zone of the connection.
_SETTINGS: Final = "SET TimeZone = 'UTC';"
# A sync goes through more data than it has to keep in memory. It gains little by more threads, and
# each needs memory. Checkpoints take longer the larger the store is.
_WRITING_SETTINGS: Final = (
    "SET checkpoint_threshold = '128MB'; SET memory_limit = '192MB'; SET threads = 2;"
)

# Each with the process that has taken it.
_taken: dict[object, int] = {}
_TAKEN_LOCK: Final = forks.Lock()


def named(path: str | os.PathLike[str]) -> Path:
    """Return the path for the name of a store.

    Raises:
        ValueError: It is not the name of a file.
    """
    if os.fspath(path).startswith(":memory:"):
        raise ValueError(
            ":memory: is not a file, and a store must outlive its process: give a file name, like"
            " pulls.duckdb"
        )
    return local_path(path)


@contextmanager
def taken(what: object, path: Path, refusal: str) -> Generator[None]:
    """Take something that only one thread may have; another thread gets the refusal.

    So does a child process: it has a copy of the parent's DuckDB, which would write into the same
    file without a lock.
    """
    with _TAKEN_LOCK.own:
        if what in _taken:
            raise StoreLockedError(refusal, path=path, holder=_taken[what])
        _taken[what] = os.getpid()
    try:
        yield
    finally:
        with _TAKEN_LOCK.own:
            del _taken[what]


def writing(path: Path) -> AbstractContextManager[None]:
    """Prevent a second `Store` of this process from writing to a file. DuckDB would allow it.

    Raises:
        StoreLockedError: Another `Store` has the file open for writing.
    """
    path = Path(os.path.realpath(path))
    refusal = f"{path} is already open for writing in this process, or was so before a fork"
    return taken(path, path, f"{refusal}: share that store, or close it first")


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Generator[None, None, None]:
    """Commit what is executed in this context, or roll it back after an error."""
    connection.execute("BEGIN")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # Fails if DuckDB has already rolled back a transaction that it could not commit.
        with suppress(duckdb.Error):
            connection.execute("ROLLBACK")
        raise


def connect(path: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    """Open a store's file. Unless it is read-only, create it or bring it up to date.

    Raises:
        StoreError: It cannot be opened; the subclass says why.
    """
    with told(path, "open"):
        try:
            # Unlike `exists`, this tells on every Python what the system refuses.
            found = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            if read_only:
                raise StoreMissingError(f"there is no store {path}", path=path) from None
            _make(path)
        else:
            if not stat.S_ISREG(found.st_mode):
                # DuckDB would read a device to its end, and some devices are endless.
                raise StoreInvalidError(f"{path} is not a file", path=path)
            if not found.st_size and not read_only:
                path.unlink()
                _make(path)
        connection = _connected(path, read_only=read_only)
    try:
        with told(path, "read" if read_only else "write"):
            connection.execute(_SETTINGS if read_only else _SETTINGS + _WRITING_SETTINGS)
            _check(connection, path, read_only=read_only)
    except BaseException:
        connection.close()
        raise
    return connection


def _connected(path: Path, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    # Absolute, because DuckDB gives names like `:memory:` and `md:` another meaning.
    return duckdb.connect(str(path.absolute()), read_only=read_only)


def _make(path: Path) -> None:
    """Create a store atomically, so that nobody opens a half-written one.

    If several processes do, the first one's store is kept.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        with closing(_connected(draft)) as connection:
            _migrate(connection, 0)
        try:
            os.link(draft, path)
        except OSError:
            if not os.path.lexists(path):  # the file system has no hard links
                draft.rename(path)
    finally:
        with suppress(OSError):
            draft.unlink()


def _check(connection: duckdb.DuckDBPyConnection, path: Path, *, read_only: bool) -> None:
    version, newest = version_of(connection), len(STEPS)
    if version is None:
        raise StoreInvalidError(f"{path} is a DuckDB database, but not a store", path=path)
    if version > newest:
        raise StoreVersionError(
            f"{path} is a store of version {version}, but this program supports up to {newest}:"
            " update junction-introspect",
            path=path,
            version=version,
        )
    if read_only:
        if version == 0:
            raise StoreInvalidError(f"{path} is empty: run a sync to fill it", path=path)
        if version < newest:
            raise StoreVersionError(
                f"{path} is a store of version {version}, older than {newest}:"
                " run a sync to bring it up to date",
                path=path,
                version=version,
            )
        return
    if version == newest:
        _read_all(connection, path)
    else:
        if version:
            _copy_to(connection, _copy(path, version))
        _migrate(connection, version)
        connection.execute("CHECKPOINT")
    for older in range(1, newest):
        _copy(path, older).unlink(missing_ok=True)


def _migrate(connection: duckdb.DuckDBPyConnection, version: int) -> None:
    """Make a store, or bring one up to date. If a step fails, nothing is changed."""
    with transaction(connection):
        for step in STEPS[version:] if version else STEPS[:1]:
            connection.execute(step)
        connection.execute("UPDATE store_version SET version = ?", [len(STEPS)])


def _copy(path: Path, version: int) -> Path:
    return path.with_name(f"{path.name}.version-{version}")


def _copy_to(connection: duckdb.DuckDBPyConnection, copy: Path) -> None:
    """Copy a store. DuckDB does it: closing the file after reading it would release its lock."""
    copy.unlink(missing_ok=True)
    ((name,),) = connection.execute("SELECT current_database()").fetchall()
    source, target = name.replace('"', '""'), str(copy.absolute()).replace("'", "''")
    try:
        connection.execute(f"ATTACH '{target}' AS copy_of_store")
        connection.execute(f'COPY FROM DATABASE "{source}" TO copy_of_store')
        connection.execute("DETACH copy_of_store")
    except BaseException:
        copy.unlink(missing_ok=True)
        raise


def _read_all(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Make DuckDB compare the checksums of everything in a store.

    Otherwise a sync could succeed although data that it did not read is lost. A million rows take a
    tenth of a second.
    """
    try:
        for table in names():
            connection.execute(f"SELECT count(hash(t)) FROM {table} AS t").fetchall()  # noqa: S608
    except duckdb.ProgrammingError:
        raise StoreInvalidError(f"{path} is a store with a missing table", path=path) from None


@contextmanager
def told(
    path: Path, verb: Literal["open", "read", "write", "set the mode of"] = "write"
) -> Generator[None, None, None]:
    """Translate DuckDB's errors about a file into ours.

    Args:
        path: The file.
        verb: What is done with it.

    Raises:
        StoreError: It cannot be used; the subclass says why.
    """
    try:
        yield
    except (duckdb.Error, OSError) as error:  # an Arrow reader turns the first into the second
        failure = _failure(error, path, verb)
        if failure is None:
            raise  # a defect in one of our statements
        raise failure from None


def _failure(error: Exception, path: Path, verb: str) -> StoreError | None:
    text = str(error)
    if verb == "open":
        if "Could not set lock" in text:
            pid = _HOLDER.search(text)
            return StoreLockedError(
                f"{path} is locked{f' by process {pid[1]}' if pid else ''}: DuckDB lets one process"
                " write or several read, so wait until it has finished",
                path=path,
                holder=int(pid[1]) if pid else None,
            )
        if "different configuration" in text:
            return StoreLockedError(
                f"{path} is already open in this process with other settings: close it first",
                path=path,
                holder=os.getpid(),
            )
        for sign, kind, refusal in _REFUSALS:
            if sign in text:
                return kind(refusal.format(path), path=path)
    # The operating system's reason is the last clause of DuckDB's message.
    reason = getattr(error, "strerror", None) or text.splitlines()[0].rpartition(": ")[2]
    if isinstance(error, _DAMAGED) or any(sign in text for sign in _DAMAGE):
        return StoreInvalidError(
            f"{path} is damaged: {reason}; restore a copy, or sync into another file", path=path
        )
    if verb != "open" and not isinstance(error, _OF_THE_FILE):
        return None
    kind = StoreError if verb in ("open", "read") else StoreWriteError
    return kind(f"cannot {verb} {path}: {reason}", path=path)
