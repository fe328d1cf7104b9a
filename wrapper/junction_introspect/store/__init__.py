"""A store (extra `store`): how every backfill stands, and how it came to that, in a DuckDB file.

    with Junction() as junction, Store.open("pulls.duckdb") as store:
        synced = sync(junction, store)

A page and the cursor that follows it are committed in one transaction: a sync that is killed at any
moment goes on where it was when it is called again. One process writes at a time, with as many
threads as it likes; while it does, DuckDB lets no other process read.
"""

from __future__ import annotations

from junction_introspect.store.database import named
from junction_introspect.store.records import Run, RunState, Transition
from junction_introspect.store.store import Store
from junction_introspect.store.syncing import Synced, sync, sync_async

__all__ = [
    "Run",
    "RunState",
    "Store",
    "Synced",
    "Transition",
    "named",
    "sync",
    "sync_async",
]
