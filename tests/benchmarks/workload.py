"""The pages that are served: 50 users each, from the mock's own generator.

A page that is asked for a million times over is rendered once: the server sends what stands before
the records, with the cursors, and then the records as they are.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

import msgspec

from junction_introspect.mock.population import Population

USERS_A_PAGE: Final = 50
# Different ones; page 20 has the users of page 0 again, unless they are `renamed`.
_PAGES: Final = 20
_SEED: Final = 1
_USER: Final = re.compile(rb'(?<="user_id":")[0-9a-f]{8}')


def records() -> list[bytes]:
    """Return the ``data`` of each page, as JSON."""
    population = Population(_PAGES * USERS_A_PAGE, _SEED)
    return [
        msgspec.json.encode([population.user(first + number) for number in range(USERS_A_PAGE)])
        for first in range(0, len(population), USERS_A_PAGE)
    ]


def renamed(data: bytes, times: int) -> bytes:
    """Return the ``data`` of a page with other users, different ones for each number of times."""
    parts, users = _users(data)
    new = [b"%08x" % ((user + times * 0x9E3779B1) % 2**32) for user in users]
    return b"".join(each for both in zip(parts, [*new, b""], strict=True) for each in both)


@cache
def _users(data: bytes) -> tuple[list[bytes], list[int]]:
    return _USER.split(data), [int(user, 16) for user in _USER.findall(data)]


def body(data: bytes, next_cursor: str | None) -> bytes:
    """Return a page as it stands on the wire."""
    cursor = b"null" if next_cursor is None else msgspec.json.encode(next_cursor)
    return b'{"next":%b,"next_cursor":%b,"data":%b}' % (cursor, cursor, data)


def pulls(page: bytes) -> int:
    """Count the pulls of a page: one a user × provider × resource, pulled or not."""
    return sum(
        len(provider["pulled"]) + len(provider["not_pulled"])
        for user in msgspec.json.decode(page)["data"]
        for provider in user["provider"].values()
    )
