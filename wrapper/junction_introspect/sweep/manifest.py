"""What is known of a team's part of a sweep: which parts count, and where it goes on. Pure."""

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
    """What there is of a team.

    Attributes:
        version: The version of this format.
        of: What it is a listing of: address, provider.
        parts: The parts that count, in order.
        next_cursor: Where the listing goes on after them; None at its beginning and its end.
        observed_at: When their last page was received.
        pages: How many pages are in them; so are users, and invalid records left out.
        users: As listed, so that one who came twice counts twice.
        invalid: See `pages`.
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
        """Tell whether a listing can be gone on with.

        Args:
            of: What it would be a listing of.
            at: The time.
            within: How old its last page may be.
        """
        return self.next_cursor is not None and self.of == of and at - self.observed_at <= within


def encode(manifest: Manifest) -> bytes:
    """Return a manifest as it is written: JSON, indented, with a line break at its end."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def decode(content: bytes | None) -> Manifest | None:
    """Return the manifest that a file holds, or None where it holds none of this version."""
    try:
        manifest = msgspec.json.decode(content or b"", type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return manifest if manifest.version == VERSION else None


@frozen
class Swept:
    """What has become of a team: a summary, to be sent from a worker.

    Attributes:
        team: The team's name.
        rows: How many rows its parts have; so are users, pages, and invalid records left out.
        users: As listed, so that one who came twice counts twice.
        pages: See `rows`.
        invalid: See `rows`.
        repeats: How many rows were left out, since their key came again later.
        written: How many parts were written, those of earlier attempts not counted; none where all
            was there already.
        resumed: Whether it went on after parts that were there.
        restarted: Whether the server refused their cursor, so that all began anew.
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
