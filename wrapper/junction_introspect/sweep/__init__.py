"""Sweeps (extra `dask`): every team's pulls as Parquet, on this machine or on a Dask cluster.

    outcomes = sweep(read_teams("teams.toml"), "s3://pulls/2026-01-31", client=dask_client)
    table = read("s3://pulls/2026-01-31").to_table()

A team's parts count once its manifest names them, and it is written when the last part is there: of
each `(team, user_id, provider, resource)` there is one row, however often a worker has died.
"""

from __future__ import annotations

from junction_introspect.errors import SweepMismatchError, SweepUnfinishedError
from junction_introspect.sweep.destination import Destination
from junction_introspect.sweep.manifest import Manifest, Swept
from junction_introspect.sweep.reading import parts, read
from junction_introspect.sweep.sweeps import sweep
from junction_introspect.sweep.writing import Sweep

__all__ = [
    "Destination",
    "Manifest",
    "Sweep",
    "SweepMismatchError",
    "SweepUnfinishedError",
    "Swept",
    "parts",
    "read",
    "sweep",
]
