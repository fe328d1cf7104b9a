"""Opaque cursors: a position in the listing, sealed so that forged cursors are refused."""

from __future__ import annotations

import base64
import struct
from hashlib import blake2b
from hmac import compare_digest
from typing import Final, NamedTuple

# 24 bytes are exactly 32 base64 characters, so there is no padding and only one spelling.
_POSITION: Final = struct.Struct(">QB")
_SEAL_SIZE: Final = 24 - _POSITION.size


class Position(NamedTuple):
    """The position where a page begins.

    `first` is the number of the first user that the page may contain. `hop` is the number of empty
    pages that were already served at this position.
    """

    first: int
    hop: int


START: Final = Position(0, 0)


class Cursors:
    """Issues cursors, and reads the cursors that it issued.

    Args:
        key: Up to 64 bytes; a cursor that was sealed with another key is refused.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def issue(self, position: Position) -> str:
        """Return the cursor of a position: 32 characters that are safe in a URL."""
        packed = _POSITION.pack(*position)
        seal = blake2b(packed, key=self._key, digest_size=_SEAL_SIZE).digest()
        return base64.urlsafe_b64encode(packed + seal).decode()

    def read(self, cursor: str) -> Position:
        """Return the position in a cursor.

        Args:
            cursor: Any text that a caller sent.

        Raises:
            ValueError: The cursor was not issued here, or was changed.
        """
        # Issuing the position again checks everything: the bytes, the seal and the spelling.
        raw = base64.urlsafe_b64decode(cursor.encode("ascii"))
        if len(raw) == _POSITION.size + _SEAL_SIZE:
            position = Position(*_POSITION.unpack_from(raw))
            if compare_digest(self.issue(position), cursor):
                return position
        raise ValueError("not a cursor of this server")
