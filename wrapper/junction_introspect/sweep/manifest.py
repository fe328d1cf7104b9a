"""The manifest of a team's sweep: which parts count, and where to resume. Pure."""

from __future__ import annotations

from datetime import (
    datetime,
    timedelta,
)
from typing import Final

import msgspec
from attrs import frozen

from junction_introspect.export.manifest import Part

VERSION: Final = 1


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The state of a team's sweep.

    Attributes:
        version: The version of this format.
        of: What is listed: address and provider.
        parts: The parts that count, in order.
        next_cursor: Where the listing resumes after them; None at its beginning and its end.
        observed_at: When their last page was received.
        pages: How many pages are in the parts.
        users: How many users are in the parts; a user who was listed twice counts twice.
        invalid: How many invalid records of these pages were left out.
    """

    version: int = VERSION
    of: dict[str, str | None]
    parts: tuple[Part, ...] = ()
    next_cursor: str | None = None
    observed_at: datetime
    pages: int = 0
    users: int = 0
    invalid: int = 0

    @property
    def rows(self) -> int:
        """How many rows the parts have."""
        return sum(part.rows for part in self.parts)

    def goes_on(self, of: dict[str, str | None], at: datetime, within: timedelta) -> bool:
        """Return whether the listing can be resumed.

        Args:
            of: What the resumed listing would list.
            at: The current time.
            within: How old the last page may be.
        """
        return self.next_cursor is not None and self.of == of and at - self.observed_at <= within


def encode(manifest: Manifest) -> bytes:
    """Return the content of a manifest's file: indented JSON that ends with a line break."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def decode(content: bytes | None) -> Manifest | None:
    """Return the manifest from a file's content, or None if it is not one of this version."""
    try:
        manifest = msgspec.json.decode(content or b"", type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return manifest if manifest.version == VERSION else None


@frozen
class Swept:
    """The result of one team's sweep, small enough to be sent from a worker.

    Attributes:
        team: The team's name.
        rows: How many rows its parts have.
        users: How many users were listed; a user who was listed twice counts twice.
        pages: How many pages were listed.
        invalid: How many invalid records were left out.
        repeats: How many rows were left out because their key came again later.
        written: How many parts this attempt wrote; 0 if the team was complete already.
        resumed: Whether it resumed after existing parts.
        restarted: Whether the server refused their cursor, so that the team started over.
    """

    team: str
    rows: int
    users: int
    pages: int
    invalid: int
    repeats: int = 0
    written: int = 0
    resumed: bool = False
    restarted: bool = False
