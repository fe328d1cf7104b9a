"""A listing beside the least that Python can do: the standard library's HTTP, and Structs."""

from __future__ import annotations

import http.client
from contextlib import ExitStack
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from tests.benchmarks import structs
from tests.benchmarks.contenders import HEADERS, OURS, PATH, our_walk, parameters
from tests.benchmarks.measuring import Answer, Claim, at_most, interleaved

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.benchmarks.setting import Setting

FLOOR = "http.client + msgspec Structs"
_PAGES = 200
_RUNS = 7


def _floor_walk(url: str, stack: ExitStack) -> Callable[[], int]:
    """Return a loop that neither retries, limits, nor looks at what it is given."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc)
    stack.callback(connection.close)

    def walk() -> int:
        users, cursor = 0, None
        while True:
            target = f"{parts.path}{PATH}?{urlencode(parameters(cursor))}"
            connection.request("GET", target, headers=HEADERS)
            page = structs.DECODER.decode(connection.getresponse().read())
            users += sum(1 for _ in page.data)
            if page.next_cursor is None:
                return users
            cursor = str(page.next_cursor)

    return walk


def ask(setting: Setting) -> Answer:
    """Walk the same pages both ways."""
    url = setting.url(_PAGES)
    with ExitStack() as stack:
        ours, floor = interleaved(
            {OURS: our_walk(url, stack), FLOOR: _floor_walk(url, stack)}, _RUNS, busy=setting.busy
        )
    return Answer(
        f"Walk {_PAGES} pages, beside the least that Python can do",
        [ours, floor],
        [
            Claim(
                f"{OURS} / {FLOOR}",
                ours.median / floor.median,
                ours.minimum / floor.minimum,
                at_most(1.5),
            )
        ],
        "Synchronous, one warm connection, no gzip, no latency. In between lie attrs models rather"
        " than Structs, looking for unlisted values, and httpx.",
    )
