"""Follows backfills until they settle: lists again and again, and yields each change."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator
from random import uniform
from time import monotonic
from time import sleep as _sleep
from typing import Generic, TypedDict, TypeVar, Unpack
from uuid import UUID

import anyio

from junction_api.models import Labs, Providers
from junction_introspect._paging.listing import OnInvalid
from junction_introspect.async_client import AsyncJunction
from junction_introspect.client import Junction
from junction_introspect.errors import APIError
from junction_introspect.operations.historical_pulls import HistoricalPull
from junction_introspect.tracking.looking import Follow, Poll, Sought
from junction_introspect.tracking.transitions import Change

Rows = TypeVar("Rows", bound="Iterator[HistoricalPull] | AsyncIterator[HistoricalPull]")
Slept = TypeVar("Slept")


class _Options(TypedDict, total=False):
    user_id: UUID | str | None
    provider: Providers | Labs | None
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
    """What both iterators over changes are made of.

    Args:
        follow: Decides.
        look: Lists the rows once more, lazily.
        sleep: Waits for some seconds.
        on_look: Called with False when a look begins, and with True when it has seen every row.
        on_failed_look: Called with what ended a look that will be made again.
    """

    def __init__(
        self,
        follow: Follow,
        look: Callable[[], Rows],
        sleep: Callable[[float], Slept],
        on_look: Callable[[bool], object] | None,
        on_failed_look: Callable[[APIError], object] | None,
    ) -> None:
        self._follow = follow
        self._look = look
        self._sleep = sleep
        self._on_look = on_look
        self._on_failed_look = on_failed_look
        # Made here, which sends nothing, so that wrong arguments are refused at once.
        self._rows = look()

    @property
    def rows(self) -> list[HistoricalPull]:
        """Every pull that is followed, as it was last seen: one per key."""
        return self._follow.rows

    @property
    def settled(self) -> bool:
        """Whether the last look saw everything settled, which ends the iteration."""
        return self._follow.settled

    def _begin(self) -> None:
        self._rows = self._look()
        self._follow.begin()
        if self._on_look is not None:
            self._on_look(False)  # noqa: FBT003 - the look is not complete

    def _see(self, row: HistoricalPull | None) -> None:
        self._follow.see(row)
        if row is None and self._on_look is not None:
            self._on_look(True)  # noqa: FBT003 - the look is complete

    def _fail(self, error: APIError) -> None:
        self._follow.fail(error)
        if self._on_failed_look is not None:
            self._on_failed_look(error)


class Changes(_Following["Iterator[HistoricalPull]", object], Iterator[Change]):
    """Yields changes as they happen. The first look yields each pull as one that appeared.

    Ends when everything that is followed has settled. Keeps the last row of each pull. After an
    error, the next ``next()`` looks again.
    """

    def __next__(self) -> Change:
        follow = self._follow
        while not follow.ready():
            if follow.settled:
                raise StopIteration
            if not follow.looking:
                self._sleep(follow.wait())
                self._begin()
            try:
                self._see(next(self._rows, None))
            except APIError as error:
                self._fail(error)
        return follow.take()


class AsyncChanges(
    _Following["AsyncIterator[HistoricalPull]", Awaitable[object]], AsyncIterator[Change]
):
    """As `Changes`, iterated with ``async for``."""

    async def __anext__(self) -> Change:
        follow = self._follow
        while not follow.ready():
            if follow.settled:
                raise StopAsyncIteration
            if not follow.looking:
                await self._sleep(follow.wait())
                self._begin()
            try:
                self._see(await anext(self._rows, None))
            except APIError as error:
                self._fail(error)
        return follow.take()


def follow(
    junction: Junction,
    *,
    user_id: UUID | str | None = None,
    provider: Providers | Labs | None = None,
    resources: Collection[str] | None = None,
    deadline: float | None = 6 * 60 * 60,
    poll: Poll | None = None,
    on_invalid: OnInvalid | None = None,
    on_look: Callable[[bool], object] | None = None,
    on_failed_look: Callable[[APIError], object] | None = None,
    sleep: Callable[[float], object] = _sleep,
) -> Changes:
    """List backfills again and again, and yield each change, until all have settled. Lazy.

    Pulls have settled when all that are listed are final; an unrecognized status is not. What was
    asked for by name (a user, a provider or resources) has to be listed as well: for a moment after
    somebody has connected, nothing is.

    A look that fails, although its pages were retried, is made again at the next turn where that
    can help. The rows that it had seen by then count.

    Args:
        junction: The client to list with.
        user_id: Pulls of that user only.
        provider: Pulls from that provider only.
        resources: Pulls of these resources only.
        deadline: Seconds from the first look, after which no look begins. None means never.
        poll: How long to wait between looks.
        on_invalid: As in `Junction.historical_pulls`.
        on_look: Called with False when a look begins, and with True when it has seen every row.
        on_failed_look: Called with the `APIError` that ended a look that will be made again.
        sleep: Waits for the seconds between two looks.

    Returns:
        An iterator over `Change`, with ``.rows`` and ``.settled``. Iterating raises
        `BackfillTimeoutError` at the deadline, or an `APIError` that another look cannot help.

    Raises:
        TypeError: An argument is of the wrong type.
        ValueError: As `Junction.historical_pulls`; or the deadline is not more than 0.
    """
    return Changes(
        _follow(user_id, provider, resources, deadline, poll),
        lambda: junction.historical_pulls(
            user_id=user_id, provider=provider, on_invalid=on_invalid
        ).rows(),
        sleep,
        on_look,
        on_failed_look,
    )


def follow_async(
    junction: AsyncJunction,
    *,
    user_id: UUID | str | None = None,
    provider: Providers | Labs | None = None,
    resources: Collection[str] | None = None,
    deadline: float | None = 6 * 60 * 60,
    poll: Poll | None = None,
    on_invalid: OnInvalid | None = None,
    on_look: Callable[[bool], object] | None = None,
    on_failed_look: Callable[[APIError], object] | None = None,
    sleep: Callable[[float], Awaitable[object]] = anyio.sleep,
) -> AsyncChanges:
    """As `follow`, iterated with ``async for``. The callbacks are plain functions."""
    return AsyncChanges(
        _follow(user_id, provider, resources, deadline, poll),
        lambda: junction.historical_pulls(
            user_id=user_id, provider=provider, on_invalid=on_invalid
        ).rows(),
        sleep,
        on_look,
        on_failed_look,
    )


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
        The last row of each pull, all of them settled, whether they succeeded or not.

    Raises:
        BackfillTimeoutError: They have not settled by the deadline; carries the last rows.
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


def _follow(
    user_id: UUID | str | None,
    provider: str | None,
    resources: Collection[str] | None,
    deadline: float | None,
    poll: Poll | None,
) -> Follow:
    if poll is not None and not isinstance(poll, Poll):
        raise TypeError("poll must be a Poll or None")
    return Follow(
        Sought.checked(user_id=user_id, provider=provider, resources=resources),
        Poll() if poll is None else poll,
        deadline,
        clock=monotonic,
        uniform=uniform,
    )
