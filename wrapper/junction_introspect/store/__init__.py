"""A store (extra `store`): the state of every row of a listing, and its history, in a DuckDB file.

    with Junction() as junction, Store.open("pulls.duckdb") as store:
        synced = sync(junction, store)

Pages and the cursor that follows them are committed in one transaction. A sync may be killed at any
moment: the next call resumes it. One process writes at a time, with any number of threads.
Meanwhile DuckDB does not let other processes read.
"""

from __future__ import annotations

from junction_introspect._extras import extra_of

with extra_of(__name__):
    from junction_introspect.store.database import named
    from junction_introspect.store.filters import Filters
    from junction_introspect.store.records import Run, RunState, StoredTeam, Transition
    from junction_introspect.store.store import Store
    from junction_introspect.store.syncing import Synced, sync, sync_async

__all__ = [
    "Filters",
    "Run",
    "RunState",
    "Store",
    "StoredTeam",
    "Synced",
    "Transition",
    "named",
    "sync",
    "sync_async",
]
