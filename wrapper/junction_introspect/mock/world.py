"""Defines the mock's world: users whose connections, backfills and data agree and move in time."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Any, Final, Literal, NamedTuple, TypeAlias
from uuid import UUID

import attrs

from junction_api.models import (
    ClientFacingResource,
    ConnectedProviders,
    SingleHistoricalPullStatistics,
    SingleProviderHistoricalPullResponse,
    SingleUserHistoricalPullResponse,
    SingleUserResourceResponse,
)
from junction_api.models.client_facing_resource import KnownClientFacingResource
from junction_introspect.mock import courses, names
from junction_introspect.mock.arriving import statistics
from junction_introspect.mock.backfills import scheduled
from junction_introspect.mock.catalogue import measured_by
from junction_introspect.mock.clock import Clock
from junction_introspect.mock.connected import connection
from junction_introspect.mock.connecting import Broken, Connecting, Denied, drawn, scopes_of
from junction_introspect.mock.identities import UserIds
from junction_introspect.mock.population import Population
from junction_introspect.tracking import Key

# How many of the population's users are kept: those of a few pages, which clients request again.
_KEPT: Final = 500

# What can be noted of a resource in the story of its connection.
_Mark: TypeAlias = Literal["denied", "silent", "failing", "abandoned"]


class UnknownUserError(LookupError):
    """No user has this id."""


class _Pinned(NamedTuple):
    """The state of a pull that a test has set; `pull` is None if it is not to be pulled."""

    pull: SingleHistoricalPullStatistics | None
    since: datetime
    held: bool


class World:
    """A population that changes with a clock. At the start it is exactly as it was drawn.

    All answers about a user follow from the same facts: when each provider was connected, the state
    of its backfill, and what has happened to the connection since. Safe to share between threads.

    Args:
        population: The users at the start.
        clock: The clock. By default it starts when the population was drawn, and moves only when it
            is advanced.
    """

    def __init__(self, population: Population, clock: Clock | None = None) -> None:
        self.population = population
        self.clock = clock or Clock(start=population.now)
        self._drawn = lru_cache(_KEPT)(population.user)
        # Drawing the stories is slow, and the listing of backfills does not need them.
        self._drawn_stories = lru_cache(_KEPT)(self._draw_stories)
        self._ids = UserIds(self.key(b"ids of added users"))
        self._added: list[UUID] = []
        self._numbers: dict[UUID, int] = {}
        self._pinned: dict[UUID, dict[tuple[str, ClientFacingResource], _Pinned]] = {}
        self._stories: dict[UUID, dict[str, Connecting]] = {}
        self._lock = threading.RLock()

    def __len__(self) -> int:
        return len(self.population) + len(self._added)

    def key(self, purpose: bytes) -> bytes:
        """As `Population.key`."""
        return self.population.key(purpose)

    def index_of(self, user_id: UUID) -> int | None:
        """As `Population.index_of`; added users come after the others."""
        found = self._numbers.get(user_id)
        return self.population.index_of(user_id) if found is None else found

    def user(self, index: int) -> SingleUserHistoricalPullResponse:
        """Return the backfills of a user as they are now.

        The pulls are shared with later answers, so they must not be changed.
        """
        with self._lock:
            now, since = self.clock.now(), self.population.now
            user_id, drawn = self._start(index)
            providers = {name: _at(user_id, name, each, since, now) for name, each in drawn.items()}
            for name in self._stories.get(user_id, ()):
                providers.setdefault(name, _nothing_pulled())
            for (name, resource), pinned in self._pinned.get(user_id, {}).items():
                _pin(providers[name], f"{user_id} {name}", resource, pinned, now)
        return SingleUserHistoricalPullResponse(user_id=user_id, provider=providers)

    def resources(self, index: int) -> SingleUserResourceResponse:
        """Return how the data of a user is doing now."""
        now, user, stories = self._seen(index)
        return SingleUserResourceResponse(
            user_id=user.user_id,
            provider={
                name: {
                    resource: statistics(
                        Key(user.user_id, name, resource),
                        stories[name],
                        each.pulled.get(resource),
                        now,
                    )
                    for resource in (*each.pulled, *each.not_pulled)
                }
                for name, each in user.provider.items()
            },
        )

    def connections(self, user_id: UUID) -> ConnectedProviders:
        """Return the connections of a user, as they are now.

        Raises:
            UnknownUserError: No user has this id.
        """
        now, user, stories = self._seen(self._index(user_id))
        found = (
            connection(user_id, name, (*each.pulled, *each.not_pulled), stories[name], now)
            for name, each in user.provider.items()
        )
        return ConnectedProviders(providers=[each for each in found if each is not None])

    def _start(self, index: int) -> tuple[UUID, Mapping[str, SingleProviderHistoricalPullResponse]]:
        """Return a user's id, and the user's backfills as they were drawn."""
        if index >= len(self.population):
            return self._added[index - len(self.population)], {}
        drawn = self._drawn(index)
        return drawn.user_id, drawn.provider

    def _seen(
        self, index: int
    ) -> tuple[datetime, SingleUserHistoricalPullResponse, Mapping[str, Connecting]]:
        """Return the time, a user's backfills, and the story of each of the user's connections."""
        with self._lock:
            user = self.user(index)
            stories = self._drawn_stories(index) if index < len(self.population) else {}
            return self.clock.now(), user, {**stories, **self._stories.get(user.user_id, {})}

    def _draw_stories(self, index: int) -> dict[str, Connecting]:
        user_id, now = self.population.user_id(index), self.population.now
        backfills = self.population.backfills(index)
        return {name: drawn(user_id, name, each, now) for name, each in backfills.items()}

    def add_user(
        self,
        providers: Mapping[str, Sequence[str]] | Sequence[str],
        *,
        user_id: UUID | None = None,
    ) -> UUID:
        """Add a user who has just connected these providers: a list, or a map to resources.

        Every backfill is scheduled now.

        Args:
            providers: The names of providers, or a map from each to the resources to pull. By
                default, all resources of the provider are pulled.
            user_id: The id of the user; by default a new one.

        Returns:
            The user's id.

        Raises:
            ValueError: A name is not in the specification, or the id is taken.
        """
        listed = providers if isinstance(providers, Mapping) else dict.fromkeys(providers)
        # Every name is checked first, so that a wrong one does not leave half a user.
        chosen = {
            names.provider(name): None if each is None else [*map(names.resource, each)]
            for name, each in listed.items()
        }
        with self._lock:
            user_id = user_id or self._ids.encode(len(self._added))
            if self.index_of(user_id) is not None:
                raise ValueError(f"there is a user {user_id} already")
            self._numbers[user_id] = len(self)
            self._added.append(user_id)
            for name, resources in chosen.items():
                self.connect(user_id, name, resources)
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
        """Set the status of a backfill now. If `held` is false, it moves on with the clock.

        All fields of the pull become what the API could have sent.

        Args:
            user_id: The user.
            provider: The provider. If the user has not connected it, it is connected now.
            resource: The resource. If it has no pull, one is scheduled now.
            status: A status that the specification lists.
            error_details: An error that fits the status: a non-retriable one with `failure`, a
                retriable one with `retrying`. By default one is drawn at random.
            held: Whether the status stays until it is set again; if False, the clock changes it.

        Raises:
            UnknownUserError: No user has this id.
            ValueError: A name is not in the specification, or the error does not fit the status.
        """
        place = names.provider(provider), names.resource(resource)
        wanted = names.status(status)
        error = None if error_details is None else names.error(error_details, of=status)
        with self._lock:
            number = self._index(user_id)
            now = self.clock.now()
            rng = Random(f"{user_id} {place}")  # noqa: S311  it must be reproducible
            connected = self.user(number).provider.get(place[0])
            if connected is None:
                connected = _nothing_pulled()
                self._tell(user_id, place[0], Connecting(connected_on=now))
            pull = connected.pulled.get(place[1]) or scheduled(rng, now)
            pull = courses.standing(pull, wanted, now, rng)
            if error is not None:
                pull = attrs.evolve(pull, error_details=error)
            self._pinned.setdefault(user_id, {})[place] = _Pinned(pull, now, held)

    def connect(self, user_id: UUID, provider: str, resources: Sequence[str] | None = None) -> None:
        """Connect a provider now, for the first time or again: its backfills are scheduled.

        The user grants everything and the device is in use, so all earlier trouble is over.

        Args:
            user_id: The user.
            provider: The provider.
            resources: The only resources to pull from it. By default those of the last connection,
                or else all that the provider has.

        Raises:
            UnknownUserError: No user has this id.
            ValueError: A name is not in the specification.
        """
        name = names.provider(provider)
        chosen = None if resources is None else [names.resource(each) for each in resources]
        with self._lock:
            before = self.user(self._index(user_id)).provider.get(name)
            now = self.clock.now()
            known: list[KnownClientFacingResource] = []
            if before is not None:
                known += map(names.resource, (*before.pulled, *before.not_pulled))
            if chosen is None:
                chosen = [*(known or measured_by(name))]
            rng = Random(f"{user_id} {name} {now}")  # noqa: S311  as above
            pins = self._pinned.setdefault(user_id, {})
            pins |= {(name, each): _Pinned(None, now, held=True) for each in known}
            pins |= {(name, each): _Pinned(scheduled(rng, now), now, held=False) for each in chosen}
            self._tell(user_id, name, Connecting(connected_on=now))

    def mend(self, user_id: UUID, provider: str) -> None:
        """Connect a provider again, with everything granted and the device in use.

        Raises:
            UnknownUserError: No user has this id.
            ValueError: The user has never connected that provider.
        """
        with self._lock:
            self._known(user_id, provider)
            self.connect(user_id, provider)

    def break_connection(
        self,
        user_id: UUID,
        provider: str,
        error_type: str = "token_refresh_failed",
        *,
        ago: float = 0.0,
    ) -> None:
        """Put a connection in error, since `ago` seconds ago.

        No more data comes, and backfills that have not ended fail.

        Args:
            user_id: The user.
            provider: The provider of the connection.
            error_type: An error type that the specification lists.
            ago: How many seconds ago this began; not earlier than the connection.

        Raises:
            UnknownUserError: No user has this id.
            ValueError: The user has never connected that provider, the error type is not in the
                specification, or the seconds are negative.
        """
        kind = names.error_type(error_type)
        with self._lock:
            story, since = self._event(user_id, provider, ago)
            self._fail_backfills(user_id, provider)
            self._tell(user_id, provider, attrs.evolve(story, broken=Broken(kind, since)))

    def disconnect(self, user_id: UUID, provider: str, *, ago: float = 0.0) -> None:
        """Remove a connection; its data stays in the listings.

        Args:
            user_id: The user.
            provider: The provider of the connection.
            ago: As in `break_connection`.

        Raises:
            UnknownUserError: No user has this id.
            ValueError: The user has never connected that provider, or the seconds are negative.
        """
        with self._lock:
            story, since = self._event(user_id, provider, ago)
            self._fail_backfills(user_id, provider)
            self._tell(user_id, provider, attrs.evolve(story, disconnected_on=since))

    def deny(
        self,
        user_id: UUID,
        provider: str,
        resource: str,
        *,
        scopes: Sequence[str] | None = None,
        ago: float = 0.0,
    ) -> None:
        """Make a resource unavailable. If `scopes` is empty, no permission is denied.

        Args:
            user_id: The user.
            provider: The provider of the connection.
            resource: The resource.
            scopes: The scopes that the user denies; by default a made-up one. If empty, the
                provider does not have the resource.
            ago: As in `break_connection`.

        Raises:
            UnknownUserError: No user has this id.
            ValueError: The user does not have that provider and resource, or the seconds are
                negative.
        """
        refused = scopes_of(provider, resource) if scopes is None else tuple(scopes)
        self._mark(
            "denied", user_id, provider, resource, ago=ago, what=lambda at: Denied(at, refused)
        )

    def silence(
        self, user_id: UUID, provider: str, resource: str | None = None, *, ago: float = 0.0
    ) -> None:
        """Stop new data of one resource or of all from the device, since `ago` seconds ago.

        The vendor still polls a provider that is polled. A provider that pushes, or a phone, sends
        nothing.

        Args:
            user_id: The user.
            provider: The provider of the connection.
            resource: The resource; by default all resources of the connection.
            ago: As in `break_connection`.

        Raises:
            UnknownUserError: No user has this id.
            ValueError: As in `deny`.
        """
        self._mark("silent", user_id, provider, resource, ago=ago)

    def end_attempts(
        self,
        user_id: UUID,
        provider: str,
        resource: str | None = None,
        *,
        failing: bool = True,
        ago: float = 0.0,
    ) -> None:
        """Make the vendor's attempts fail, or stop them if `failing` is false.

        Args:
            user_id: The user.
            provider: The provider of the connection.
            resource: The resource; by default all resources of the connection.
            failing: True if attempts are made and fail; False if none are made.
            ago: As in `break_connection`.

        Raises:
            UnknownUserError: No user has this id.
            ValueError: As in `deny`.
        """
        word: _Mark = "failing" if failing else "abandoned"
        self._mark(word, user_id, provider, resource, ago=ago)

    def _mark(
        self,
        word: _Mark,
        user_id: UUID,
        provider: str,
        resource: str | None,
        *,
        ago: float,
        what: Callable[[datetime], object] = lambda since: since,
    ) -> None:
        """Note in the story of a connection what happens to one resource, or to all of them."""
        with self._lock:
            story, since = self._event(user_id, provider, ago)
            marked = dict.fromkeys(self._resources(user_id, provider, resource), what(since))
            changed: dict[str, Any] = {word: {**getattr(story, word), **marked}}
            self._tell(user_id, provider, attrs.evolve(story, **changed))

    def _index(self, user_id: UUID) -> int:
        index = self.index_of(user_id)
        if index is None:
            raise UnknownUserError(f"there is no user {user_id}")
        return index

    def _known(self, user_id: UUID, provider: str) -> SingleProviderHistoricalPullResponse:
        name = names.provider(provider)
        providers = self.user(self._index(user_id)).provider
        if name not in providers:
            only = f", but only {', '.join(providers)}" if providers else ""
            raise ValueError(f"the user has never connected {name}{only}")
        return providers[name]

    def _resources(self, user_id: UUID, provider: str, resource: str | None) -> list[str]:
        """Return one resource of a connection, or all of them if `resource` is None."""
        known = self._known(user_id, provider)
        every: list[str] = [*known.pulled, *known.not_pulled]
        if resource is None:
            return every
        if names.resource(resource) not in every:
            raise ValueError(f"{provider} was connected without {resource}")
        return [resource]

    def _event(self, user_id: UUID, provider: str, ago: float) -> tuple[Connecting, datetime]:
        """Return the story of a connection, and the time of something that happens to it."""
        self._known(user_id, provider)
        if not 0 <= ago < math.inf:
            raise ValueError("the seconds must not be negative")
        now, _, stories = self._seen(self._index(user_id))
        story = stories[provider]
        passed = min(ago, (now - story.connected_on).total_seconds())
        return story, now - timedelta(seconds=int(max(passed, 0)))

    def _tell(self, user_id: UUID, provider: str, story: Connecting) -> None:
        self._stories.setdefault(user_id, {})[provider] = story

    def _fail_backfills(self, user_id: UUID, provider: str) -> None:
        for resource, pull in self._known(user_id, provider).pulled.items():
            if pull.status not in courses.SETTLED:
                self.set_pull(user_id, provider, resource, "failure")

    def reset(self) -> None:
        """Undo everything that was added or set, and go back to the start time."""
        with self._lock:
            self._added.clear()
            self._numbers.clear()
            self._pinned.clear()
            self._stories.clear()
            self._drawn.cache_clear()
            self._drawn_stories.cache_clear()
            self.clock.reset()


def _at(
    user_id: UUID,
    name: str,
    backfill: SingleProviderHistoricalPullResponse,
    since: datetime,
    now: datetime,
) -> SingleProviderHistoricalPullResponse:
    """Return one provider's pulls as they are at `now`."""
    return SingleProviderHistoricalPullResponse(
        pulled={
            resource: courses.at(pull, since, now, f"{user_id} {name} {resource}")
            for resource, pull in backfill.pulled.items()
        },
        not_pulled=[*backfill.not_pulled],
    )


def _pin(
    backfill: SingleProviderHistoricalPullResponse,
    place: str,
    resource: ClientFacingResource,
    pinned: _Pinned,
    now: datetime,
) -> None:
    """Put a pull into the state that a test has set."""
    if resource in backfill.not_pulled:
        backfill.not_pulled.remove(resource)
    pull, since, held = pinned
    if pull is None:
        backfill.pulled.pop(resource, None)
        backfill.not_pulled.append(resource)
    else:
        course = f"{place} {resource} {since}"
        backfill.pulled[resource] = pull if held else courses.at(pull, since, now, course)


def _nothing_pulled() -> SingleProviderHistoricalPullResponse:
    return SingleProviderHistoricalPullResponse(pulled={}, not_pulled=[])
