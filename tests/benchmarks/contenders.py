"""One listing by three clients, each as its own documentation would have a caller write it.

Every walk goes over all users and returns how many there were. The clients outlive the runs, so
connections are warm.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import junction

from junction_introspect import Junction
from tests.benchmarks.setting import API_KEY
from tests.benchmarks.workload import USERS_A_PAGE

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import ExitStack

PATH = "/v2/introspect/historical_pull"
HEADERS = {"x-vital-api-key": API_KEY}

OURS = "junction-introspect"
VENDORS = "the vendor's SDK"
RAW = "httpx + json.loads"


def parameters(cursor: str | None) -> dict[str, Any]:
    """Return the query of a page, as a caller of httpx would write it."""
    asked = {"user_limit": USERS_A_PAGE}
    return asked if cursor is None else {**asked, "next_cursor": cursor}


def our_walk(url: str, stack: ExitStack) -> Callable[[], int]:
    """Return our iterator's walk."""
    client = stack.enter_context(Junction(api_key=API_KEY, base_url=url))
    return lambda: sum(1 for _ in client.historical_pulls())


def raw_walk(url: str, stack: ExitStack) -> Callable[[], int]:
    """Return a loop over httpx, which gives dicts."""
    client = stack.enter_context(httpx.Client(base_url=url, headers=HEADERS))

    def walk() -> int:
        users, cursor = 0, None
        while True:
            response = client.get(PATH, params=parameters(cursor)).raise_for_status()
            page = json.loads(response.content)
            users += sum(1 for _ in page["data"])
            cursor = page["next_cursor"]
            if cursor is None:
                return users

    return walk


def vendors_walk(url: str, stack: ExitStack) -> Callable[[], int]:
    """Return a loop over the vendor's SDK, which leaves cursors to its caller."""
    http = stack.enter_context(httpx.Client())
    client = junction.Junction(base_url=url, api_key=API_KEY, httpx_client=http)

    def walk() -> int:
        users, cursor = 0, None
        while True:
            page = client.introspect.get_user_historical_pulls(
                user_limit=USERS_A_PAGE, next_cursor=cursor
            )
            users += sum(1 for _ in page.data)
            cursor = page.next_cursor
            if cursor is None:
                return users

    return walk
