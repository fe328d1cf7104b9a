"""A signal while DuckDB works: its handler runs at once, and what it raises wins in the end."""

import signal
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from junction_introspect.errors import StoreError
from junction_introspect.store import Store, statements, sync
from junction_introspect.store.interrupts import held
from tests.support import payloads
from tests.support.limits import LIMIT
from tests.unit.store.scripted import Team, page_by_page

# Takes hours, and says when it is running.
ENDLESS = """
SELECT count(*) FROM range(100000000) a, range(100000000) b, (SELECT seen(0) AS zero) c
WHERE a.range + b.range < c.zero
"""

DAY = timedelta(days=1)


def now():
    return datetime(2026, 1, 1, tzinfo=UTC)


class StoppedError(Exception):
    """What a program's own handler raises."""


@pytest.fixture
def handle():
    """Handles a signal in a way of its own until the test is over."""
    before = {}

    def handle(number, handler):
        before.setdefault(number, signal.getsignal(number))
        signal.signal(number, handler)

    yield handle
    for number, handler in before.items():
        signal.signal(number, handler)


def stop(*_):
    raise StoppedError


@contextmanager
def signalled(connection, number):
    """Raise a signal as soon as `ENDLESS` is running, and not before."""
    running, over = threading.Event(), threading.Event()

    def seen(value):
        running.set()
        return value

    def work():
        if running.wait(LIMIT) and not over.is_set():
            signal.raise_signal(number)

    connection.create_function("seen", seen, ["BIGINT"], "BIGINT", side_effects=True)
    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        running.set()
        thread.join()


def test_what_a_handler_raises_comes_after_the_work():
    done = []
    with pytest.raises(KeyboardInterrupt), held():  # noqa: PT012 - the order is the promise
        signal.raise_signal(signal.SIGINT)
        done.append(1)
    assert done == [1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGUSR1])
def test_every_handler_is_heard_and_put_back(handle, number):
    handle(number, stop)
    with pytest.raises(StoppedError), held():
        signal.raise_signal(number)
    assert signal.getsignal(number) is stop


def test_handler_that_raises_nothing_interrupts_nothing(handle):
    heard, interrupts = [], []
    handle(signal.SIGTERM, lambda number, _: heard.append(number))
    with held(lambda: interrupts.append(1)):
        signal.raise_signal(signal.SIGTERM)
        assert heard == [signal.SIGTERM]
    assert not interrupts


def test_interruption_wins_over_the_error_that_it_caused():
    def broken():
        signal.raise_signal(signal.SIGINT)
        raise duckdb.Error("Current transaction is aborted")

    with pytest.raises(KeyboardInterrupt), held():
        broken()


def test_error_without_a_signal_stays_what_it_is():
    with pytest.raises(duckdb.Error), held():
        raise duckdb.Error("disk full")


def test_handler_that_was_replaced_meanwhile_stays(handle):
    def other(*_):
        pass

    handle(signal.SIGTERM, stop)
    with held():
        signal.signal(signal.SIGTERM, other)
    assert signal.getsignal(signal.SIGTERM) is other


def test_signal_ignored_stays_ignored(handle):
    handle(signal.SIGTERM, signal.SIG_IGN)
    with held():
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN


def test_other_threads_hold_nothing():
    seen = []

    def work():
        with held():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [signal.default_int_handler]


def test_long_statement_is_interrupted():
    with duckdb.connect() as connection:
        with (
            signalled(connection, signal.SIGINT),
            pytest.raises(KeyboardInterrupt),
            held(connection.interrupt),
        ):
            connection.execute(ENDLESS).fetchall()
        assert connection.execute("SELECT 1").fetchall() == [(1,)]


class Interrupting:
    """A connection in which a signal comes with each statement of a kind, once `pages` arrive."""

    def __init__(self, connection, statement):
        self._connection, self._statement = connection, statement
        self.pages = False

    def execute(self, statement, *arguments):
        if self.pages and statement.strip().startswith(self._statement):
            signal.raise_signal(signal.SIGINT)
        return self._connection.execute(statement, *arguments)

    def __getattr__(self, name):
        return getattr(self._connection, name)


def arriving(listing, connection):
    """Return a client's method that notes that pages are going to arrive."""

    def noted(*arguments, **options):
        connection.pages = True
        return listing(*arguments, **options)

    return noted


@pytest.mark.parametrize(
    "statement",
    ["BEGIN", "CREATE OR REPLACE", "INSERT INTO pulls_changes", "INSERT OR REPLACE", "COMMIT"],
)
def test_page_that_is_interrupted_is_in_the_store_as_a_whole(tmp_path, statement):
    team = Team([payloads.user(1)], [payloads.user(2)])
    path = tmp_path / "pulls.duckdb"
    with Store.open(path) as store, team.client() as junction:
        store._connection = Interrupting(store._connection, statement)
        junction.listing = arriving(junction.listing, store._connection)
        with pytest.raises(KeyboardInterrupt):
            sync(junction, store, team="t", now=now, prefetch=0, clock=page_by_page())
        store._connection = store._connection._connection
        (stored,) = store.runs()
        assert (stored.pages, stored.next_cursor) == (1, "1")
        assert len(list(store.rows())) == len(list(store.changes())) == 3
    with Store.open(path) as store, team.client() as junction:
        assert sync(junction, store, team="t", now=now).resumed
        assert len(list(store.rows())) == 6


@pytest.mark.parametrize("how", ["rows", "batches"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_reading_that_is_interrupted_raises_what_was_meant(
    tmp_path, monkeypatch, handle, number, how
):
    handle(number, stop)
    monkeypatch.setattr(statements, "select_rows", lambda *_: ENDLESS)
    monkeypatch.setattr(statements, "select_columns", lambda *_, **__: f"{ENDLESS} OFFSET $skip")
    with Store.open(tmp_path / "pulls.duckdb") as store:
        with signalled(store._connection, number), pytest.raises(StoppedError):
            list(getattr(store, how)())
        assert not store.runs()


def test_error_in_the_middle_of_batches_is_ours(tmp_path):
    broken = (
        "SELECT CASE WHEN range > 500000 THEN error('disk gone') ELSE range END AS n"
        " FROM range(1000000)"
    )
    with Store.open(tmp_path / "pulls.duckdb") as store:
        batches = store._batches(broken, {}, 10_000)
        with pytest.raises(StoreError, match=r"cannot read .*: disk gone"):
            list(batches)
