"""A server as a client sees it: pages over HTTP or in process, at a considerate pace."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any, Final, Self
from uuid import UUID

import httpx

from junction_introspect.contract.settings import SETTINGS

PATH: Final = "/v2/introspect/historical_pull"
RESOURCES: Final = "/v2/introspect/resources"
CONNECTIONS: Final = "/v2/user/providers/{user_id}"

# Of so many users the connections are asked for: they take a request each.
MOST_CONNECTIONS: Final = 20

# Nobody's: the version says random, and this is not.
STRANGER: Final = UUID(int=0, version=4)

# Pages of one walk: at fifty users a page, more than any team has. What goes on after them has lost
# its end.
MOST_PAGES: Final = 1_000

# More users are not walked one by one.
MANY_USERS: Final = 300

# What says that an operation is not there.
_ABSENT: Final = {404, 405, 410, 501}

_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


class UntestedError(Exception):
    """The server holds nothing to test a promise on; the message says what is missing."""


class BrokenPromiseError(Exception):
    """A server breaks a promise; the message says how."""


def require(kept: object, how: str) -> None:
    """Check what a promise says. Not an `assert`, which ``python -O`` would leave out.

    Args:
        kept: True if the promise is kept here.
        how: How it is broken.

    Raises:
        BrokenPromiseError: `kept` is false.
    """
    if not kept:
        raise BrokenPromiseError(how)


class Pace:
    """Keeps requests a while apart.

    Args:
        rate: How many there may be, as schemathesis writes it: `10/s`. None does not wait.
        clock: Seconds since any moment.
        sleep: Waits for seconds.
    """

    def __init__(
        self,
        rate: str | None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        count, _, unit = (rate or "").partition("/")
        self._apart = _UNITS[unit] / int(count) if rate else 0.0
        self._clock = clock
        self._sleep = sleep
        self._next = clock()

    def wait(self) -> None:
        """Return when the next request may be sent."""
        now = self._clock()
        if now < self._next:
            self._sleep(self._next - now)
        self._next = max(now, self._next) + self._apart


class InProcess(httpx.BaseTransport):
    """Calls an ASGI application. An exception that it raises is a 500."""

    def __init__(self, app: Any) -> None:
        self._transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._runner = asyncio.Runner()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and read the response."""
        return self._runner.run(self._answer(request))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        response = await self._transport.handle_async_request(request)
        content = await response.aread()
        answer = httpx.Response(response.status_code, headers=response.headers, content=content)
        # httpx measures it only where there is a stream to read.
        answer.elapsed = timedelta(0)
        return answer

    def close(self) -> None:
        """Close the event loop."""
        self._runner.close()


@dataclass
class Walk:
    """The pages of a listing, from the first to where it ended or began to repeat."""

    pages: list[Any] = field(default_factory=list[Any])
    cursors: list[str] = field(default_factory=list[str])
    """Those that were followed."""
    ending: str = ""
    """`null`, `repeat` or `limit`: what stopped the walk."""

    @property
    def users(self) -> list[Any]:
        """Everybody, in order."""
        return [user for page in self.pages for user in page["data"]]

    @property
    def ids(self) -> list[str]:
        """Everybody's id, in order."""
        return [user["user_id"] for user in self.users]


class Api:
    """A server and a key that it accepts. To be closed, or used in a `with` block.

    It asks for the listing of backfills; `resources` is the same server, asked for the other one.

    Attributes:
        path: Of the listing.
        missing: Why the server is not asked for a path any more, by path.

    Args:
        target: The base URL of a server, or an ASGI application.
        api_key: What it accepts.
        pace: How fast it may be asked.
        most_pages: After how many pages a listing counts as endless.
    """

    def __init__(
        self, target: Any, api_key: str, pace: Pace | None = None, most_pages: int = MOST_PAGES
    ) -> None:
        self.api_key = api_key
        self.exchanges: list[httpx.Response] = []
        self._pace = pace or Pace(None)
        self._most_pages = most_pages
        self._walks: dict[tuple[tuple[str, Any], ...], Walk] = {}
        self._connections: dict[str, list[Any]] = {}
        options: dict[str, Any] = (
            {"transport": InProcess(target), "base_url": "http://mock"}
            if callable(target)
            else {"base_url": target}
        )
        self._client = httpx.Client(
            timeout=SETTINGS["request-timeout"], follow_redirects=False, **options
        )
        self.path = PATH
        self.missing: dict[str, str] = {}
        # All but the walks is shared.
        self.resources = copy(self)
        vars(self.resources).update(path=RESOURCES, _walks={})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, headers: dict[str, str] | None = None, **query: Any) -> httpx.Response:
        """Ask for a page with the key, or with other headers."""
        return self._ask(self.path, self.path, headers, query)

    def connections_of(
        self, user_id: object, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """Ask for the connections of a user, with the key or with other headers."""
        return self._ask(CONNECTIONS, CONNECTIONS.format(user_id=user_id), headers, {})

    def _ask(
        self, path: str, url: str, headers: dict[str, str] | None, query: dict[str, Any]
    ) -> httpx.Response:
        if path in self.missing:
            raise UntestedError(self.missing[path])
        self._pace.wait()
        headers = {"x-vital-api-key": self.api_key} if headers is None else headers
        response = self._client.get(url, params=query, headers=headers)
        self.exchanges.append(response)
        return response

    def look(self) -> dict[str, str]:
        """Find out which operations the server does not have, and ask for them no more.

        Returns:
            Why, by path: a sentence each.
        """
        found = {
            listing.path: listing.get(user_limit=1).status_code
            for listing in (self, self.resources)
        }
        if found[PATH] not in _ABSENT and self.listing.users:
            # A user who is listed is known, so that it is the operation that is not there.
            found[CONNECTIONS] = self.connections_of(self.listing.ids[0]).status_code
        self.missing |= {
            path: f"the server does not offer {path} ({status})"
            for path, status in found.items()
            if status in _ABSENT
        }
        return self.missing

    @property
    def connections(self) -> dict[str, list[Any]]:
        """The connections of some users, by the user's id.

        Raises:
            UntestedError: There is nobody.
        """
        if not self._connections:
            for user in self.users[:MOST_CONNECTIONS]:
                response = self.connections_of(user["user_id"])
                require(response.status_code == 200, f"{response.status_code} for a listed user")
                self._connections[user["user_id"]] = response.json()["providers"]
        return self._connections

    def page(self, **query: Any) -> Any:
        """Return a page's document.

        Raises:
            BrokenPromiseError: The answer is not 200.
        """
        response = self.get(**query)
        require(response.status_code == 200, f"{response.status_code} for {query}")
        return response.json()

    def walk(self, **query: Any) -> Walk:
        """Follow `next_cursor` from the first page on. A walk is made once."""
        key = (*sorted(query.items()),)
        if key not in self._walks:
            walk = Walk()
            self._follow(walk, query, self._most_pages)
            self._walks[key] = walk
        return self._walks[key]

    def first_pages(self, count: int, **query: Any) -> list[Any]:
        """Follow `next_cursor` for some pages only."""
        walk = Walk()
        self._follow(walk, query, count)
        return walk.pages

    def _follow(self, walk: Walk, query: dict[str, Any], most: int) -> None:
        while True:
            walk.pages.append(self.page(**query))
            cursor: Any = walk.pages[-1]["next_cursor"]
            if cursor is None:
                walk.ending = "null"
            elif cursor in walk.cursors:
                walk.ending = "repeat"
            elif len(walk.pages) == most:
                walk.ending = "limit"
            if walk.ending or cursor is None:
                return
            walk.cursors.append(cursor)
            query = {**query, "next_cursor": cursor}

    @cached_property
    def listing(self) -> Walk:
        """The whole listing, fifty users a page."""
        return self.walk(user_limit=50)

    @property
    def users(self) -> list[Any]:
        """Everybody.

        Raises:
            UntestedError: There is nobody.
        """
        if not self.listing.users:
            raise UntestedError("the server lists no users")
        return self.listing.users

    def sizes(self) -> Iterator[tuple[int, Walk]]:
        """Yield the walks of several page sizes.

        Raises:
            UntestedError: There are too many users to walk them one by one, or none.
        """
        if len(self.users) > MANY_USERS:
            raise UntestedError(f"the server lists more than {MANY_USERS} users")
        for size in (1, 7, 50):
            yield size, self.walk(user_limit=size)

    def statistics(self) -> Iterator[tuple[str, Any]]:
        """Yield how every resource is doing, with the words that name its place."""
        for user in self.resources.users:
            for provider, resources in user["provider"].items():
                for resource, statistics in resources.items():
                    yield f"{provider}/{resource} of {user['user_id']}", statistics

    def pulls(self) -> Iterator[tuple[str, Any]]:
        """Yield every pull, with the words that name its place."""
        for user in self.users:
            for provider, response in user["provider"].items():
                for resource, pull in response["pulled"].items():
                    yield f"{provider}/{resource} of {user['user_id']}", pull
