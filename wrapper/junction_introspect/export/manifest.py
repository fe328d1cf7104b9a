"""An export's manifest: what it is an export of, which parts are finished, and where it goes on."""

from __future__ import annotations

from typing import Any, Final

import msgspec

VERSION: Final = 1


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A finished part.

    Attributes:
        name: Its file's name.
        rows: How many rows it has.
        bytes: How long the file is.
        sha256: The file's SHA-256, in hexadecimal.
    """

    name: str
    rows: int
    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an export; written anew, and renamed into place, after every part.

    Attributes:
        version: The version of this format.
        of: What it is an export of: source, format, rows per part, filters.
        parts: The finished parts, in order.
        next_cursor: Where the source goes on after them; None at the start and at the end.
        complete: Whether there is nothing more.
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
    """Return a manifest as it is written: JSON, indented, with a line break at its end."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def decode(content: bytes) -> Manifest | None:
    """Return the manifest that a file holds, or None where it holds none of this version."""
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return manifest if manifest.version == VERSION else None
