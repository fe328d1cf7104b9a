"""What is raised about stores and exports. Needs no extra, so that whoever calls can tell them.

    JunctionError
    ├── StoreError                  .path
    │   ├── StoreMissingError       there is no such file
    │   ├── StoreInvalidError       the file is no store
    │   ├── StoreVersionError       the store is of another version: .version
    │   ├── StoreLockedError        somebody else is using it: .holder
    │   └── StoreWriteError         it cannot be written, as when the disk is full
    └── ExportError                 .path
        ├── ExportMismatchError     what is there belongs to another export, or has been changed
        ├── ExportLockedError       another export writes into the directory
        └── ExportWriteError        it cannot be written, as when the disk is full

Each text is one line and names the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from junction_introspect.errors import JunctionError

if TYPE_CHECKING:
    from pathlib import Path


class StoreError(JunctionError):
    """A store cannot be used.

    Attributes:
        path: Its file.
    """

    def __init__(self, message: str, *, path: Path) -> None:
        super().__init__(message)
        self.path = path


class StoreMissingError(StoreError):
    """There is no such file."""


class StoreInvalidError(StoreError):
    """The file is no database, or a database that is no store."""


class StoreVersionError(StoreError):
    """The store was written by a newer version, or has to be brought up to date first.

    Attributes:
        version: The version of its schema; None where DuckDB itself cannot read the file.
    """

    def __init__(self, message: str, *, path: Path, version: int | None = None) -> None:
        super().__init__(message, path=path)
        self.version = version


class StoreLockedError(StoreError):
    """Somebody else is using the store: DuckDB lets one process write, or several read.

    Attributes:
        holder: The id of the process that holds the lock, or None where it cannot be told.
    """

    def __init__(self, message: str, *, path: Path, holder: int | None = None) -> None:
        super().__init__(message, path=path)
        self.holder = holder


class StoreWriteError(StoreError):
    """The store cannot be written, as when the disk is full. What was committed is kept."""


class ExportError(JunctionError):
    """An export cannot begin or go on.

    Attributes:
        path: The file or directory that the text is about.
    """

    def __init__(self, message: str, *, path: Path) -> None:
        super().__init__(message)
        self.path = path


class ExportMismatchError(ExportError):
    """What is there belongs to another export, or is not as the export left it."""


class ExportLockedError(ExportError):
    """Another export writes into the directory."""


class ExportWriteError(ExportError):
    """A part cannot be written, as when the disk is full. What was finished is kept."""
