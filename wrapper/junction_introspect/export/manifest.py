"""An export's manifest: what is exported, which parts are finished, and where to resume."""

from __future__ import annotations

from typing import Any, Final

import msgspec

VERSION: Final = 1


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A finished part.

    Attributes:
        name: The file's name.
        rows: How many rows it has.
        bytes: The file's length.
        sha256: The file's SHA-256, in hexadecimal.
    """

    name: str
    rows: int
    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The state of an export. The file is replaced after every part.

    Attributes:
        version: The version of this format.
        of: What is exported: source, format, rows per part, filters.
        parts: The finished parts, in order.
        next_cursor: Where the source resumes after them; None at the start and at the end.
        complete: Whether the export is complete.
        invalid: How many records of the finished parts' pages were left out as invalid.
    """

    version: int = VERSION
    of: dict[str, Any]
    parts: tuple[Part, ...] = ()
    next_cursor: str | None = None
    complete: bool = False
    invalid: int = 0

    @property
    def rows(self) -> int:
        """How many rows the finished parts have."""
        return sum(part.rows for part in self.parts)


def encode(manifest: Manifest) -> bytes:
    """Return the content of a manifest's file: indented JSON that ends with a line break."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def decode(content: bytes) -> Manifest | None:
    """Return the manifest from a file's content, or None if it is not one of this version."""
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return manifest if manifest.version == VERSION else None
