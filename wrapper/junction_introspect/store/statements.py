"""The SQL statements of a store."""

# ruff: noqa: S608 - only names of tables and columns are put into the texts; values are parameters

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from junction_introspect._paging.operation import Operation
from junction_introspect.store.records import (
    RUN_COLUMNS,
    RUN_TIMES,
    in_utc,
    selected,
)
from junction_introspect.store.schema import tables


def _from(table: str, columns: Iterable[str]) -> str:
    return ", ".join(f"{table}.{name}" for name in columns)


def _number(table: str) -> str:
    return f"(SELECT coalesce(max(number), 0) FROM {table})"


class Merge:
    """The statements that bring the pages of one transaction into the tables of an operation.

    The pages are the view ``arrived``, which numbers its rows by ``place``.

    Args:
        operation: The operation.

    Attributes:
        find: Finds the rows of the users of the pages; the result is the temporary table ``known``
            with their row ids. It reads one column of the state, which takes a tenth of the time
            that a join of the whole key takes.
        bounds: Returns the first and the last of these row ids.
        compare: Compares the pages with the state. The result is the temporary table ``changed``,
            which is narrow, because writing all columns would take longer than reading the pages
            again. Of rows with the same key, the last one counts. The kinds are those of
            `tracking.change`, in the same order of precedence; None if nothing has changed.
        count: Counts the rows of ``changed`` by kind.
        record: Inserts the changes.
        add: Inserts new rows.
        replace: Updates rows that have changed.
        touch: Notes that the other rows were seen.
        record_vanished: Inserts a change for each row that the run has not seen.
        delete_vanished: Deletes these rows. A row that a later run has written still exists, even
            if this run did not find it.
    """

    def __init__(self, operation: Operation[Any, Any]) -> None:
        of = tables(operation)
        key, facts, written = ", ".join(of.key), of.facts, (*of.facts, *of.derived, "observed_at")
        ids = [name for name in of.key if of.columns[name].kind == "id"]
        cast = ", ".join(f"CAST({name} AS UUID) AS {name}" for name in ids)
        arrived = ", ".join(f"CAST({name} AS UUID)" if name in ids else name for name in of.key)
        same_key = " AND ".join(f"state.{name} = page.{name}" for name in of.key)
        status = f"state.{operation.status}" if operation.status else "NULL"
        kinds = ["WHEN state.run IS NULL THEN 'appeared'"]
        if moment := operation.scheduled:
            kinds.append(f"WHEN page.{moment} > state.{moment} THEN 'repulled'")
        if operation.status:
            kinds.append(f"WHEN page.{operation.status} IS DISTINCT FROM {status} THEN 'moved'")
        differs = f"({_from('page', facts)}) IS DISTINCT FROM ({_from('state', facts)})"
        kinds.append(f"WHEN {differs} THEN 'updated'")
        pages = "FROM changed JOIN arrived USING (place)"
        gone = "team = $team AND run < $run"
        user = of.key[0]

        self.find = f"""
CREATE OR REPLACE TEMPORARY TABLE known AS
SELECT rowid AS row_id FROM {of.state}
WHERE team = $team AND {user} IN (SELECT DISTINCT CAST({user} AS UUID) FROM arrived)
"""
        self.bounds = "SELECT min(row_id), max(row_id) FROM known"
        self.compare = f"""
CREATE OR REPLACE TEMPORARY TABLE changed AS
WITH latest AS (SELECT max(place) AS place FROM arrived GROUP BY {key}),
page AS (
    SELECT * REPLACE ({cast}) FROM arrived SEMI JOIN latest USING (place)
),
state AS (
    SELECT rowid AS row_id, * FROM {of.state}
    WHERE rowid BETWEEN $first AND $last AND rowid IN (SELECT row_id FROM known)
),
compared AS (
    SELECT place, state.row_id, {status} AS previous_status, CASE {" ".join(kinds)} END AS kind
    FROM page LEFT JOIN state ON {same_key}
)
SELECT *, count(kind) OVER (ORDER BY place ROWS UNBOUNDED PRECEDING) AS number FROM compared
"""
        self.count = "SELECT kind, count(*) FROM changed GROUP BY kind"
        self.record = f"""
INSERT INTO {of.changes} (
    number, run, team, kind, seen_at, {key}, previous_status, {", ".join(facts)}
)
SELECT
    {_number(of.changes)} + number, $run, $team, kind, observed_at, {arrived}, previous_status,
    {", ".join(facts)}
{pages}
WHERE kind IS NOT NULL
"""
        self.add = f"""
INSERT INTO {of.state} (team, {key}, {", ".join(written)}, run)
SELECT $team, {arrived}, {", ".join(written)}, $run
{pages}
WHERE kind = 'appeared'
"""
        self.replace = f"""
UPDATE {of.state} SET run = $run, {", ".join(f"{name} = arrived.{name}" for name in written)}
{pages}
WHERE kind IS NOT NULL AND kind <> 'appeared' AND {of.state}.rowid = changed.row_id
"""
        self.touch = f"""
UPDATE {of.state} SET run = $run, observed_at = arrived.observed_at
{pages}
WHERE kind IS NULL AND {of.state}.rowid = changed.row_id
"""
        self.record_vanished = f"""
INSERT INTO {of.changes} (number, run, team, kind, seen_at, {key}, previous_status)
SELECT
    {_number(of.changes)} + row_number() OVER (ORDER BY {key}),
    $run, $team, 'vanished', $seen_at, {key}, {operation.status or "NULL"}
FROM {of.state}
WHERE {gone}
"""
        self.delete_vanished = f"DELETE FROM {of.state} WHERE {gone}"


def select_rows(operation: Operation[Any, Any], where: str) -> str:
    """Return the SQL for the team and the facts of rows, in the order of their keys."""
    of = tables(operation)
    return f"""
SELECT team, {selected((*of.key, *of.facts), of.times)} FROM {of.state}
WHERE {where}
ORDER BY team, {", ".join(of.key)}
"""


def select_columns(operation: Operation[Any, Any], where: str, *, team: bool) -> str:
    """Return the SQL for rows as Arrow has them, perhaps after the team; ordered by their keys."""
    of = tables(operation)
    columns = [
        f"CAST({of.state}.{each.name} AS VARCHAR) AS {each.name}"
        if each.kind == "id"
        else each.name
        for each in of.columns.values()
    ]
    return f"""
SELECT {"team, " if team else ""}{", ".join(columns)}, observed_at FROM {of.state}
WHERE {where}
ORDER BY {_from(of.state, ("team", *of.key))}
OFFSET $skip
"""


def count_rows(operation: Operation[Any, Any], where: str) -> str:
    """Return the SQL that counts rows."""
    return f"SELECT count(*) FROM {tables(operation).state} WHERE {where}"


def select_changes(operation: Operation[Any, Any], where: str) -> str:
    """Return the SQL for changes with the facts before and after, oldest first.

    The state before a change is the result of the previous change of the same row.
    """
    of = tables(operation)
    return f"""
WITH history AS (
    SELECT *, lag(number) OVER (PARTITION BY team, {", ".join(of.key)} ORDER BY number) AS previous
    FROM {of.changes}
)
SELECT
    now.number, now.run, now.team, now.kind, {selected(("seen_at", *of.key), of.times, "now")},
    {selected(of.facts, of.times, "before")},
    {selected(of.facts, of.times, "now")}
FROM (FROM history WHERE seen_at >= $since AND {where}) AS now
LEFT JOIN {of.changes} AS before ON before.number = now.previous
ORDER BY now.number
"""


def count_kinds(operation: Operation[Any, Any]) -> str:
    """Return the SQL that counts a run's changes by kind."""
    return f"""
SELECT kind, count(*) FROM {tables(operation).changes}
WHERE team = $team AND run = $run
GROUP BY kind ORDER BY kind
"""


SELECT_RUNS: Final = f"""
SELECT {selected(RUN_COLUMNS, RUN_TIMES)} FROM runs
WHERE $team IS NULL OR team = $team
ORDER BY started_at, team, run, what
"""

SELECT_UNFINISHED: Final = f"""
SELECT {selected(RUN_COLUMNS, RUN_TIMES)} FROM runs
WHERE team = $team AND user_id IS NOT DISTINCT FROM $user_id
    AND provider IS NOT DISTINCT FROM $provider
    AND run IN (SELECT run FROM runs WHERE team = $team AND state = 'unfinished')
ORDER BY run
"""

NEXT_RUN: Final = "SELECT coalesce(max(run), 0) + 1 FROM runs WHERE team = $team"

PUT_RUN: Final = f"""
INSERT OR REPLACE INTO runs ({", ".join(RUN_COLUMNS)})
VALUES ({", ".join(f"${name}" for name in RUN_COLUMNS)})
"""

# The times distinguish two stores with the same number of pages.
SELECT_STATE: Final = """
SELECT concat_ws(
    '.', count(*), sum(pages), epoch_us(min(started_at)), epoch_us(max(observed_at))
) FROM runs
"""

SELECT_ENVIRONMENT: Final = "SELECT environment FROM teams WHERE team = $team"

PUT_TEAM: Final = "INSERT OR REPLACE INTO teams VALUES ($team, $environment)"

SELECT_TEAMS: Final = f"""
SELECT team, environment, what, {in_utc("max(runs.observed_at)")} AS last
FROM teams JOIN runs USING (team)
WHERE pages > 0
GROUP BY ALL ORDER BY ALL
"""
