"""Of rows with the same key the last counts, within a part and across parts."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from junction_introspect.export.repeats import (
    distinct_users,
    in_several,
    last_of_each,
    without_later,
)
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS
from tests.support.pulls import SCHEMA

pytestmark = pytest.mark.any_specification

KEY = HISTORICAL_PULLS.key
NOW = datetime(2026, 1, 1, tzinfo=UTC)

# Few names, so that keys meet.
KEYS = st.tuples(*(st.sampled_from([f"{name}{n}" for n in range(3)]) for name in "upr"))
PARTS = st.lists(st.lists(KEYS, max_size=12), max_size=5)


def batch(keys, first):
    rows = [
        {
            **dict(zip(KEY, key, strict=True)),
            "pulled": True,
            "days_with_data": first + number,  # the place, to be told apart by
            "settled": True,
            "observed_at": NOW,
        }
        for number, key in enumerate(keys)
    ]
    return pa.RecordBatch.from_pylist(rows, SCHEMA)


def places(table):
    rows = table.select([*KEY, "days_with_data"]).to_pylist()
    return [(tuple(row[name] for name in KEY), row["days_with_data"]) for row in rows]


def last_places(parts):
    found = {}
    for number, key in enumerate(key for keys in parts for key in keys):
        found.pop(key, None)
        found[key] = number
    return list(found.items())


def batches(parts):
    first = 0
    for keys in parts:
        yield batch(keys, first)
        first += len(keys)


def table_of(found):
    table = pa.Table.from_batches(found, SCHEMA).unify_dictionaries()
    return last_of_each(table, KEY)


@given(PARTS)
def test_within_a_part_the_last_row_of_a_key_stays_in_its_place(pages):
    assert places(table_of(list(batches(pages)))) == last_places(pages)


@given(PARTS)
def test_across_parts_the_last_row_of_a_key_stays_in_its_place(parts):
    tables = [table_of([each]) for each in batches(parts)]
    users = [distinct_users(table, KEY) for table in tables]
    several, later, kept = in_several(users), set(), []
    for table, theirs in reversed(list(zip(tables, users, strict=True))):
        shares = not several.isdisjoint(theirs.to_pylist())
        kept.insert(0, without_later(table, KEY, several, later) if shares else table)
    assert [each for table in kept for each in places(table)] == last_places(parts)
    assert all(table.schema == SCHEMA for table in kept)


@given(PARTS)
def test_users_in_several_parts_are_those(parts):
    found = in_several([distinct_users(table_of([each]), KEY) for each in batches(parts)])
    users = [{key[0] for key in keys} for keys in parts]
    assert found == {
        user for user in set().union(*users) if sum(user in each for each in users) > 1
    }
