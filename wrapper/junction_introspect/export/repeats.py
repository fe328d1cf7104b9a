"""Removes rows whose key comes again later. They occur because pages shift during a listing.

Within a part, repeats are removed when it is written. Across parts they are rare: the users of each
part are compared, and a part is read again only if it has a user who is in another part too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow.compute  # pyright: ignore[reportMissingTypeStubs]

from junction_introspect.arrow import pa
from junction_introspect.export.formats import Array, Table

_compute: Any = pyarrow.compute


def last_of_each(table: Table, key: Sequence[str]) -> Table:
    """Return a table with only the last of the rows that have the same key."""
    keys = table.select(key).cast(pa.schema([(name, pa.string()) for name in key]))
    places = pa.array(range(table.num_rows), pa.int64())
    last = keys.append_column("place", places).group_by(key).aggregate([("place", "max")])
    if last.num_rows == table.num_rows:
        return table
    return table.take(last["place_max"].combine_chunks().sort())


def distinct_users(table: Table, key: Sequence[str]) -> Array:
    """Return the users of a part: the distinct values of the first column of the key."""
    return table[key[0]].cast(pa.string()).unique()


def in_several(columns: Sequence[Array]) -> set[str]:
    """Return the values that are in more than one column.

    Args:
        columns: The distinct values of each column.
    """
    counts = pa.chunked_array(columns, pa.string()).value_counts()
    values, numbers = counts.flatten()
    return set(values.filter(_compute.greater(numbers, 1)).to_pylist())


def without_later(
    table: Table, key: Sequence[str], users: set[str], later: set[tuple[str, ...]]
) -> Table:
    """Return a part without the rows whose key is in a later part.

    Args:
        table: The part. Parts have to be given from the last to the first.
        key: The names of the columns of the key. The first is the user.
        users: The users who are in several parts.
        later: The keys of these users in later parts; those of this part are added.
    """
    keys = list(zip(*(table[name].to_pylist() for name in key), strict=True))
    kept = table.filter(pa.array([each not in later for each in keys], pa.bool_()))
    later.update(each for each in keys if each[0] in users)
    return kept
