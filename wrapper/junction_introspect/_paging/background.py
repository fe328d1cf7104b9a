"""Fetches the next page in the background while the caller works on the current one.

A sync client uses a thread, an async client the task group that its ``async with`` opens. They
differ by that and by ``await``. The caller's context variables are copied, so that spans and log
records get the right parents.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import copy_context
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Final

import anyio

from junction_introspect._concurrency.loops import running_loop, soon_in
from junction_introspect._paging.lookahead import Lookahead
from junction_introspect._paging.walk import Place
from junction_introspect.errors import APITimeoutError
from junction_introspect.pages import Page

if TYPE_CHECKING:
    from anyio.abc import TaskGroup

    from junction_introspect._http.fetching import Fetch  # imports downwards only

_NAME: Final = "junction_introspect: fetching ahead"


class _Ahead:
    """A page that is being fetched in the background, then its outcome until `take` gets it."""

    def __init__(self, fetch: Fetch[Any], ended: Any) -> None:
        self._fetch = fetch
        self._ended = ended  # an event of threads or of an event loop
        self._page: Page[Any] | None = None
        self._error: BaseException | None = None
        self._process = os.getpid()

    @property
    def runs_here(self) -> bool:
        """Whether this process can wait for it: a child has no threads or tasks of its parent."""
        return self._process == os.getpid()

    @property
    def is_usable(self) -> bool:
        """Whether `wait` returns, and `take` then says what fetching the page now would say.

        It would not if the fetch missed its deadline before anybody waited for it, perhaps because
        the caller kept the processor busy.
        """
        if not self._ended.is_set():
            return self.runs_here
        return not isinstance(self._error, APITimeoutError) or self._error.retriable

    def take(self) -> Page[Any] | None:
        """Return the page, or raise the error of the fetch. None if it was dropped."""
        error, self._error = self._error, None
        try:
            if error is not None:
                raise error
        finally:
            del error  # else the error, its traceback and this frame would be a reference cycle
        return self._page


class _Thread(_Ahead):
    def __init__(self, fetch: Fetch[Any]) -> None:
        super().__init__(fetch, Event())
        self._dropped = False

    def run(self, get: Callable[[Fetch[Any]], Page[Any]]) -> None:
        try:
            self._page = get(self._fetch)
        except BaseException as error:  # noqa: BLE001 - raised where the page would have been
            self._error = None if self._dropped else error
        finally:
            self._ended.set()

    def wait(self) -> None:
        self._ended.wait()

    def drop(self) -> None:
        self._dropped = True
        self._fetch.abandon()


class Threads:
    """The background threads of a sync client: one per page, which ends when the page has arrived.

    The threads are daemons: they do not keep the interpreter alive.
    """

    def __init__(self) -> None:
        self._running: set[_Thread] = set()

    def start(self, get: Callable[[Fetch[Any]], Page[Any]], fetch: Fetch[Any]) -> _Thread | None:
        """Start to fetch a page. Returns None if no thread can be started."""
        ahead = _Thread(fetch)
        run = copy_context().run
        self._running.add(ahead)
        try:
            Thread(target=run, args=(self._run, ahead, get), name=_NAME, daemon=True).start()
        except RuntimeError:  # too many threads, or the interpreter is exiting
            self._running.discard(ahead)
            return None
        return ahead

    def _run(self, ahead: _Thread, get: Callable[[Fetch[Any]], Page[Any]]) -> None:
        ahead.run(get)
        self._running.discard(ahead)

    def stop(self) -> None:
        """Drop all pages that are being fetched, without waiting for them."""
        for ahead in list(self._running):
            ahead.drop()


class _Task(_Ahead):
    def __init__(self, fetch: Fetch[Any]) -> None:
        super().__init__(fetch, anyio.Event())
        self.begun = False
        self._scope = anyio.CancelScope()
        self._loop = running_loop()
        self._soon = soon_in(self._loop)

    @property
    def runs_here(self) -> bool:
        """Whether the caller can wait for it: only in the event loop that runs the task."""
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

    def cancel(self) -> None:
        self._scope.cancel()

    def drop(self) -> None:
        if not self._ended.is_set() and super().runs_here:
            with suppress(RuntimeError):  # the loop has ended, and the task with it
                self._soon(self._scope.cancel)


class Tasks:
    """The background tasks of an async client, in a task group that has to be open."""

    def __init__(self) -> None:
        self._group: TaskGroup | None = None
        self._loop: object = None
        self._stopped = False
        self._running: set[_Task] = set()

    async def open(self) -> None:
        """Open the task group.

        Raises:
            RuntimeError: The group is open already.
        """
        if self._group is not None:
            raise RuntimeError(
                "the client is already in use by an async with, here or through a copy made with"
                " with_options"
            )
        group = anyio.create_task_group()
        await group.__aenter__()
        self._group, self._loop = group, running_loop()

    def start(
        self, get: Callable[[Fetch[Any]], Awaitable[Page[Any]]], fetch: Fetch[Any]
    ) -> _Task | None:
        """Start to fetch a page. Returns None unless this event loop has the task group open."""
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
        """Cancel all running tasks, wait until they have ended, and start no more."""
        self._stopped = True
        running = [ahead for ahead in self._running if ahead.runs_here]
        for ahead in running:
            ahead.cancel()
        # Without the shield, connections could be closed while tasks still use them.
        with anyio.CancelScope(shield=True):
            for ahead in running:
                # asyncio never runs a task that is cancelled before its first step.
                if ahead.begun:
                    await ahead.wait()

    async def close(self) -> None:
        """Close the task group, in the task that opened it."""
        group, self._group = self._group, None
        if group is not None and self._loop is running_loop():
            # The group does not get the exception of the ``async with``: it would wrap it.
            await group.__aexit__(None, None, None)


class Pages(Lookahead[Page[Any]]):
    """Gets a sync listing's pages: from a background thread, or else by a request."""

    def page(self, place: Place) -> Page[Any]:
        """Get a page, from the background if it was started there.

        If the wait is interrupted, the background fetch stays and can be waited for again.
        """
        ahead = self._begun(place)
        if ahead is not None:
            ahead.wait()
            self._settle()
            page: Page[Any] | None = ahead.take()
            if page is not None:
                return page
        return self._get(self._prepare(place))


class AsyncPages(Lookahead[Awaitable[Page[Any]]]):
    """As `Pages`, with a background task."""

    async def page(self, place: Place) -> Page[Any]:
        """As `Pages.page`; if the wait is cancelled, the background fetch stays."""
        ahead = self._begun(place)
        if ahead is not None:
            await ahead.wait()
            self._settle()
            page: Page[Any] | None = ahead.take()
            if page is not None:
                return page
        return await self._get(self._prepare(place))
