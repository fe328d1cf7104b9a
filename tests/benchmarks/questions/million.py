"""A million users into a new store: how long it takes, and how much memory."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.measuring import Answer, Claim, Series, at_most
from tests.benchmarks.setting import API_KEY, SCRIPTS, output_of
from tests.benchmarks.workload import USERS_A_PAGE

if TYPE_CHECKING:
    from tests.benchmarks.setting import Setting

# With 26.6 rows each.
_USERS = 1_000_000


def ask(setting: Setting, users: int = _USERS) -> Answer:
    """Sync so many users in a process of its own."""
    environ = {
        "JUNCTION_API_KEY": API_KEY,
        "JUNCTION_BASE_URL": setting.url(users // USERS_A_PAGE, distinct=True),
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pulls.duckdb"
        synced = json.loads(
            output_of(sys.executable, SCRIPTS / "walk_and_weigh.py", path, environ=environ)
        )
        size = path.stat().st_size / 1e6
    assert synced["users"] == users
    peak = synced["peak"] / 1e6
    return Answer(
        f"First sync of {users:,} users",
        [
            Series("from the first request to the last commit", [synced["seconds"]], "s"),
            Series("CPU time of the process, all its threads", [synced["cpu"]], "s"),
            Series("peak resident memory", [peak], "MB"),
            Series("the store's file", [size], "MB"),
        ],
        [
            Claim("a sync of a million users", synced["seconds"], None, at_most(300, "s"), "s"),
            Claim("its peak memory", peak, None, at_most(500, "MB"), "MB"),
        ],
        "From loopback, in a new process, with the settings of the command `sync`.",
    )
