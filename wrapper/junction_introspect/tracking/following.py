"""Follows backfills until they settle: lists again and again, and yields each change."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator
from random import uniform
from time import monotonic
from time import sleep as _sleep
from typing import Any, Generic, TypedDict, TypeVar, Unpack
from uuid import UUID

import anyio

from junction_api.models import Labs, Providers
from junction_introspect._paging.listing import OnInvalid
from junction_introspect.async_client import AsyncJunction
from junction_introspect.client import Junction
from junction_introspect.errors import APIError
from junction_introspect.operations.historical_pulls import HistoricalPull
from junction_introspect.tracking.looking import Follow, Poll
from junction_introspect.tracking.transitions import Change

Rows = TypeVar("Rows", bound="Iterator[HistoricalPull] | AsyncIterator[HistoricalPull]")
Slept = TypeVar("Slept")


class _Options(TypedDict, total=False):
    user_id: UUID | str | None
    provider: Providers | Labs | str | None
    resources: Collection[str] | None
    deadline: float | None
    poll: Poll | None
    on_invalid: OnInvalid | None
    on_look: Callable[[bool], object] | None
    on_failed_look: Callable[[APIError], object] | None


class FollowOptions(_Options, total=False):
    """The options of `follow`, for functions that pass them on."""

    sleep: Callable[[float], object]


class AsyncFollowOptions(_Options, total=False):
    """The options of `follow_async`, for functions that pass them on."""

    sleep: Callable[[float], Awaitable[object]]


class _Following(Generic[Rows, Slept]):
    """What the synchronous and the asynchronous iterator over changes have in common.

    A *look* is one walk through the listing.

    Args:
        follow: Decides what to do next.
        look: Lists the rows again, lazily.
        sleep: Waits for a number of seconds.
    """

    def __init__(
        self, follow: Follow, look: Callable[[], Rows], sleep: Callable[[float], Slept]
    ) -> None:
        self._follow = follow
        self._look = look
        self._sleep = sleep
        # Listing is lazy and sends nothing here, but it raises at once for wrong arguments.
        self._rows = look()

    @property
    def rows(self) -> list[HistoricalPull]:
        """Every followed pull as it was last seen, one row per key."""
        return self._follow.rows

    @property
    def settled(self) -> bool:
        """Whether the last look saw everything settled. The iteration ends then."""
        return self._follow.settled


class Changes(_Following["Iterator[HistoricalPull]", object], Iterator[Change]):
    """Iterates over changes as they happen. The first look yields each pull as ``"appeared"``.

    Ends when everything that is followed has settled. Keeps the last row of each pull. After an
    error, the next call of ``next()`` looks again.
    """

    def __next__(self) -> Change:
        follow = self._follow
        while not follow.ready:
            if follow.settled:
                raise StopIteration
            if not follow.looking:
                self._sleep(follow.wait())
                self._rows = self._look()
                follow.begin()
            try:
                follow.see(next(self._rows, None))
            except APIError as error:
                follow.fail(error)
        return follow.ready.popleft()


class AsyncChanges(
    _Following["AsyncIterator[HistoricalPull]", Awaitable[object]], AsyncIterator[Change]
):
    """As `Changes`, iterated with ``async for``."""

    async def __anext__(self) -> Change:
        follow = self._follow
        while not follow.ready:
            if follow.settled:
                raise StopAsyncIteration
            if not follow.looking:
                await self._sleep(follow.wait())
                self._rows = self._look()
                follow.begin()
            try:
                follow.see(await anext(self._rows, None))
            except APIError as error:
                follow.fail(error)
        return follow.ready.popleft()


def follow(junction: Junction, **options: Unpack[FollowOptions]) -> Changes:
    """List backfills again and again, and yield each change, until all have settled. Lazy.

    The listing is polled; one walk through it is a *look*. All has settled when every listed pull
    is final; an unrecognized status is not final. A user, provider or resource that was asked for
    must be listed as well, because nothing is listed for a moment after a user has connected.

    A look that fails in spite of the retries of each page is repeated after the next wait, unless
    its error is permanent. The rows that it had seen by then count.

    Args:
        junction: The client to list with.
        **options: As follows.
        user_id: Pulls of this user only.
        provider: Pulls from this provider only.
        resources: Pulls of these resources only.
        deadline: Seconds from the first look, after which no look starts; 6 hours by default. None
            means no deadline.
        poll: How long to wait between looks.
        on_invalid: As in `Junction.historical_pulls`.
        on_look: Called with False when a look starts, and with True when it has seen every row.
        on_failed_look: Called with the `APIError` of a failed look that will be repeated.
        sleep: Waits for the given number of seconds between two looks.

    Returns:
        An iterator over `Change`, with ``.rows`` and ``.settled``. Iterating raises
        `BackfillTimeoutError` at the deadline, or an `APIError` that is permanent.

    Raises:
        TypeError: An argument is of the wrong type.
        ValueError: As `Junction.historical_pulls`; or the deadline is not more than 0.
    """
    return Changes(*_arguments(junction, _sleep, **options))


def follow_async(junction: AsyncJunction, **options: Unpack[AsyncFollowOptions]) -> AsyncChanges:
    """As `follow`, iterated with ``async for``. The callbacks are plain functions."""
    return AsyncChanges(*_arguments(junction, anyio.sleep, **options))


def wait_until_settled(
    junction: Junction,
    *,
    on_change: Callable[[Change], object] | None = None,
    **options: Unpack[FollowOptions],
) -> list[HistoricalPull]:
    """Follow backfills until they have settled.

    Args:
        junction: The client to list with.
        on_change: Called with each change as it is seen.
        **options: As in `follow`.

    Returns:
        The last row of each pull. All have settled, but they may have failed.

    Raises:
        BackfillTimeoutError: They have not settled by the deadline; it carries the last rows.
        APIError: As `follow`.
    """
    changes = follow(junction, **options)
    for change in changes:
        if on_change is not None:
            on_change(change)
    return changes.rows


async def wait_until_settled_async(
    junction: AsyncJunction,
    *,
    on_change: Callable[[Change], object] | None = None,
    **options: Unpack[AsyncFollowOptions],
) -> list[HistoricalPull]:
    """As `wait_until_settled`, awaited. The callbacks are plain functions."""
    changes = follow_async(junction, **options)
    async for change in changes:
        if on_change is not None:
            on_change(change)
    return changes.rows


def _arguments(
    junction: Junction | AsyncJunction,
    default: Callable[[float], Slept],
    *,
    user_id: UUID | str | None = None,
    provider: Providers | Labs | str | None = None,
    resources: Collection[str] | None = None,
    deadline: float | None = 6 * 60 * 60,
    poll: Poll | None = None,
    on_invalid: OnInvalid | None = None,
    on_look: Callable[[bool], object] | None = None,
    on_failed_look: Callable[[APIError], object] | None = None,
    sleep: Callable[[float], Slept] | None = None,
) -> tuple[Follow, Callable[[], Any], Callable[[float], Slept]]:
    """Return the arguments of `_Following`; ``default`` sleeps if ``sleep`` is None."""
    names = frozenset(resources or ())
    if isinstance(resources, str) or not all(isinstance(name, str) for name in names):
        raise TypeError("resources must be a collection of strings or None")
    if poll is not None and not isinstance(poll, Poll):
        raise TypeError("poll must be a Poll or None")
    follow = Follow(
        named=user_id is not None,
        provider=provider,
        resources=names,
        poll=poll or Poll(),
        deadline=deadline,
        clock=monotonic,
        uniform=uniform,
        on_look=on_look,
        on_failed_look=on_failed_look,
    )
    filters: dict[str, Any] = {"user_id": user_id, "provider": provider, "on_invalid": on_invalid}
    return follow, lambda: junction.historical_pulls(**filters).rows(), sleep or default
