"""Removes rows whose key comes again later. They occur because pages shift during a listing.

Within a part, repeats are removed when it is written. Across parts they are rare: the users of each
part are compared, and rows are read only for users who are in several parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from junction_introspect.arrow import pa, schema
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS

KEY: Final = tuple(HISTORICAL_PULLS.key)

Table = Any


def table_of(batches: Sequence[Any]) -> Table:
    """Return batches as one table, with only the last of the rows that have the same key."""
    table = pa.Table.from_batches(batches, schema(HISTORICAL_PULLS)).unify_dictionaries()
    keys = table.select(KEY).cast(pa.schema([(name, pa.string()) for name in KEY]))
    places = pa.array(range(table.num_rows), pa.int64())
    last = keys.append_column("place", places).group_by(KEY).aggregate([("place", "max")])
    if last.num_rows == table.num_rows:
        return table
    return table.take(last["place_max"].combine_chunks().sort())


def users_in_several(columns: Iterable[Any]) -> set[str]:
    """Return the users who are in more than one part.

    Args:
        columns: The column ``user_id`` of each part.
    """
    seen: set[str] = set()
    several: set[str] = set()
    for column in columns:
        users = set(column.unique().to_pylist())
        several |= users & seen
        seen |= users
    return several


def without_repeats(tables: Iterable[Table], users: set[str]) -> Iterator[Table]:
    """Yield parts without the rows whose key is in a later part.

    Args:
        tables: The parts, from the last to the first.
        users: The users whose rows must be compared.
    """
    later: set[tuple[str, ...]] = set()
    for table in tables:
        keys = list(zip(*(table[name].to_pylist() for name in KEY), strict=True))
        yield table.filter(pa.array([key not in later for key in keys], pa.bool_()))
        later.update(key for key in keys if key[0] in users)
