"""Flat rows instead of users, over loopback."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from junction_introspect import Junction
from tests.benchmarks.measuring import Answer, Claim, at_most, cost, interleaved
from tests.benchmarks.setting import API_KEY
from tests.benchmarks.workload import pulls

if TYPE_CHECKING:
    from tests.benchmarks.setting import Setting

_PAGES = 100
_RUNS = 9


def ask(setting: Setting) -> Answer:
    """Walk the same pages by users and by rows."""
    with Junction(api_key=API_KEY, base_url=setting.url(_PAGES)) as client:
        users, rows = interleaved(
            {
                "users": lambda: deque(client.historical_pulls(), maxlen=0),
                "rows": lambda: deque(client.historical_pulls().rows(), maxlen=0),
            },
            _RUNS,
            busy=setting.busy,
        )
    number = _PAGES * pulls(setting.page)
    apiece = 1000 * (rows.median - users.median) / number
    return Answer(
        f"Flat rows of {_PAGES} pages",
        [users, rows],
        [
            cost(rows, users, at_most(1.5)),
            Claim("a row costs beyond its user", apiece, unit="µs"),
        ],
        f"About {number:,} rows. Both walks fetch, decode and check the same pages.",
    )
