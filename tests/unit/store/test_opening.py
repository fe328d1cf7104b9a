"""Opening a store: whose it is, which version it has, and what else a file may be."""

import errno
import os
import pickle
import shutil
import stat
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from junction_introspect.errors import (
    StoreError,
    StoreInvalidError,
    StoreLockedError,
    StoreMissingError,
    StoreVersionError,
    StoreWriteError,
)
from junction_introspect.store import Store, database, schema, sync
from tests.support.payloads import user
from tests.unit.store.scripted import Team

pytestmark = pytest.mark.any_specification

FIRST_RELEASE = Path(__file__).with_name("version_1.sql").read_text(encoding="utf-8")

HOLDER = """
import sys
from junction_introspect.store import Store
with Store.open(sys.argv[1], read_only=sys.argv[2] == "read"):
    print(flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "pulls.duckdb"


@pytest.fixture
def filled(path):
    with Store.open(path) as store, Team([user(1)]).client() as junction:
        sync(junction, store)
    return path


@pytest.fixture
def elsewhere():
    """Opens a store in another process: `elsewhere(path, "read")`; returns the process's id."""
    processes = []

    def hold(path, how):
        process = subprocess.Popen(  # noqa: S603 - this package
            [sys.executable, "-c", HOLDER, path, how],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        processes.append(process)
        process.stdout.readline()
        return process.pid

    yield hold
    for process in processes:
        process.stdin.close()
        process.stdout.close()
        process.wait()


def structure(path):
    with closing(duckdb.connect(str(path), read_only=True)) as connection:
        columns = connection.execute(
            "SELECT table_name, column_name, data_type, is_nullable FROM duckdb_columns()"
            " WHERE NOT internal ORDER BY ALL"
        ).fetchall()
        constraints = connection.execute(
            "SELECT table_name, constraint_text FROM duckdb_constraints() ORDER BY ALL"
        ).fetchall()
        return columns, constraints, connection.execute("FROM store_version").fetchall()


def test_store_being_written_is_locked_for_everybody_else(filled, elsewhere):
    holder = elsewhere(filled, "write")

    for read_only in (False, True):
        with pytest.raises(StoreLockedError) as caught:
            Store.open(filled, read_only=read_only)
        assert caught.value.holder == holder
        assert str(caught.value) == (
            f"{filled} is locked by process {holder}: DuckDB lets one process write or several"
            " read, so wait until it has finished"
        )


def test_store_being_read_can_be_read_by_others_and_not_written(filled, elsewhere):
    holder = elsewhere(filled, "read")

    with Store.open(filled, read_only=True) as store:
        assert len(list(store.rows())) == 3
    with pytest.raises(StoreLockedError, match=f"is locked by process {holder}"):
        Store.open(filled)


def test_second_writer_in_one_process_is_refused(filled):
    with Store.open(filled):
        with pytest.raises(StoreLockedError, match="is already open for writing in this process"):
            Store.open(filled.parent / "." / filled.name)
        with pytest.raises(StoreLockedError, match="is already open in this process"):
            Store.open(filled, read_only=True)
    Store.open(filled).close()


def test_store_whose_opening_failed_can_be_opened_afterwards(filled, monkeypatch):
    monkeypatch.setattr(database, "STEPS", ())
    with pytest.raises(StoreVersionError):
        Store.open(filled)
    monkeypatch.undo()

    Store.open(filled).close()


def test_no_file_is_no_store_to_read(path):
    with pytest.raises(StoreMissingError, match="there is no store"):
        Store.open(path, read_only=True)
    assert not path.exists()


@pytest.mark.parametrize("content", [b"user,status\n", b"x" * 20_000])
def test_file_of_another_kind_is_refused_and_left_alone(path, content):
    path.write_bytes(content)

    for read_only in (False, True):
        with pytest.raises(StoreInvalidError, match="is not a DuckDB database"):
            Store.open(path, read_only=read_only)
    assert path.read_bytes() == content


def test_database_of_another_kind_is_refused_and_left_alone(path):
    with closing(duckdb.connect(str(path))) as connection:
        connection.execute("CREATE TABLE pulls (team VARCHAR)")

    with pytest.raises(StoreInvalidError, match="is a DuckDB database, but not a store"):
        Store.open(path)


def test_empty_file_becomes_a_store_once_it_is_written(path):
    path.touch()

    with pytest.raises(StoreInvalidError):
        Store.open(path, read_only=True)
    with Store.open(path) as store:
        assert store.runs() == []


def test_log_of_a_deleted_store_is_told(path):
    with Store.open(path) as store:
        store.begin("acme", environment="US", at=datetime.now(UTC), resume_within=timedelta(days=1))
        log = path.with_name(f"{path.name}.wal").read_bytes()
    path.unlink()
    path.with_name(f"{path.name}.wal").write_bytes(log)

    with pytest.raises(StoreInvalidError, match=r"\.wal belongs to another store"):
        Store.open(path)


def test_database_without_tables_becomes_a_store_once_it_is_written(path):
    duckdb.connect(str(path)).close()

    with pytest.raises(StoreInvalidError, match="is empty: run a sync"):
        Store.open(path, read_only=True)
    Store.open(path).close()
    Store.open(path, read_only=True).close()


def test_error_can_be_pickled(path):
    with pytest.raises(StoreMissingError) as caught:
        Store.open(path, read_only=True)

    copy = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - of the test's own making

    assert (type(copy), str(copy), copy.path) == (StoreMissingError, str(caught.value), path)


@pytest.mark.parametrize("read_only", [False, True])
def test_directory_or_device_is_no_store(tmp_path, read_only):
    for path in (tmp_path, Path(os.devnull)):
        with pytest.raises(StoreInvalidError, match="is not a file"):
            Store.open(path, read_only=read_only)


def test_store_in_no_directory_cannot_be_made(tmp_path):
    with pytest.raises(StoreError, match="No such file or directory"):
        Store.open(tmp_path / "nowhere" / "pulls.duckdb")


def test_store_of_a_newer_version_is_refused_with_a_sentence(filled):
    newest = len(schema.STEPS)
    with closing(duckdb.connect(str(filled))) as connection:
        connection.execute("UPDATE store_version SET version = ?", [newest + 1])

    with pytest.raises(StoreVersionError) as caught:
        Store.open(filled)

    assert caught.value.version == newest + 1
    assert str(caught.value) == (
        f"{filled} is a store of version {newest + 1}, but this program supports up to {newest}:"
        " update junction-introspect"
    )


def test_database_of_a_newer_duckdb_is_refused_with_a_sentence(path, monkeypatch):
    def connect(*_, **__):
        raise duckdb.IOException(
            "Trying to read a database file with version number 99, but we can only read version"
            " 68.\nThe database file was created with a newer version of DuckDB."
        )

    monkeypatch.setattr(database.duckdb, "connect", connect)

    with pytest.raises(StoreVersionError, match="was written by a newer DuckDB than"):
        Store.open(path)


@pytest.fixture
def old(path):
    """A store of the first release: a complete run, and one that was interrupted."""
    with closing(duckdb.connect(str(path))) as connection:
        connection.execute(FIRST_RELEASE)
    return path


def version_of(path):
    with closing(duckdb.connect(str(path), read_only=True)) as connection:
        return schema.version_of(connection)


def test_store_of_the_first_release_becomes_one_of_today_and_keeps_its_rows(tmp_path, old):
    with pytest.raises(StoreVersionError, match="run a sync to bring it up to date"):
        Store.open(old, read_only=True)

    with Store.open(old) as store:
        (row,) = store.rows()
        (seen,) = store.changes()
        runs = store.runs()
        (team,) = store.teams()

    Store.open(tmp_path / "new.duckdb").close()
    assert structure(old) == structure(tmp_path / "new.duckdb")
    assert (row.status, row.error_kind) == ("failure", "non_retriable")
    assert seen.after == row
    assert [(run.team, run.run, run.what, run.state) for run in runs] == [
        ("default", 1, "pulls", "complete"),
        ("default", 2, "pulls", "unfinished"),
    ]
    assert (team.team, team.environment, list(team.observed_at)) == ("default", None, ["pulls"])
    assert {each.name for each in tmp_path.iterdir()} == {"pulls.duckdb", "new.duckdb"}


def test_sync_that_the_first_release_began_is_resumed(old):
    team = Team([user(1)], [user(2)], [user(3)])
    with Store.open(old) as store, team.client() as junction:
        synced = sync(junction, store, now=lambda: datetime(2026, 1, 11, 1, tzinfo=UTC))

        assert synced.resumed
        assert team.asked == ["1", "2"]
        assert [each.environment for each in store.teams()] == ["Sandbox"]
        assert synced.kinds["pulls"] == {"appeared": 6, "vanished": 1}


@pytest.mark.parametrize("last", ["ATTACH", "COPY", "DROP TABLE pulls_1", "UPDATE", "COMMIT"])
def test_migration_that_fails_leaves_the_old_store_and_a_copy_of_it(old, monkeypatch, last):
    copy = old.with_name("pulls.duckdb.version-1")
    old.chmod(0o640)
    connect = duckdb.connect

    class Failing:
        """A connection whose program is interrupted before a statement."""

        def __init__(self, connection):
            self._connection = connection

        def execute(self, statement, *arguments):
            if last in statement:
                raise KeyboardInterrupt
            return self._connection.execute(statement, *arguments)

        def __getattr__(self, name):
            return getattr(self._connection, name)

    monkeypatch.setattr(duckdb, "connect", lambda *a, **more: Failing(connect(*a, **more)))
    with pytest.raises(KeyboardInterrupt):
        Store.open(old)
    monkeypatch.undo()

    assert version_of(old) == 1
    if last not in {"ATTACH", "COPY"}:
        assert version_of(copy) == 1
        assert stat.S_IMODE(copy.stat().st_mode) == 0o640
    with Store.open(old) as store:
        assert store.count() == 1
    assert not copy.exists()


def test_copy_that_a_killed_program_left_behind_is_removed(filled):
    copy = filled.with_name("pulls.duckdb.version-1")
    copy.touch()

    Store.open(filled).close()

    assert not copy.exists()


def test_copy_that_cannot_be_removed_is_told(filled):
    filled.with_name(f"{filled.name}.version-1").mkdir()

    with pytest.raises(StoreWriteError, match=f"cannot write {filled}: .*(directory|permitted)"):
        Store.open(filled)


def test_step_to_a_newer_version_keeps_what_is_there(filled, monkeypatch):
    steps = (*schema.STEPS, "ALTER TABLE pulls ADD COLUMN note VARCHAR")
    monkeypatch.setattr(database, "STEPS", steps)

    with pytest.raises(StoreVersionError, match="older than"):
        Store.open(filled, read_only=True)
    with Store.open(filled) as store:
        assert len(list(store.rows())) == 3

    columns, _, version = structure(filled)
    assert ("pulls", "note", "VARCHAR", True) in columns
    assert version == [(len(steps),)]


def test_step_that_fails_leaves_the_store_as_it_was(filled, monkeypatch):
    before = structure(filled)
    steps = (*schema.STEPS, "ALTER TABLE pulls ADD COLUMN note VARCHAR", "SELECT nothing")
    monkeypatch.setattr(database, "STEPS", steps)

    with pytest.raises(duckdb.BinderException):
        Store.open(filled)

    assert structure(filled) == before


FULL = """
import resource, sys
from junction_introspect.errors import StoreWriteError
from junction_introspect.store import Store, sync
from tests.unit.store.scripted import Team, page_by_page
from tests.support.payloads import user

with Store.open(sys.argv[1]) as store, Team(*[[user(n)] for n in range(5)]).client() as junction:
    def fill(run):
        size = 100 if run.pages == 2 else resource.RLIM_INFINITY
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    try:
        sync(junction, store, prefetch=0, on_commit=fill, clock=page_by_page())
    except StoreWriteError as error:
        print(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
"""


def test_full_disk_is_a_sentence_and_loses_nothing_that_was_committed(path):
    done = subprocess.run(  # noqa: S603 - this project
        [sys.executable, "-c", FULL, path],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout == f"cannot write {path}: File too large\n"
    with Store.open(path) as store:
        (run,) = store.runs()
        assert (run.pages, run.next_cursor) == (2, "2")
        assert len(list(store.rows())) == 6


def test_name_that_duckdb_gives_a_meaning_to_is_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with Store.open("md:pulls") as store, Team([user(1)]).client() as junction:
        sync(junction, store)
    assert Path("md:pulls").is_file()


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize("name", [":memory:", ":memory:pulls", "s3://bucket/pulls.duckdb"])
def test_what_is_no_file_is_refused(tmp_path, monkeypatch, name, read_only):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=r"is not a file|is a URL"):
        Store.open(name, read_only=read_only)
    assert list(tmp_path.iterdir()) == []


def test_store_is_there_as_a_whole_or_not_at_all(path, monkeypatch):
    def fail(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(database, "_migrate", fail)
    with pytest.raises(KeyboardInterrupt):
        Store.open(path)

    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("others", [False, True])
def test_store_is_made_where_there_are_no_hard_links_too(path, monkeypatch, others):
    def link(draft, _):
        if others:
            shutil.copy(draft, path)
            raise FileExistsError(errno.EEXIST, "somebody was faster")
        raise PermissionError(errno.EPERM, "no hard links here")

    monkeypatch.setattr(os, "link", link)
    with Store.open(path) as store:
        assert store.runs() == []
        assert {each.name for each in path.parent.iterdir()} <= {path.name, f"{path.name}.wal"}


def test_child_of_a_fork_does_not_write_into_what_its_parent_has_open(filled, monkeypatch):
    with Store.open(filled) as store:
        with monkeypatch.context() as child:
            child.setattr(os, "getpid", lambda: -1)
            with pytest.raises(StoreLockedError, match="or was so before a fork") as opening:
                Store.open(filled)
            for use in (store.count, store.runs, store.close):
                with pytest.raises(StoreLockedError, match="was opened before a fork") as using:
                    use()
        assert opening.value.holder == using.value.holder == os.getpid()
        assert store.count() == 3


@pytest.mark.parametrize("read_only", [True, False])
@pytest.mark.parametrize("number", [errno.EACCES, errno.ENAMETOOLONG])
def test_name_that_the_system_refuses_is_told(path, monkeypatch, number, read_only):
    def stat(_, **__):
        raise OSError(number, "no such luck")

    monkeypatch.setattr(Path, "stat", stat)
    with pytest.raises(StoreError, match=r"^cannot open .*pulls\.duckdb: no such luck$"):
        Store.open(path, read_only=read_only)


def test_draft_that_cannot_be_removed_does_not_hide_why_a_store_cannot_be_made(path, monkeypatch):
    def unlink(_, **__):
        raise OSError(errno.EROFS, "not this")

    monkeypatch.setattr(Path, "unlink", unlink)
    with pytest.raises(StoreError, match=r"^cannot open .*x: No such file or directory$"):
        Store.open(path / "x")
