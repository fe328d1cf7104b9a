"""The users that the mock serves. Each is made on demand from the seed and the user's number."""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b
from random import Random
from typing import Final
from uuid import UUID

from junction_api.models import SingleUserHistoricalPullResponse
from junction_api.models.providers import KnownProviders
from junction_introspect.enums import PROVIDER_VALUES
from junction_introspect.mock.backfills import NOW, Backfill, backfill
from junction_introspect.mock.catalogue import POPULAR
from junction_introspect.mock.identities import MAX_USERS, UserIds

# Sorted, because the order of a set of strings differs from process to process.
_PROVIDERS: Final = sorted(PROVIDER_VALUES)


class Population:
    """Users numbered from 0, which are the same for the same seed.

    Stores only the seed, so a million users take as long to set up as ten. A user is made again
    each time it is requested, and is always the same.

    Args:
        users: How many users, up to 2**48.
        seed: Any integer.
        now: The moment that they are drawn for, in UTC; by default a fixed one.

    Attributes:
        now: As given, in whole seconds.

    Raises:
        ValueError: `users` is negative, or too many to number.
    """

    def __init__(self, users: int, seed: int, now: datetime = NOW) -> None:
        if not 0 <= users <= MAX_USERS:
            raise ValueError(f"users must be from 0 to {MAX_USERS}, not {users}")
        self.seed = seed
        self.now = now.replace(microsecond=0)
        self._users = users
        self._ids = UserIds(self.key(b"user ids"))

    def __len__(self) -> int:
        return self._users

    def key(self, purpose: bytes) -> bytes:
        """Return 32 bytes that depend only on the seed and the purpose."""
        return blake2b(b"%d %b" % (self.seed, purpose), digest_size=32).digest()

    def user_id(self, index: int) -> UUID:
        """Return the id of a user, a version 4 UUID.

        Args:
            index: The user's number.

        Raises:
            IndexError: There is no such user.
        """
        if not 0 <= index < self._users:
            raise IndexError(
                f"there is no user {index}; there are {self._users} users, numbered from 0"
            )
        return self._ids.encode(index)

    def index_of(self, user_id: UUID) -> int | None:
        """Return a user's number, or `None` if no user has that id; takes constant time."""
        index = self._ids.decode(user_id)
        return None if index is None or index >= self._users else index

    def user(self, index: int) -> SingleUserHistoricalPullResponse:
        """Make a user with one to three providers, and about twenty pulls on average.

        Args:
            index: The user's number.

        Returns:
            A new object, which is equal each time.

        Raises:
            IndexError: There is no such user.
        """
        return SingleUserHistoricalPullResponse(
            user_id=self.user_id(index),
            provider={name: each.response for name, each in self.backfills(index).items()},
        )

    def backfills(self, index: int) -> dict[KnownProviders, Backfill]:
        """Make the backfills of a user by provider, with the time of each connection."""
        rng = Random(self.user_id(index).int)  # noqa: S311  it must be reproducible
        return {provider: backfill(rng, provider, self.now) for provider in _connected(rng)}


def _connected(rng: Random) -> list[KnownProviders]:
    """Draw the providers of a user: all different, and three quarters of them popular ones."""
    count = rng.choice((1, 1, 2, 2, 3))
    drawn: dict[KnownProviders, None] = {}
    while len(drawn) < count:
        drawn[rng.choice(POPULAR if rng.random() < 3 / 4 else _PROVIDERS)] = None
    return list(drawn)
