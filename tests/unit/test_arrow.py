"""Arrow: the rows of a listing, column by column, for whoever reads Arrow."""

from contextlib import closing
from datetime import UTC, datetime

import anyio
import attrs
import duckdb
import httpx
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from junction_introspect import (
    AsyncJunction,
    HistoricalPull,
    InternalServerError,
    Junction,
    PaginationError,
    rows,
)
from tests.support.payloads import encoded, page, statistics, user
from tests.support.pulls import SCHEMA, decode_page, record_batch

KEY = "sk_us_0123456789"
NOW = datetime(2026, 1, 10, tzinfo=UTC)
FIELDS = [field.name for field in attrs.fields(HistoricalPull)]

times = st.one_of(
    st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)).map(str),  # noqa: DTZ001 - naive ones
    st.datetimes(
        min_value=datetime(1, 1, 2),  # noqa: DTZ001 - hypothesis wants it naive
        max_value=datetime(9999, 12, 30),  # noqa: DTZ001 - as above
        timezones=st.timezones(),
    )
    .filter(lambda time: not time.utcoffset().seconds % 60)
    .map(datetime.isoformat),
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
timelines = st.fixed_dictionaries(
    {"scheduled_at": times},
    optional={"started_at": times | st.none(), "ended_at": times | st.none()},
)
pulls = st.fixed_dictionaries(
    {"status": texts, "timeline": timelines, "release": texts},
    optional={
        "range_start": times | st.none(),
        "range_end": times | st.none(),
        "days_with_data": st.integers(-(2**70), 2**70),
        "trace_id": texts | st.none(),
        "error_details": texts | st.none() | st.just("retry_quota_exhausted"),
    },
)
providers = st.fixed_dictionaries(
    {"pulled": st.dictionaries(texts, pulls, max_size=3), "not_pulled": st.lists(texts, max_size=2)}
)
documents = st.lists(
    st.fixed_dictionaries(
        {
            "user_id": st.uuids().map(str),
            "provider": st.dictionaries(texts, providers, max_size=3),
        }
    ),
    max_size=3,
)


def in_utc(value):
    if not isinstance(value, datetime):
        return value
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def expected(row):
    """Return a row as Arrow gives it back."""
    fields = {name: in_utc(getattr(row, name)) for name in FIELDS}
    days = min(max(row.days_with_data, -(2**63)), 2**63 - 1)
    return {
        **fields,
        "user_id": str(row.user_id),
        "days_with_data": days,
        "settled": row.settled,
        "error_kind": row.error_kind,
        "observed_at": NOW,
    }


@given(documents)
def test_batch_has_the_rows_of_the_page(users):
    decoded = decode_page(encoded(page(*users)))

    batch = record_batch(decoded, NOW)

    assert batch.schema == SCHEMA
    batch.validate(full=True)
    assert batch.to_pylist() == [expected(row) for user in decoded.data for row in rows(user)]


def test_schema_is_that_of_the_table_in_the_docs():
    assert {field.name: str(field.type) for field in SCHEMA} == {
        "user_id": "string",
        "provider": "dictionary<values=string, indices=int32, ordered=0>",
        "resource": "dictionary<values=string, indices=int32, ordered=0>",
        "status": "dictionary<values=string, indices=int32, ordered=0>",
        "pulled": "bool",
        "range_start": "timestamp[us, tz=UTC]",
        "range_end": "timestamp[us, tz=UTC]",
        "scheduled_at": "timestamp[us, tz=UTC]",
        "started_at": "timestamp[us, tz=UTC]",
        "ended_at": "timestamp[us, tz=UTC]",
        "days_with_data": "int64",
        "release": "string",
        "trace_id": "string",
        "error_details": "dictionary<values=string, indices=int32, ordered=0>",
        "settled": "bool",
        "error_kind": "dictionary<values=string, indices=int32, ordered=0>",
        "observed_at": "timestamp[us, tz=UTC]",
    }
    assert SCHEMA.names[: len(FIELDS)] == FIELDS


def test_batch_without_rows_has_the_schema():
    batch = record_batch(decode_page(encoded(page())), NOW)
    assert (batch.schema, batch.num_rows) == (SCHEMA, 0)


PAGES = [
    page(user(1), next_cursor="b"),
    page(next_cursor="c"),
    page(user(2, sleep=statistics(status="paused", started_at=None)), next_cursor="d"),
    page(user(3, sleep=statistics(status="failure", error_details="cosmic_rays"))),
]


class Server:
    """Serves `PAGES`, each of which fails first if it is among `failing`."""

    def __init__(self, *failing):
        self.asked = []
        self._failing = [*failing]

    def __call__(self, request):
        cursor = request.url.params.get("next_cursor")
        self.asked.append(cursor)
        if cursor in self._failing:
            self._failing.remove(cursor)
            return httpx.Response(500)
        return httpx.Response(200, content=encoded(PAGES["bcd".find(cursor or "-") + 1]))

    @property
    def transport(self):
        return httpx.MockTransport(self)


def sync_client(server):
    return Junction(api_key=KEY, transport=server.transport, max_retries=0)


@pytest.fixture
def server():
    return Server()


@pytest.fixture
def listing(server):
    with sync_client(server) as junction:
        yield junction.historical_pulls()


def test_nothing_is_sent_before_a_batch_is_asked_for(server, listing):
    reader = listing.to_arrow()

    assert isinstance(reader, pa.RecordBatchReader)
    assert reader.schema == SCHEMA
    assert server.asked == []
    reader.read_next_batch()
    assert server.asked == [None]


def test_cursor_moves_on_with_each_batch(listing):
    cursors = [(batch.num_rows, listing.next_cursor) for batch in listing.to_arrow()]

    # A page without rows gives no batch.
    assert cursors == [(3, "b"), (2, "d"), (2, None)]
    assert listing.done


def test_batches_bear_the_time_they_were_received(listing):
    table = listing.to_arrow(now=lambda: NOW).read_all()

    assert set(table["observed_at"].to_pylist()) == {NOW}


def test_error_is_raised_as_it_is_and_ends_nothing():
    server = Server("b", "d")
    with sync_client(server) as junction:
        listing = junction.historical_pulls()
        reader = listing.to_arrow()
        got = [reader.read_next_batch()]
        with pytest.raises(InternalServerError) as caught:
            reader.read_next_batch()
        assert caught.value.cursor == listing.next_cursor == "b"
        got.append(reader.read_next_batch())
        with pytest.raises(InternalServerError):
            reader.read_next_batch()
        got.append(reader.read_next_batch())

    assert server.asked == [None, "b", "b", "c", "d", "d"]
    assert [batch.num_rows for batch in got] == [3, 2, 2]


def test_broken_protocol_is_raised():
    def loop(_):
        return httpx.Response(200, content=encoded(page(user(1), next_cursor="a")))

    with Junction(api_key=KEY, transport=httpx.MockTransport(loop)) as junction:
        reader = junction.historical_pulls().to_arrow()
        reader.read_next_batch()
        with pytest.raises(PaginationError):
            reader.read_next_batch()


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_async_listing_gives_the_same_batches(listing, backend):
    async def read():
        async with AsyncJunction(api_key=KEY, transport=Server().transport) as junction:
            return [batch async for batch in junction.historical_pulls().to_arrow(lambda: NOW)]

    batches = anyio.run(read, backend=backend)

    assert batches == list(listing.to_arrow(lambda: NOW))


def test_duckdb_reads_it_without_help(listing):
    pulls = listing.to_arrow()

    with closing(duckdb.connect()) as connection:
        connection.register("pulls", pulls)
        counted = connection.execute(
            "SELECT status, error_kind, count(*), min(scheduled_at) FROM pulls"
            " GROUP BY ALL ORDER BY ALL"
        ).fetchall()

    at = datetime(2026, 1, 5, 10, tzinfo=UTC)
    assert counted == [
        ("failure", "unrecognized", 1, at),
        ("paused", None, 1, at),
        ("success", None, 2, at),
        (None, None, 3, None),
    ]


def test_polars_reads_it_without_help(listing):
    frame = pl.DataFrame(listing.to_arrow())

    assert frame["status"].to_list() == [
        "success",
        "success",
        None,
        "paused",
        None,
        "failure",
        None,
    ]
    assert frame.schema["scheduled_at"] == pl.Datetime("us", "UTC")


def test_pandas_reads_it_without_help(listing):
    frame = listing.to_arrow().read_pandas()

    assert isinstance(frame, pd.DataFrame)
    assert frame["status"].astype(object).fillna("-").to_list() == [
        *("success", "success", "-", "paused", "-", "failure", "-")
    ]
    assert str(frame["scheduled_at"].dtype) == "datetime64[us, UTC]"
    assert str(frame["provider"].dtype) == "category"


def test_reader_over_the_c_interface_tells_the_error_in_its_own():
    with sync_client(Server("d")) as junction, closing(duckdb.connect()) as connection:
        connection.register("pulls", junction.historical_pulls().to_arrow())
        with pytest.raises(duckdb.Error, match="500 Internal Server Error"):
            connection.execute("SELECT count(*) FROM pulls").fetchall()


def test_integers_and_times_that_msgspec_refuses_or_rounds_are_exact():
    pull = statistics(
        days_with_data="DAYS",
        range_start="2016-12-31T23:59:60.25Z",
        range_end="2023-12-31T23:59:59.9999999Z",
    )
    body = encoded(page(user(1, sleep=pull), {})).replace(b'"DAYS"', b"70.0")

    (row,) = record_batch(decode_page(body), NOW).select(FIELDS).to_pylist()[:1]

    assert row["days_with_data"] == 70
    assert row["range_start"] == datetime(2016, 12, 31, 23, 59, 59, 250_000, tzinfo=UTC)
    assert row["range_end"] == datetime(2023, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
