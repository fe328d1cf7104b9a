"""The SQL statements of a store."""

# ruff: noqa: S608 - only names of columns are put into the texts; values are parameters

from __future__ import annotations

from typing import Final

from junction_introspect.store.records import RUN_COLUMNS, selected
from junction_introspect.store.schema import DERIVED, FACTS, KEY


def _from(table: str, columns: tuple[str, ...]) -> str:
    return ", ".join(f"{table}.{name}" for name in columns)


# `arrived` is a page's record batch. Of rows with the same key, the last one counts.
_PAGE: Final = """
    SELECT * REPLACE (CAST(user_id AS UUID) AS user_id)
    FROM arrived
    QUALIFY row_number() OVER (PARTITION BY user_id, provider, resource ORDER BY place DESC) = 1
"""

# The kinds are those of `tracking.change`, in the same order of precedence.
INSERT_TRANSITIONS: Final = f"""
INSERT INTO transitions (
    number, run, team, kind, seen_at, {", ".join(KEY)}, previous_status, {", ".join(FACTS)}
)
WITH page AS ({_PAGE}),
compared AS (
    SELECT
        page.*,
        pulls.status AS previous_status,
        CASE
            WHEN pulls.user_id IS NULL THEN 'appeared'
            WHEN page.scheduled_at > pulls.scheduled_at THEN 'repulled'
            WHEN page.status IS DISTINCT FROM pulls.status THEN 'moved'
            WHEN ({_from("page", FACTS)}) IS DISTINCT FROM ({_from("pulls", FACTS)}) THEN 'updated'
        END AS kind
    FROM page
    LEFT JOIN pulls
        ON pulls.team = $team
        AND pulls.user_id = page.user_id
        AND pulls.provider = page.provider
        AND pulls.resource = page.resource
)
SELECT
    $number + row_number() OVER (ORDER BY place),
    $run, $team, kind, observed_at, {", ".join(KEY)}, previous_status, {", ".join(FACTS)}
FROM compared
WHERE kind IS NOT NULL
"""

_UPSERTED: Final = (*KEY, *FACTS, *DERIVED, "observed_at")

UPSERT_PULLS: Final = f"""
INSERT INTO pulls (team, {", ".join(_UPSERTED)}, run)
WITH page AS ({_PAGE})
SELECT $team, {", ".join(_UPSERTED)}, $run FROM page
ON CONFLICT DO UPDATE SET
    {", ".join(f"{name} = excluded.{name}" for name in (*_UPSERTED[len(KEY) :], "run"))}
"""

# A row that a later run has written still exists, even if this run did not find it.
_GONE: Final = "team = $team AND run < $run"

INSERT_VANISHED: Final = f"""
INSERT INTO transitions (number, run, team, kind, seen_at, {", ".join(KEY)}, previous_status)
SELECT
    $number + row_number() OVER (ORDER BY {", ".join(KEY)}),
    $run, $team, 'vanished', $seen_at, {", ".join(KEY)}, status
FROM pulls
WHERE {_GONE}
"""

DELETE_VANISHED: Final = f"DELETE FROM pulls WHERE {_GONE}"

LAST_NUMBERS: Final = """
SELECT
    (SELECT coalesce(max(run), 0) FROM runs),
    (SELECT coalesce(max(number), 0) FROM transitions)
"""

SELECT_RUNS: Final = f"""
SELECT {selected(RUN_COLUMNS)} FROM runs
WHERE $team IS NULL OR team = $team
ORDER BY run
"""

SELECT_UNFINISHED: Final = f"""
SELECT {selected(RUN_COLUMNS)} FROM runs
WHERE state = 'unfinished' AND team = $team
    AND user_id IS NOT DISTINCT FROM $user_id AND provider IS NOT DISTINCT FROM $provider
"""

INSERT_RUN: Final = f"""
INSERT INTO runs ({", ".join(RUN_COLUMNS)})
VALUES ({", ".join(f"${name}" for name in RUN_COLUMNS)})
"""

UPDATE_RUN: Final = f"""
UPDATE runs SET {", ".join(f"{name} = ${name}" for name in RUN_COLUMNS[1:])} WHERE run = $run
"""

# The times distinguish two stores with the same number of pages.
SELECT_STATE: Final = """
SELECT concat_ws(
    '.', max(run), sum(pages), epoch_us(min(started_at)), epoch_us(max(observed_at))
) FROM runs
"""

COUNT_KINDS: Final = """
SELECT kind, count(*) FROM transitions WHERE run = $run GROUP BY kind ORDER BY kind
"""

SELECT_ROWS: Final = f"""
SELECT {selected((*KEY, *FACTS))} FROM pulls
WHERE $team IS NULL OR team = $team
ORDER BY team, {", ".join(KEY)}
"""

SELECT_COLUMNS: Final = f"""
SELECT CAST(user_id AS VARCHAR), {selected((*KEY[1:], *FACTS, *DERIVED, "observed_at"))} FROM pulls
WHERE $team IS NULL OR team = $team
ORDER BY team, {", ".join(KEY)}
OFFSET $skip
"""

# The state before a transition is the result of the previous transition with the same key.
SELECT_TRANSITIONS: Final = f"""
WITH history AS (
    SELECT *, lag(number) OVER (PARTITION BY team, {", ".join(KEY)} ORDER BY number) AS previous
    FROM transitions
    WHERE $team IS NULL OR team = $team
)
SELECT
    now.number, now.run, now.team, now.kind, {selected(("seen_at", *KEY), "now")},
    {selected(FACTS, "before")},
    {selected(FACTS, "now")}
FROM history AS now
LEFT JOIN transitions AS before ON before.number = now.previous
WHERE now.seen_at >= $since
ORDER BY now.number
"""
