"""What is in a store, as far as it does not depend on when it was seen."""

from contextlib import closing

import duckdb

from junction_introspect import tracking

# Which run has seen a row last is a time as well: the next one, if this was killed at its end.
STATE = "SELECT * EXCLUDE (observed_at, run) FROM {} ORDER BY team, user_id, provider, resource"
CHANGES = "SELECT * EXCLUDE (seen_at) FROM {}_changes ORDER BY number"
UNFINISHED = "SELECT count(*) FROM runs WHERE state = 'unfinished' AND pages > 0"


def changes(store, **which):
    """Return the changes that a store has seen, as `tracking` has them."""
    return [tracking.Change(each.kind, each.before, each.after) for each in store.changes(**which)]


def contents(path):
    """Return the rows and the changes of each operation, without times of observation."""
    with closing(duckdb.connect(str(path), read_only=True)) as connection:
        return {
            what: [connection.execute(query.format(what)).fetchall() for query in (STATE, CHANGES)]
            for what in ("pulls", "resources")
        }


def is_interrupted(path):
    """Tell whether there is a run of which some pages are in, and some are not."""
    with closing(duckdb.connect(str(path), read_only=True)) as connection:
        tables = connection.execute("SELECT count(*) FROM duckdb_tables()").fetchone()
        return tables != (0,) and connection.execute(UNFINISHED).fetchone() != (0,)
