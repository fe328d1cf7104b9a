"""Makes the names that stand for users in a report."""

from __future__ import annotations

import secrets
from hashlib import blake2b
from uuid import UUID


class Pseudonyms:
    """Gives each user a name that does not lead back to the id.

    The name is a keyed hash of the id. Somebody who knows every id cannot recompute the names
    without the key. The key is random and never stored, so two reports name the same user
    differently.

    Args:
        key: Up to 64 bytes, for tests; by default 32 random ones.
    """

    def __init__(self, key: bytes | None = None) -> None:
        self._key = secrets.token_bytes(32) if key is None else key

    def __call__(self, user_id: UUID, team: str = "") -> str:
        """Return the name of a user of a team: 10 hexadecimal digits, in two groups."""
        named = user_id.bytes + team.encode(errors="surrogatepass")
        digits = blake2b(named, key=self._key, digest_size=5).hexdigest()
        return f"{digits[:5]}-{digits[5:]}"
