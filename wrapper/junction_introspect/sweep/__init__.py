"""Sweeps (extra `dask`): export every team's listing to Parquet, locally or on a Dask cluster.

    outcomes = sweep(read_teams("teams.toml"), "s3://pulls/2026-01-31", client=dask_client)
    table = read("s3://pulls/2026-01-31").to_table()

Each team has a folder, which is an export. Its parts count once its manifest lists them. The
manifest is written after the last part. Each `(team, user_id, provider, resource)` has exactly one
row, even if workers die in between.
"""

from __future__ import annotations

from junction_introspect._extras import extra_of
from junction_introspect.errors import SweepUnfinishedError

with extra_of(__name__):
    from junction_introspect.sweep.reading import parts, read
    from junction_introspect.sweep.sweeps import sweep
    from junction_introspect.sweep.writing import Sweep

__all__ = ["Sweep", "SweepUnfinishedError", "parts", "read", "sweep"]
