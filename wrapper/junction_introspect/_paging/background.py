"""Fetching in the background: the page after the one that the caller works on.

A sync client fetches ahead in a thread, an async one in a task group that its ``async with`` opens.
The two differ by that and by `await`: what is ahead, and whose it is, `Lookahead` decides for both.
The caller's context goes along, so that spans and log records belong where they would have.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import copy_context
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Final

import anyio
from anyio.abc import TaskGroup

from junction_introspect._concurrency.loops import running_loop, soon_in
from junction_introspect._paging.lookahead import Lookahead
from junction_introspect._paging.walk import Place
from junction_introspect.errors import APITimeoutError
from junction_introspect.pages import Page

if TYPE_CHECKING:
    from junction_introspect._http.fetching import Fetch  # imports downwards only

_NAME: Final = "junction_introspect: the page ahead"


class _Ahead:
    """A page being fetched in the background; its outcome waits to be taken."""

    def __init__(self, fetch: Fetch[Any]) -> None:
        self._fetch = fetch
        self._page: Page[Any] | None = None
        self._error: BaseException | None = None
        self._process = os.getpid()

    @property
    def runs_here(self) -> bool:
        """Whether it can be waited for: a child process has no thread or task of its parent."""
        return self._process == os.getpid()

    def take(self) -> Page[Any] | None:
        """Return the page or raise the error that came of it; None if it was dropped."""
        error, self._error = self._error, None
        try:
            if error is not None:
                raise error
        finally:
            del error  # or its traceback, and this frame in it, would wait for garbage collection
        return self._page

    @property
    def overdue(self) -> bool:
        """Whether it ran out of time, which a caller who kept the processor may have used up."""
        return isinstance(self._error, APITimeoutError) and not self._error.retriable


class _Thread(_Ahead):
    def __init__(self, fetch: Fetch[Any]) -> None:
        super().__init__(fetch)
        self._dropped = False
        self._ended = Event()

    def run(self, get: Callable[[Fetch[Any]], Page[Any]]) -> None:
        try:
            self._page = get(self._fetch)
        except BaseException as error:  # noqa: BLE001 - raised where the page would have been
            self._error = None if self._dropped else error
        finally:
            self._ended.set()

    def wait(self) -> None:
        self._ended.wait()

    @property
    def ended(self) -> bool:
        return self._ended.is_set()

    def drop(self) -> None:
        self._dropped = True
        self._fetch.abandon()


class Threads:
    """Where the listings of a sync client fetch ahead: a thread each, that ends with its page.

    None keeps the interpreter from exiting.
    """

    def __init__(self) -> None:
        self._running: set[_Thread] = set()

    def start(self, get: Callable[[Fetch[Any]], Page[Any]], fetch: Fetch[Any]) -> _Thread | None:
        """Begin to fetch a page, where there is a thread to be had."""
        ahead = _Thread(fetch)
        run = copy_context().run
        self._running.add(ahead)
        try:
            Thread(target=run, args=(self._run, ahead, get), name=_NAME, daemon=True).start()
        except RuntimeError:  # too many, or the interpreter is exiting: the page can wait
            self._running.discard(ahead)
            return None
        return ahead

    def _run(self, ahead: _Thread, get: Callable[[Fetch[Any]], Page[Any]]) -> None:
        ahead.run(get)
        self._running.discard(ahead)

    def stop(self) -> None:
        """Drop what runs; does not wait for it."""
        for ahead in list(self._running):
            ahead.drop()


class _Task(_Ahead):
    def __init__(self, fetch: Fetch[Any]) -> None:
        super().__init__(fetch)
        self.begun = False
        self._ended = anyio.Event()
        self._scope = anyio.CancelScope()
        self._loop = running_loop()
        self._soon = soon_in(self._loop)

    @property
    def runs_here(self) -> bool:
        """Whether it can be waited for: a task can in its own event loop alone."""
        return super().runs_here and self._loop is running_loop()

    async def run(self, get: Callable[[Fetch[Any]], Awaitable[Page[Any]]]) -> None:
        self.begun = True
        try:
            with self._scope:
                self._page = await get(self._fetch)
        except Exception as error:  # noqa: BLE001 - raised where the page would have been
            self._error = error
        finally:
            self._ended.set()

    async def wait(self) -> None:
        await self._ended.wait()

    @property
    def ended(self) -> bool:
        return self._ended.is_set()

    def cancel(self) -> None:
        self._scope.cancel()

    def drop(self) -> None:
        if not self._ended.is_set() and super().runs_here:
            with suppress(RuntimeError):  # the loop has ended, and the task with it
                self._soon(self._scope.cancel)


class Tasks:
    """Where the listings of an async client fetch ahead: in a task group, as long as it is open."""

    def __init__(self) -> None:
        self._group: TaskGroup | None = None
        self._loop: object = None
        self._stopped = False
        self._running: set[_Task] = set()

    async def open(self) -> None:
        """Open the task group.

        Raises:
            RuntimeError: It is open already.
        """
        if self._group is not None:
            raise RuntimeError("the client has been entered already, or one that it shares with")
        group = anyio.create_task_group()
        await group.__aenter__()
        self._group, self._loop = group, running_loop()

    def start(
        self, get: Callable[[Fetch[Any]], Awaitable[Page[Any]]], fetch: Fetch[Any]
    ) -> _Task | None:
        """Begin to fetch a page, if the task group is open, and this event loop's."""
        if self._group is None or self._stopped or self._loop is not running_loop():
            return None
        ahead = _Task(fetch)
        self._running.add(ahead)
        self._group.start_soon(self._run, ahead, get, name=_NAME)
        return ahead

    async def _run(self, ahead: _Task, get: Callable[[Fetch[Any]], Awaitable[Page[Any]]]) -> None:
        try:
            await ahead.run(get)
        finally:
            self._running.discard(ahead)

    async def stop(self) -> None:
        """Cancel what runs, wait until it has ended, and begin nothing any more."""
        self._stopped = True
        running = [ahead for ahead in self._running if ahead.runs_here]
        for ahead in running:
            ahead.cancel()
        # Or connections would be closed beneath tasks that have yet to leave them.
        with anyio.CancelScope(shield=True):
            for ahead in running:
                # asyncio never runs a task that it cancels before its first step.
                if ahead.begun:
                    await ahead.wait()

    async def close(self) -> None:
        """Close the task group, in the task that opened it."""
        group, self._group = self._group, None
        if group is not None and self._loop is running_loop():
            # Not told of an exception in the ``async with``, which it would wrap in a group.
            await group.__aexit__(None, None, None)


class Pages:
    """Where a sync listing's pages come from: a thread that is ahead, or else a request.

    Args:
        prepare: Returns what is to be fetched for a place.
        get: Fetches it.
        ahead: Where to fetch ahead; None does not.
    """

    def __init__(
        self,
        prepare: Callable[[Place], Fetch[Any]],
        get: Callable[[Fetch[Any]], Page[Any]],
        ahead: Threads | None,
    ) -> None:
        self._prepare, self._get = prepare, get
        self._lookahead = Lookahead(
            lambda place: None if ahead is None else ahead.start(get, prepare(place))
        )

    def begin(self, place: Place) -> None:
        """Begin to fetch a page, if that is wanted and can be."""
        self._lookahead.begin(place)

    def page(self, place: Place) -> Page[Any]:
        """Get a page, the one that was begun if it is that.

        An interrupt while it is waited for leaves it where it is.
        """
        ahead = self._lookahead.begun(place)
        if ahead is not None and (ahead.ended or ahead.runs_here):
            stale = ahead.ended and ahead.overdue
            ahead.wait()
            self._lookahead.settle()
            page = None if stale else ahead.take()
            if page is not None:
                return page
        return self._get(self._prepare(place))


class AsyncPages:
    """As `Pages`, with a task that is ahead."""

    def __init__(
        self,
        prepare: Callable[[Place], Fetch[Any]],
        get: Callable[[Fetch[Any]], Awaitable[Page[Any]]],
        ahead: Tasks | None,
    ) -> None:
        self._prepare, self._get = prepare, get
        self._lookahead = Lookahead(
            lambda place: None if ahead is None else ahead.start(get, prepare(place))
        )

    def begin(self, place: Place) -> None:
        """As `Pages.begin`."""
        self._lookahead.begin(place)

    async def page(self, place: Place) -> Page[Any]:
        """As `Pages.page`; a cancellation leaves the page where it is."""
        ahead = self._lookahead.begun(place)
        if ahead is not None and (ahead.ended or ahead.runs_here):
            stale = ahead.ended and ahead.overdue
            await ahead.wait()
            self._lookahead.settle()
            page = None if stale else ahead.take()
            if page is not None:
                return page
        return await self._get(self._prepare(place))
