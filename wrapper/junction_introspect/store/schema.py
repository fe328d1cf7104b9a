"""The tables of a store, derived from operations, and the steps that migrate older versions."""

# ruff: noqa: S608 - only names of tables and columns are put into the texts

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from attrs import frozen

from junction_introspect._paging.operation import Kind, Operation
from junction_introspect.operations.listings import LISTINGS

_TYPES: Final[Mapping[Kind, str]] = {
    "id": "UUID",
    "text": "VARCHAR",
    "category": "VARCHAR",
    "time": "TIMESTAMPTZ",
    "flag": "BOOLEAN",
    "integer": "BIGINT",
}


# The columns of all tables that are times. No other column has such a name.
TIMES: Final = frozenset(
    {"seen_at", "started_at", "observed_at", "ended_at"}
    | {each.name for of in LISTINGS.values() for each in of.columns if each.kind == "time"}
)


@frozen
class Tables:
    """The two tables of an operation: the current state of its rows, and what has changed in them.

    Attributes:
        state: The table with the current rows. It has no primary key, because an index would
            double the work: only `merging` writes it, and only adds keys that it lacks.
        changes: The table with the changes.
        key: The columns that identify a row of a team.
        facts: The columns that are compared to find changes.
        derived: The columns that follow from the facts.
    """

    state: str
    changes: str
    key: Sequence[str]
    facts: Sequence[str]
    derived: Sequence[str]


@cache
def tables(operation: Operation[Any, Any]) -> Tables:
    """Return the tables of an operation."""
    derived = [each.name for each in operation.columns if each.derived]
    facts = [each.name for each in operation.columns if each.name not in {*operation.key, *derived}]
    return Tables(operation.what, f"{operation.what}_changes", operation.key, facts, derived)


def _definitions(operation: Operation[Any, Any]) -> str:
    """Return the SQL that creates the tables of an operation."""
    of = tables(operation)
    current = {
        each.name: f"{each.name} {_TYPES[each.kind]}{'' if each.nullable else ' NOT NULL'}"
        for each in operation.columns
    }
    # A row that vanished has no facts.
    changed = [current[name] for name in of.key]
    changed += [current[name].removesuffix(" NOT NULL") for name in of.facts]
    return f"""
CREATE TABLE {of.state} (
    team VARCHAR NOT NULL,
    {", ".join(current.values())},
    observed_at TIMESTAMPTZ NOT NULL,
    run BIGINT NOT NULL
);
CREATE TABLE {of.changes} (
    number BIGINT NOT NULL,
    run BIGINT NOT NULL,
    team VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL,
    previous_status VARCHAR,
    {", ".join(changed)}
);
"""


def names() -> list[str]:
    """Return the names of all tables of a store."""
    of_operations = map(tables, LISTINGS.values())
    return ["runs", "teams", *(name for of in of_operations for name in (of.state, of.changes))]


_NEW: Final = f"""
CREATE TABLE store_version (version INTEGER NOT NULL);
INSERT INTO store_version VALUES (0);

CREATE TABLE teams (team VARCHAR PRIMARY KEY, environment VARCHAR);

CREATE TABLE runs (
    team VARCHAR NOT NULL,
    run BIGINT NOT NULL,
    what VARCHAR NOT NULL,
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
    invalid BIGINT NOT NULL,
    PRIMARY KEY (team, run, what)
);

{"".join(_definitions(each) for each in LISTINGS.values())}
"""

# The environment of a team of version 1 is not known: the team's next sync records it.
_VERSION_2: Final = f"""
DROP TABLE store_version;
ALTER TABLE runs RENAME TO runs_1;
ALTER TABLE pulls RENAME TO pulls_1;
ALTER TABLE transitions RENAME TO transitions_1;
{_NEW}
INSERT INTO teams BY NAME (SELECT DISTINCT team FROM runs_1);
INSERT INTO runs BY NAME (SELECT *, 'pulls' AS what FROM runs_1);
INSERT INTO pulls BY NAME FROM pulls_1;
INSERT INTO pulls_changes BY NAME FROM transitions_1;
DROP TABLE runs_1;
DROP TABLE pulls_1;
DROP TABLE transitions_1;
"""

# The first makes a new store. The others lead to each version from the one before, starting with
# version 1. Tables of an operation are made with its present columns, so a step that adds a column
# says `ADD COLUMN IF NOT EXISTS`, and one that adds an operation `CREATE TABLE IF NOT EXISTS`.
STEPS: Final[Sequence[str]] = (_NEW, _VERSION_2)


def version_of(connection: Any) -> int | None:
    """Return the version of a connection's store; 0 for a database without tables.

    Returns:
        The version, or None for a database that is not a store.
    """
    found = connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    if not found:
        return 0
    if ("store_version",) not in found:
        return None
    ((version,),) = connection.execute("SELECT version FROM store_version").fetchall()
    return int(version)
