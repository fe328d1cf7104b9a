"""The tables of a store, and the migration of older versions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS

OPERATION: Final = HISTORICAL_PULLS

KEY: Final = tuple(OPERATION.key)
DERIVED: Final = tuple(column.name for column in OPERATION.columns if column.derived)
# The columns that are compared to find changes. The derived columns follow from these.
FACTS: Final = tuple(
    column.name for column in OPERATION.columns if column.name not in {*KEY, *DERIVED}
)
TIMES: Final = frozenset(column.name for column in OPERATION.columns if column.kind == "time")

TABLES: Final = ("runs", "pulls", "transitions")

_VERSION_1: Final = """
CREATE TABLE store_version (version INTEGER NOT NULL);
INSERT INTO store_version VALUES (0);

CREATE TABLE runs (
    run BIGINT PRIMARY KEY,
    team VARCHAR NOT NULL,
    state VARCHAR NOT NULL CHECK (state IN ('unfinished', 'complete', 'abandoned')),
    user_id UUID,
    provider VARCHAR,
    started_at TIMESTAMPTZ NOT NULL,
    observed_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    next_cursor VARCHAR,
    pages BIGINT NOT NULL,
    users BIGINT NOT NULL,
    rows BIGINT NOT NULL,
    invalid BIGINT NOT NULL
);

CREATE TABLE pulls (
    team VARCHAR NOT NULL,
    user_id UUID NOT NULL,
    provider VARCHAR NOT NULL,
    resource VARCHAR NOT NULL,
    status VARCHAR,
    pulled BOOLEAN NOT NULL,
    range_start TIMESTAMPTZ,
    range_end TIMESTAMPTZ,
    scheduled_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ,
    ended_at TIMESTAMPTZ,
    days_with_data BIGINT NOT NULL,
    release VARCHAR,
    trace_id VARCHAR,
    error_details VARCHAR,
    settled BOOLEAN NOT NULL,
    error_kind VARCHAR,
    observed_at TIMESTAMPTZ NOT NULL,
    run BIGINT NOT NULL,
    PRIMARY KEY (team, user_id, provider, resource)
);

CREATE TABLE transitions (
    number BIGINT NOT NULL,
    run BIGINT NOT NULL,
    team VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL,
    user_id UUID NOT NULL,
    provider VARCHAR NOT NULL,
    resource VARCHAR NOT NULL,
    previous_status VARCHAR,
    status VARCHAR,
    pulled BOOLEAN,
    range_start TIMESTAMPTZ,
    range_end TIMESTAMPTZ,
    scheduled_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ,
    ended_at TIMESTAMPTZ,
    days_with_data BIGINT,
    release VARCHAR,
    trace_id VARCHAR,
    error_details VARCHAR
);
"""

# A released step is never changed: a store is migrated by the steps that it has not had.
STEPS: Final[Sequence[str]] = (_VERSION_1,)


def version_of(connection: Any) -> int | None:
    """Return the version of a connection's store; 0 for a database without tables.

    Returns:
        The version, or None for a database that is not a store.
    """
    tables = {
        name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    }
    if not tables:
        return 0
    if "store_version" not in tables:
        return None
    ((version,),) = connection.execute("SELECT version FROM store_version").fetchall()
    return int(version)


def migrate(connection: Any, version: int, steps: Sequence[str] = STEPS) -> None:
    """Bring a store up to date. If a step fails, nothing is changed.

    Args:
        connection: A connection to a store that is open for writing.
        version: The store's version.
        steps: The SQL that leads to each version from the one before.
    """
    connection.execute("BEGIN")
    try:
        for step in steps[version:]:
            connection.execute(step)
        connection.execute("UPDATE store_version SET version = ?", [len(steps)])
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
