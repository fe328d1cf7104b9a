"""Users whose backfills move: a population that a test adds to, sets, and lets time pass for."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from random import Random
from typing import NamedTuple
from uuid import UUID

import attrs

from junction_api.models.client_facing_resource import ClientFacingResource
from junction_api.models.single_historical_pull_statistics import (
    SingleHistoricalPullStatistics,
)
from junction_api.models.single_provider_historical_pull_response import (
    SingleProviderHistoricalPullResponse,
)
from junction_api.models.single_user_historical_pull_response import (
    SingleUserHistoricalPullResponse,
)
from junction_introspect.mock import courses, names
from junction_introspect.mock.backfills import NOW, scheduled
from junction_introspect.mock.clock import Clock
from junction_introspect.mock.identities import UserIds
from junction_introspect.mock.population import Population


class UnknownUserError(LookupError):
    """Nobody has that id."""


class _Added(NamedTuple):
    user: SingleUserHistoricalPullResponse
    since: datetime


class _Pinned(NamedTuple):
    pull: SingleHistoricalPullStatistics
    since: datetime
    held: bool


class World:
    """A population in motion: at `NOW` just as it was drawn, and from then on by its clock.

    It is served as a `Population` is. Safe to share between threads.

    Args:
        population: Who is there from the start.
        clock: By default one that stands still until it is advanced.
    """

    def __init__(self, population: Population, clock: Clock | None = None) -> None:
        self.population = population
        self.clock = clock or Clock()
        self._ids = UserIds(self.key(b"ids of added users"))
        self._added: list[_Added] = []
        self._numbers: dict[UUID, int] = {}
        self._pinned: dict[UUID, dict[tuple[str, ClientFacingResource], _Pinned]] = {}
        self._lock = threading.RLock()

    def __len__(self) -> int:
        return len(self.population) + len(self._added)

    def key(self, purpose: bytes) -> bytes:
        """As `Population.key`."""
        return self.population.key(purpose)

    def index_of(self, user_id: UUID) -> int | None:
        """As `Population.index_of`; those who were added come after the others."""
        found = self._numbers.get(user_id)
        return self.population.index_of(user_id) if found is None else found

    def user(self, index: int) -> SingleUserHistoricalPullResponse:
        """As `Population.user`, as things stand now."""
        with self._lock:
            now = self.clock.now()
            if index < len(self.population):
                user, since = self.population.user(index), NOW
            else:
                user, since = self._added[index - len(self.population)]
            providers = {name: _at(user, name, since, now) for name in user.provider}
            for (name, resource), pinned in self._pinned.get(user.user_id, {}).items():
                provider = providers.setdefault(name, _nothing_pulled())
                pull, since, held = pinned
                if not held:
                    pull = courses.at(pull, since, now, f"{user.user_id} {name} {resource} {since}")
                provider.pulled[resource] = pull
                if resource in provider.not_pulled:
                    provider.not_pulled.remove(resource)
            return SingleUserHistoricalPullResponse(user_id=user.user_id, provider=providers)

    def add_user(
        self,
        providers: Mapping[str, Sequence[str]] | Sequence[str],
        *,
        user_id: UUID | None = None,
    ) -> UUID:
        """Add a user who has just connected these providers: every backfill is scheduled now.

        Args:
            providers: By name; with the resources to pull, or else all that the provider has.
            user_id: By default a new one.

        Returns:
            The user's id.

        Raises:
            ValueError: A provider or a resource is none, or the id is taken.
        """
        chosen = names.connections(providers)
        with self._lock:
            user_id = user_id or self._ids.encode(len(self._added))
            if self.index_of(user_id) is not None:
                raise ValueError(f"there is a user {user_id} already")
            now = self.clock.now()
            rng = Random(user_id.int)  # noqa: S311  reproducible is what it must be
            user = SingleUserHistoricalPullResponse(user_id=user_id, provider={})
            for name, resources in chosen.items():
                provider = user.provider[name] = _nothing_pulled()
                provider.pulled.update({resource: scheduled(rng, now) for resource in resources})
            self._numbers[user_id] = len(self)
            self._added.append(_Added(user, now))
            return user_id

    def set_pull(
        self,
        user_id: UUID,
        provider: str,
        resource: str,
        status: str,
        *,
        error_details: str | None = None,
        held: bool = True,
    ) -> None:
        """Say how a pull stands now, in a way that the API could have said it.

        Args:
            user_id: Whose.
            provider: Connected now, unless it was before.
            resource: Scheduled now, unless it was before.
            status: One that the specification lists.
            error_details: Of the kind that goes with the status: a non-retriable error with
                `failure`, a retriable one with `retrying`. By default one is drawn.
            held: Whether it stays so until it is set again, rather than going on by the clock.

        Raises:
            UnknownUserError: Nobody has that id.
            ValueError: A name is not in the specification, or the error does not fit the status.
        """
        place = names.provider(provider), names.resource(resource)
        wanted = names.status(status)
        error = None if error_details is None else names.error(error_details, of=status)
        with self._lock:
            number = self.index_of(user_id)
            if number is None:
                raise UnknownUserError(f"there is no user {user_id}")
            now = self.clock.now()
            rng = Random(f"{user_id} {place}")  # noqa: S311  reproducible is what it must be
            connected = self.user(number).provider.get(place[0], _nothing_pulled())
            pull = connected.pulled.get(place[1]) or scheduled(rng, now)
            pull = courses.standing(pull, wanted, now, rng)
            if error is not None:
                pull = attrs.evolve(pull, error_details=error)
            self._pinned.setdefault(user_id, {})[place] = _Pinned(pull, now, held)

    def reset(self) -> None:
        """Forget who was added and what was set, and begin again at `NOW`."""
        with self._lock:
            self._added.clear()
            self._numbers.clear()
            self._pinned.clear()
            self.clock.reset()


def _at(
    user: SingleUserHistoricalPullResponse, name: str, since: datetime, now: datetime
) -> SingleProviderHistoricalPullResponse:
    """Return one provider's pulls as they stand `now`."""
    provider = user.provider[name]
    return SingleProviderHistoricalPullResponse(
        pulled={
            resource: courses.at(pull, since, now, f"{user.user_id} {name} {resource}")
            for resource, pull in provider.pulled.items()
        },
        not_pulled=[*provider.not_pulled],
    )


def _nothing_pulled() -> SingleProviderHistoricalPullResponse:
    return SingleProviderHistoricalPullResponse(pulled={}, not_pulled=[])
