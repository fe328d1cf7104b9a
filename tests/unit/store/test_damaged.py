"""A store of which something is lost says so: by no error of DuckDB's, and by no success."""

import duckdb
import pytest

from junction_introspect import Junction
from junction_introspect.cli import main
from junction_introspect.errors import StoreError, StoreInvalidError
from junction_introspect.mock import MockServer, Population
from junction_introspect.store import Store, sync
from tests.support.payloads import user
from tests.unit.store.scripted import Team

# DuckDB's: three headers, then blocks.
HEADERS, BLOCK = 3 * 4096, 256 * 1024


def facts(store):
    """Return what was seen, without what the damage cannot have touched."""
    batches = [batch.to_pylist() for batch in store.batches()]
    return list(store.rows()), list(store.changes()), batches


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A store of several blocks, and what is in it."""
    path = tmp_path_factory.mktemp("whole") / "pulls.duckdb"
    with (
        MockServer(Population(60, seed=1)) as server,
        Junction(api_key=server.api_key, base_url=server.url) as junction,
        Store.open(path) as store,
    ):
        sync(junction, store)
        found = facts(store)
    return path.read_bytes(), found


def blocks(content):
    return range(HEADERS, len(content), BLOCK)


def zeroed(content, at):
    return content[:at] + bytes(min(BLOCK, len(content) - at)) + content[at + BLOCK :]


def flipped(content, at):
    return content[: at + 100] + bytes([content[at + 100] ^ 1]) + content[at + 101 :]


def cut(content, at):
    return content[:at]


@pytest.mark.parametrize("damage", [zeroed, flipped, cut])
def test_damaged_store_is_refused_or_has_lost_nothing(whole, tmp_path, damage):
    content, expected = whole
    refused = []
    assert len(blocks(content)) > 4
    for at in blocks(content):
        path = tmp_path / f"{at}.duckdb"
        path.write_bytes(damage(content, at))
        try:
            with Store.open(path) as store:
                assert facts(store) == expected
        except StoreInvalidError as error:
            refused.append(str(error))
    assert len(refused) > 2
    assert not any("\n" in text for text in refused)


@pytest.mark.parametrize("damage", [zeroed, flipped, cut])
def test_reading_a_damaged_store_gives_all_or_a_named_error(whole, tmp_path, damage):
    content, expected = whole
    failed = 0
    for at in blocks(content):
        path = tmp_path / f"{at}.duckdb"
        path.write_bytes(damage(content, at))
        try:
            with Store.open(path, read_only=True) as store:
                assert facts(store) == expected
        except StoreError:
            failed += 1
    assert failed > 2


@pytest.mark.parametrize(
    "command", ["sync --to", "stuck --from", "changes --from", "export --from"]
)
def test_damaged_store_is_10_and_one_line(whole, tmp_path, monkeypatch, capsys, command):
    monkeypatch.setenv("JUNCTION_API_KEY", "sk_us_0123456789")
    content, _ = whole
    path = tmp_path / "pulls.duckdb"
    path.write_bytes(content[: HEADERS + BLOCK])
    more = ("--to", str(tmp_path / "p-*.csv")) if command.startswith("export") else ()
    assert main([*command.split(), str(path), *more]) == 10
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith(f"junction-introspect: {path} is ")


def test_store_that_lacks_a_table_is_refused(tmp_path):
    path = tmp_path / "pulls.duckdb"
    Store.open(path).close()
    with duckdb.connect(str(path)) as connection:
        connection.execute("DROP TABLE pulls_changes")
    with pytest.raises(StoreInvalidError, match="is a store with a missing table"):
        Store.open(path)


def test_page_that_cannot_be_written_is_told_by_what_was_in_its_way(tmp_path):
    with Store.open(tmp_path / "pulls.duckdb") as store, Team([user(1)]).client() as junction:
        connection = store._connection

        class Full:
            def execute(self, statement, *arguments):
                if "INSERT INTO pulls" in statement:
                    # DuckDB takes nothing more in this transaction, and says only that.
                    connection.execute("SELECT error('x')")
                return connection.execute(statement, *arguments)

            def __getattr__(self, name):
                return getattr(connection, name)

        store._connection = Full()
        with pytest.raises(duckdb.InvalidInputException, match="x"):
            sync(junction, store)
        store._connection = connection
        assert not list(store.rows())
