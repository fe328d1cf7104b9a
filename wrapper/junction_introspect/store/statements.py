"""The SQL statements of a store."""

# ruff: noqa: S608 - only names of tables and columns are put into the texts; values are parameters

from __future__ import annotations

from typing import Any, Final

from junction_introspect._paging.operation import Operation
from junction_introspect.store.records import RUN_COLUMNS, in_utc, selected
from junction_introspect.store.schema import tables


def select_rows(operation: Operation[Any, Any], where: str) -> str:
    """Return the SQL for the team and the facts of rows, in the order of their keys."""
    of = tables(operation)
    return f"""
SELECT team, {selected((*of.key, *of.facts))} FROM {of.state}
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
        for each in operation.columns
    ]
    return f"""
SELECT {"team, " if team else ""}{", ".join(columns)}, observed_at FROM {of.state}
WHERE {where}
ORDER BY {", ".join(f"{of.state}.{name}" for name in ("team", *of.key))}
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
    now.number, now.run, now.team, now.kind, {selected(("seen_at", *of.key), "now.")},
    {selected(of.facts, "before.")},
    {selected(of.facts, "now.")}
FROM (FROM history WHERE seen_at >= coalesce($since, TIMESTAMPTZ '-infinity') AND {where}) AS now
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
SELECT {selected(RUN_COLUMNS)} FROM runs
WHERE $team IS NULL OR team = $team
ORDER BY started_at, team, run, what
"""

# There is one at most: a run that is not resumed is abandoned before the next one starts.
SELECT_UNFINISHED: Final = f"""
SELECT {selected(RUN_COLUMNS)} FROM runs
WHERE team = $team AND user_id IS NOT DISTINCT FROM $user_id
    AND provider IS NOT DISTINCT FROM $provider
    AND run IN (
        SELECT run FROM runs WHERE team = $team GROUP BY run
        HAVING bool_or(state = 'unfinished') AND list_sort(list(what)) = list_sort($whats)
    )
ORDER BY list_position($whats, what)
"""

ABANDON: Final = """
UPDATE runs SET state = 'abandoned', ended_at = $at
WHERE team = $team AND run = ANY($runs) AND state = 'unfinished'
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

# Returns the environment that is noted: an earlier one stays.
NOTE_ENVIRONMENT: Final = """
INSERT INTO teams VALUES ($team, $environment)
ON CONFLICT DO UPDATE SET environment = coalesce(environment, excluded.environment)
RETURNING environment
"""

SELECT_TEAMS: Final = f"""
SELECT team, environment, what, {in_utc("max(runs.observed_at)")} AS last
FROM teams JOIN runs USING (team)
WHERE pages > 0
GROUP BY ALL ORDER BY ALL
"""
