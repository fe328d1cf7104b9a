"""A manifest: what is exported, which parts are finished, and where to resume. No I/O."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec

VERSION: Final = 2


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A finished part.

    Attributes:
        name: The file's name.
        rows: How many rows it has.
        bytes: The file's length.
        sha256: The file's SHA-256, in hexadecimal.
        tag: How the object store marks this content, such as an ETag; None if it does not.
    """

    name: str
    rows: int
    bytes: int
    sha256: str
    tag: str | None = None


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The state of an export.

    Attributes:
        version: The version of this format.
        of: What is exported: source, filters, format.
        parts: The finished parts, in order.
        next_cursor: Where the source resumes after them; None at the start and at the end.
        complete: Whether the source was read to its end.
        observed_at: When the last page of the parts was received; None for a store.
        pages: How many pages are in the parts.
        users: How many users are on these pages; a user who was listed twice counts twice.
        invalid: How many records of these pages were left out as invalid.
    """

    version: int = VERSION
    of: dict[str, Any]
    parts: tuple[Part, ...] = ()
    next_cursor: str | None = None
    complete: bool = False
    observed_at: datetime | None = None
    pages: int = 0
    users: int = 0
    invalid: int = 0

    @property
    def rows(self) -> int:
        """How many rows the parts have."""
        return sum(part.rows for part in self.parts)

    def differences(self, of: dict[str, Any]) -> list[str]:
        """Return the names of what differs between this export and another, in words."""
        return [
            name.replace("_", " ")
            for name in sorted(self.of.keys() | of.keys())
            if self.of.get(name) != of.get(name)
        ]


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
