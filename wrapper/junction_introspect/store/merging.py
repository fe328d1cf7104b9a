"""Brings pages into the tables of an operation, by statements over sets of rows.

Within a transaction, the view ``arrived`` has the rows of pages, numbered by ``place``. They are
compared with the state once. What has changed is then written from the result.
"""

# ruff: noqa: S608 - only names of tables and columns are put into the texts; values are parameters

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from duckdb import DuckDBPyConnection as Connection

from junction_introspect._paging.operation import Operation
from junction_introspect.arrow import pa
from junction_introspect.store.records import Run
from junction_introspect.store.schema import Tables, tables


def merge(connection: Connection, operation: Operation[Any, Any], run: Run, rows: Any) -> None:
    """Bring the state up to date with the rows of pages, and record the changes.

    Args:
        connection: A connection in a transaction.
        operation: What was listed.
        run: The run that has received the pages.
        rows: The rows as a ``pyarrow.Table``. Of rows with the same key, the last one counts.
    """
    if not rows.num_rows:
        return
    place = pa.array(range(rows.num_rows), pa.int64())
    ids = [each.name for each in operation.columns if each.kind == "id"]
    uuids = ", ".join(f"CAST({name} AS UUID) AS {name}" for name in ids)
    connection.register("pages", rows.append_column("place", place))
    connection.execute(
        f"CREATE OR REPLACE TEMPORARY VIEW arrived AS SELECT * REPLACE ({uuids}) FROM pages"
    )
    kinds = _compare(connection, operation, run.team)
    _write(connection, tables(operation), run, kinds)
    connection.unregister("pages")  # after an error, the next pages replace these


def _compare(
    connection: Connection, operation: Operation[Any, Any], team: str
) -> dict[str | None, int]:
    """Find what has changed: fill the temporary table ``changed``, and count its rows by kind.

    The kinds are those of `tracking.change`, in the same order of precedence; None if nothing has
    changed.
    """
    of = tables(operation)
    user = of.key[0]
    # Reads one column of the state, in a tenth of the time that a join of the whole key takes.
    connection.execute(
        "CREATE OR REPLACE TEMPORARY TABLE known AS"
        f" SELECT rowid AS row_id FROM {of.state} WHERE team = $team"
        f" AND {user} IN (SELECT DISTINCT {user} FROM arrived)",
        {"team": team},
    )
    ((first, last),) = connection.execute("SELECT min(row_id), max(row_id) FROM known").fetchall()

    status = f"state.{operation.status}" if operation.status else "NULL"
    kinds = ["WHEN state.run IS NULL THEN 'appeared'"]
    if moment := operation.scheduled:
        kinds.append(f"WHEN page.{moment} > state.{moment} THEN 'repulled'")
    if operation.status:
        kinds.append(f"WHEN page.{operation.status} IS DISTINCT FROM {status} THEN 'moved'")
    differs = f"({_from('page', of.facts)}) IS DISTINCT FROM ({_from('state', of.facts)})"
    kinds.append(f"WHEN {differs} THEN 'updated'")
    same_key = " AND ".join(f"state.{name} = page.{name}" for name in of.key)
    # Narrow, because writing all columns would take longer than reading the pages again.
    connection.execute(
        f"""
CREATE OR REPLACE TEMPORARY TABLE changed AS
WITH latest AS (SELECT max(place) AS place FROM arrived GROUP BY {", ".join(of.key)}),
page AS (FROM arrived SEMI JOIN latest USING (place)),
state AS (
    SELECT rowid AS row_id, * FROM {of.state}
    WHERE rowid BETWEEN $first AND $last AND rowid IN (SELECT row_id FROM known)
),
compared AS (
    SELECT place, state.row_id, {status} AS previous_status, CASE {" ".join(kinds)} END AS kind
    FROM page LEFT JOIN state ON {same_key}
)
SELECT *, count(kind) OVER (ORDER BY place ROWS UNBOUNDED PRECEDING) AS number FROM compared
""",
        {"first": first, "last": last},
    )
    return dict(connection.execute("SELECT kind, count(*) FROM changed GROUP BY kind").fetchall())


def _write(connection: Connection, of: Tables, run: Run, kinds: dict[str | None, int]) -> None:
    """Write the rows of ``changed``, of which there are so many of each kind."""
    key, facts = ", ".join(of.key), ", ".join(of.facts)
    written = (*of.facts, *of.derived, "observed_at")
    columns = ", ".join(written)
    replaced = ", ".join(f"{name} = arrived.{name}" for name in written)
    pages = "FROM changed JOIN arrived USING (place)"
    which = {"team": run.team, "run": run.run}
    if kinds.keys() - {None}:
        connection.execute(
            f"INSERT INTO {of.changes}"
            f" (number, run, team, kind, seen_at, {key}, previous_status, {facts})"
            f" SELECT {_number(of)} + number, $run, $team, kind, observed_at, {key},"
            f" previous_status, {facts} {pages} WHERE kind IS NOT NULL",
            which,
        )
    if "appeared" in kinds:
        connection.execute(
            f"INSERT INTO {of.state} (team, {key}, {columns}, run)"
            f" SELECT $team, {key}, {columns}, $run {pages} WHERE kind = 'appeared'",
            which,
        )
    if kinds.keys() - {None, "appeared"}:
        connection.execute(
            f"UPDATE {of.state} SET run = $run, {replaced} {pages}"
            f" WHERE kind <> 'appeared' AND {of.state}.rowid = changed.row_id",
            {"run": run.run},
        )
    if None in kinds:
        connection.execute(
            f"UPDATE {of.state} SET run = $run, observed_at = arrived.observed_at {pages}"
            f" WHERE kind IS NULL AND {of.state}.rowid = changed.row_id",
            {"run": run.run},
        )


def remove_vanished(connection: Connection, operation: Operation[Any, Any], run: Run) -> None:
    """Remove the rows that a run has not found, and record that.

    A row that a later run has written still exists, even if this run did not find it.
    """
    of = tables(operation)
    key, vanished = ", ".join(of.key), "team = $team AND run < $run"
    which = {"team": run.team, "run": run.run}
    connection.execute(
        f"INSERT INTO {of.changes} (number, run, team, kind, seen_at, {key}, previous_status)"
        f" SELECT {_number(of)} + row_number() OVER (ORDER BY {key}), $run, $team, 'vanished',"
        f" $seen_at, {key}, {operation.status or 'NULL'} FROM {of.state} WHERE {vanished}",
        {**which, "seen_at": run.ended_at},
    )
    connection.execute(f"DELETE FROM {of.state} WHERE {vanished}", which)


def _from(table: str, columns: Iterable[str]) -> str:
    return ", ".join(f"{table}.{name}" for name in columns)


def _number(of: Tables) -> str:
    return f"(SELECT coalesce(max(number), 0) FROM {of.changes})"
