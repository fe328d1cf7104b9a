"""Makes user ids that contain the user's number, so that a user is found without a table."""

from __future__ import annotations

from hashlib import blake2b
from uuid import UUID

# A version 4 UUID has 122 free bits (RFC 9562, 5.4): the masked number, and a tag over it.
_NUMBER_BITS = 48
_TAG_BITS = 74
_NODE_BITS = 62
_VERSION = 4

MAX_USERS = 1 << _NUMBER_BITS


class UserIds:
    """Turns a user's number into a version 4 UUID and back, in constant time and memory.

    Args:
        key: Up to 64 bytes; ids that were made with one key are unknown under another.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def encode(self, number: int) -> UUID:
        """Return the id of a user.

        Args:
            number: From 0 to `MAX_USERS` - 1.

        Returns:
            A UUID that is always the same for this number, and different for all others.
        """
        tag = self._tag(number)
        bits = tag << _NUMBER_BITS | number ^ self._mask(tag)
        high, low = divmod(bits, 1 << _NODE_BITS)
        # The constructor writes the version and the variant over bits 76 to 79 and 62 to 63.
        return UUID(int=high >> 12 << 80 | (high & 0xFFF) << 64 | low, version=_VERSION)

    def decode(self, user_id: UUID) -> int | None:
        """Return the number in `user_id`, or `None` if no user has that id."""
        value = user_id.int
        high = value >> 80 << 12 | value >> 64 & 0xFFF
        bits = high << _NODE_BITS | value & (1 << _NODE_BITS) - 1
        tag, masked = divmod(bits, MAX_USERS)
        number = masked ^ self._mask(tag)
        return number if self.encode(number) == user_id else None

    def _tag(self, number: int) -> int:
        digest = blake2b(number.to_bytes(6), key=self._key, person=b"tag", digest_size=16)
        return int.from_bytes(digest.digest()) >> (128 - _TAG_BITS)

    def _mask(self, tag: int) -> int:
        digest = blake2b(tag.to_bytes(10), key=self._key, person=b"mask", digest_size=6)
        return int.from_bytes(digest.digest())
