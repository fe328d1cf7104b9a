"""A server as a client sees it: pages over HTTP or in process, at a considerate pace."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final, Self
from uuid import UUID

import httpx

from junction_introspect.contract.settings import SETTINGS

PATH: Final = "/v2/introspect/historical_pull"
RESOURCES: Final = "/v2/introspect/resources"
CONNECTIONS: Final = "/v2/user/providers/{user_id}"

# Connections are requested for at most this many users: each takes a request.
MOST_CONNECTIONS: Final = 20

# An id that no user has: its version says that it is random, but it is not.
STRANGER: Final = UUID(int=0, version=4)

# The most pages of one walk. No team has as many users, so a listing with more pages never ends.
MOST_PAGES: Final = 1_000

# A listing of more users is not walked in pages of one.
MANY_USERS: Final = 300

# After so many requests that got no answer in time, an operation is not requested again.
MOST_LATE: Final = 3

# The statuses of an operation that the server does not have.
_ABSENT: Final = {404, 405, 410, 501}

# Characters of a body in a message.
_SHOWN: Final = 60

_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


class UntestedError(Exception):
    """The server has nothing to test a promise with; the message says what is missing."""


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


def require_order(place: str, *moments: str | None) -> None:
    """Check that times do not go back. Absent ones are passed over.

    Raises:
        BrokenPromiseError: One is before the one that it follows.
    """
    # In RFC 3339, "t" and "z" may be lower-case as well.
    found = [datetime.fromisoformat(each.upper()) for each in moments if each]
    require(found == sorted(found), f"{moments} at {place}")


class Pace:
    """Keeps requests to a rate limit.

    Args:
        rate: The limit as schemathesis writes it, such as `10/s`; None is no limit.
        clock: Returns the time in seconds, from any starting point.
        sleep: Waits for a number of seconds.
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
        """Wait until the next request may be sent."""
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
        # httpx sets it only when it reads a stream.
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
    """The cursors that were followed."""
    ending: str = ""
    """`null`, `repeat` or `limit`: what stopped the walk."""

    @property
    def users(self) -> list[Any]:
        """The users, in order."""
        return [user for page in self.pages for user in page["data"]]

    @property
    def ids(self) -> list[str]:
        """The ids of the users, in order."""
        return [user["user_id"] for user in self.users]


class Api:
    """Sends requests to a server, in a `with` block. This reads the listing of backfills.

    Args:
        target: The base URL of a server, or an ASGI application.
        api_key: A key that the server accepts.
        pace: The rate limit.
        most_pages: A listing with more pages counts as endless.

    Attributes:
        path: The path of the listing.
        resources: The same for the listing of resources.
        missing: The paths that the server does not have or does not answer, each with the reason.
            They are not requested again.
        unusable: What was wrong with each answer that no promise can be tested with.
    """

    def __init__(
        self, target: Any, api_key: str, pace: Pace | None = None, most_pages: int = MOST_PAGES
    ) -> None:
        self.api_key = api_key
        self.exchanges: list[httpx.Response] = []
        self._pace = pace or Pace(None)
        self._most_pages = most_pages
        self._walks: dict[tuple[tuple[str, Any], ...], Walk] = {}
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
        self._late: Counter[str] = Counter()
        self.unusable: list[str] = []
        # Everything but the walks is shared.
        self.resources = copy(self)
        vars(self.resources).update(path=RESOURCES, _walks={})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, headers: dict[str, str] | None = None, **query: Any) -> httpx.Response:
        """Request a page, with the key or with other headers."""
        return self._ask(self.path, self.path, headers, query)

    def connections_of(
        self, user_id: object, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """Request the connections of a user, with the key or with other headers."""
        return self._ask(CONNECTIONS, CONNECTIONS.format(user_id=user_id), headers, {})

    def _ask(
        self, path: str, url: str, headers: dict[str, str] | None, query: dict[str, Any]
    ) -> httpx.Response:
        if path in self.missing:
            raise UntestedError(self.missing[path])
        self._pace.wait()
        headers = {"x-vital-api-key": self.api_key} if headers is None else headers
        request = self._client.build_request("GET", url, params=query, headers=headers)
        try:
            response = self._client.send(request)
        except httpx.HTTPError as error:
            self._late[path] += isinstance(error, httpx.TimeoutException)
            if self._late[path] == MOST_LATE:
                why = f"the server has not answered {path} in time {MOST_LATE} times"
                # Connections are requested for the users of the listing.
                self.missing |= {path: why, CONNECTIONS: why} if path == PATH else {path: why}
            raise self.refuse(f"GET {request.url}: {error!r}") from error
        self.exchanges.append(response)
        if response.status_code >= 500 or response.status_code == 429:
            raise self.refuse(f"GET {request.url}: {response.status_code}")
        return response

    def refuse(self, why: str) -> UntestedError:
        """Note that an answer cannot be used, and return the error to raise."""
        self.unusable.append(why)
        return UntestedError("an answer could not be used: see every_answer_can_be_used")

    def _document(self, response: httpx.Response, *fields: str) -> Any:
        """Return the document of a 200, which is an object with some fields."""
        with suppress(ValueError, AttributeError):
            document: Any = response.json() if response.status_code == 200 else None
            if document.keys() >= {*fields}:
                return document
        raise self.refuse(
            f"GET {response.url}: expected 200 and a JSON object with {' and '.join(fields)},"
            f" got {response.status_code} and {response.text[:_SHOWN]!r}"
        )

    def look(self) -> dict[str, str]:
        """Find out which operations the server does not have, and do not request them again.

        Returns:
            `missing`.
        """
        found = {
            listing.path: listing.get(user_limit=1).status_code
            for listing in (self, self.resources)
        }
        if found[PATH] not in _ABSENT and self.listing.users:
            # A listed user exists, so a 404 here means that the operation does not.
            found[CONNECTIONS] = self.connections_of(self.listing.ids[0]).status_code
        self.missing |= {
            path: f"the server does not offer {path} ({status})"
            for path, status in found.items()
            if status in _ABSENT
        }
        return self.missing

    @cached_property
    def connections(self) -> dict[str, list[Any]]:
        """The connections of some users, by the user's id.

        Raises:
            UntestedError: The server lists no users, or an answer cannot be used.
        """
        found: dict[str, list[Any]] = {}
        for user in self.users[:MOST_CONNECTIONS]:
            response = self.connections_of(user["user_id"])
            found[user["user_id"]] = self._document(response, "providers")["providers"]
        return found

    def page(self, **query: Any) -> Any:
        """Return a page's document.

        Raises:
            UntestedError: The answer is no page.
        """
        return self._document(self.get(**query), "data", "next_cursor")

    def walk(self, **query: Any) -> Walk:
        """Walk through a listing by `next_cursor`, or return the walk of the same query."""
        key = (*sorted(query.items()),)
        if key not in self._walks:
            walk = Walk()
            self.follow(walk, query, self._most_pages)
            self._walks[key] = walk
        return self._walks[key]

    def first_pages(self, count: int, **query: Any) -> list[Any]:
        """Return the first pages of a listing, at most `count`."""
        walk = Walk()
        self.follow(walk, query, count)
        return walk.pages

    def follow(self, walk: Walk, query: dict[str, Any], most: int) -> None:
        """Add the pages of a listing to a walk, until it ends or has `most`."""
        while not walk.ending:
            walk.pages.append(self.page(**query))
            cursor = walk.pages[-1]["next_cursor"]
            if cursor is None:
                walk.ending = "null"
            elif cursor in walk.cursors:
                walk.ending = "repeat"
            elif len(walk.pages) == most:
                walk.ending = "limit"
            else:
                walk.cursors.append(cursor)
                query = {**query, "next_cursor": cursor}

    @cached_property
    def listing(self) -> Walk:
        """The walk through the whole listing, with fifty users per page."""
        return self.walk(user_limit=50)

    @property
    def users(self) -> list[Any]:
        """All users.

        Raises:
            UntestedError: The server lists no users.
        """
        if not self.listing.users:
            raise UntestedError("the server lists no users")
        return self.listing.users

    def common_providers(self, count: int) -> list[str]:
        """Return the providers that most users have, at most `count`."""
        found = Counter(provider for user in self.users for provider in user["provider"])
        return [provider for provider, _ in found.most_common(count)]

    def sizes(self) -> Iterator[tuple[int, Walk]]:
        """Yield the walks of several page sizes.

        Raises:
            UntestedError: There are no users, or too many for pages of one.
        """
        if len(self.users) > MANY_USERS:
            raise UntestedError(f"the server lists more than {MANY_USERS} users")
        for size in (1, 7, 50):
            yield size, self.walk(user_limit=size)

    def statistics(self) -> Iterator[tuple[str, Any]]:
        """Yield the statistics of every resource, each after a text that names its place."""
        for user in self.resources.users:
            for provider, resources in user["provider"].items():
                for resource, statistics in resources.items():
                    yield f"{provider}/{resource} of {user['user_id']}", statistics

    def pulls(self) -> Iterator[tuple[str, Any]]:
        """Yield every pull, each after a text that names its place."""
        for user in self.users:
            for provider, response in user["provider"].items():
                for resource, pull in response["pulled"].items():
                    yield f"{provider}/{resource} of {user['user_id']}", pull
