"""How time and memory grow with the number of users."""

from __future__ import annotations

import json
from statistics import median
from typing import TYPE_CHECKING

from tests.benchmarks import chart
from tests.benchmarks.measuring import Answer, Claim, Series, at_most
from tests.benchmarks.setting import API_KEY, BARE, SCRIPTS, output_of
from tests.benchmarks.workload import USERS_A_PAGE

if TYPE_CHECKING:
    from tests.benchmarks.setting import Setting

# Users, and how often they are listed: noise weighs most where a listing is short.
_RUNS = {100: 5, 1_000: 5, 10_000: 3, 100_000: 1, 1_000_000: 1}
_SMALL, _LARGE = 1_000, 1_000_000


def ask(setting: Setting) -> Answer:
    """List ever more users, each time in a new process, and draw the figures."""
    seconds: dict[int, Series] = {}
    peaks: dict[int, Series] = {}
    for users, runs in _RUNS.items():
        environ = {
            "JUNCTION_API_KEY": API_KEY,
            "JUNCTION_BASE_URL": setting.url(users // USERS_A_PAGE),
        }
        walked = [
            json.loads(output_of(BARE, SCRIPTS / "walk_and_weigh.py", environ=environ))
            for _ in range(runs)
        ]
        assert all(one["users"] == users for one in walked)
        seconds[users] = Series(f"{users:,} users", [one["seconds"] for one in walked], "s")
        peaks[users] = Series(f"{users:,} users, peak", [one["peak"] / 1e6 for one in walked], "MB")
    chart.write(
        [chart.Point(users, users / seconds[users].median, peaks[users].median) for users in _RUNS]
    )
    growth = peaks[_LARGE].median - median(peaks[_SMALL].values)
    return Answer(
        f"{_LARGE:,} users",
        [*seconds.values(), *peaks.values()],
        [
            Claim(
                f"peak memory beyond that of {_SMALL:,} users", growth, None, at_most(8, "MB"), "MB"
            ),
            Claim("users a second", _LARGE / seconds[_LARGE].median, unit=""),
        ],
        "Each listing in a new process of the bare environment; its time is from the first request "
        "to the last user, without the imports. Peak resident memory, the interpreter included.",
    )
