"""`Store`: a DuckDB file with the state of every pull, the changes, and the runs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Final, Self
from uuid import UUID

import duckdb
from attrs import evolve

from junction_introspect._files import created_with, mode_of
from junction_introspect._paging.operation import Operation
from junction_introspect.arrow import RecordBatch, pa, record_batch, schema
from junction_introspect.errors import StoreLockedError
from junction_introspect.operations.historical_pulls import HistoricalPull
from junction_introspect.pages import Page
from junction_introspect.store import statements
from junction_introspect.store.database import connect, named, set_mode, told, writing
from junction_introspect.store.interrupts import held
from junction_introspect.store.records import (
    RUN_COLUMNS,
    Run,
    Transition,
    row_of,
    run_of,
    transition_of,
)
from junction_introspect.store.schema import OPERATION
from junction_introspect.tracking.states import in_utc

# Rows fetched from DuckDB at a time.
_CHUNK: Final = 10_000

_BEGINNING: Final = datetime.min.replace(tzinfo=UTC)


class Store:
    """The state of every pull, the changes that were seen, and the runs that saw them.

    Open a store with `open`. It is safe to share between threads: each page is one transaction, and
    transactions take turns. Reads see the store as it was when they started.

    Args:
        path: The file.
        connection: A connection to the file.
        held: Closed when the store is closed.

    Attributes:
        path: The file.
        operation: The operation whose rows the store holds.
    """

    operation: ClassVar[Operation[Any, Any]] = OPERATION

    def __init__(self, path: Path, connection: duckdb.DuckDBPyConnection, held: ExitStack) -> None:
        self.path = path
        self._connection = connection
        self._held = held
        self._mode = mode_of(path)
        self._lock = threading.Lock()
        self._syncing: set[str] = set()
        with told(path, writing=False):
            self._read_numbers()

    @classmethod
    def open(
        cls, path: str | PathLike[str], *, read_only: bool = False, mode: int | None = None
    ) -> Self:
        """Open a store. Close it afterwards, or use it in a ``with`` block.

        While DuckDB works, the umask of the process is set from the store's mode, so that the files
        that DuckDB writes beside the store have the same readers.

        Args:
            path: The file. It is created if it does not exist, and brought up to date if it has an
                older version.
            read_only: Whether to do neither, and to let other processes read at the same time.
            mode: The file's permissions, like ``0o640``, whatever the umask. By default only the
                owner may read and write a new store, because it holds health data.

        Raises:
            ValueError: ``path`` is not the name of a file, but a URL or ``:memory:``.
            StoreMissingError: There is no such file, and ``read_only`` is true.
            StoreInvalidError: The file is not a store.
            StoreLockedError: The store is in use.
            StoreVersionError: The store has a newer version, or an older one and ``read_only`` is
                true.
            StoreWriteError: The store cannot be written.
        """
        path = named(path)
        with ExitStack() as stack:
            if not read_only:
                stack.enter_context(writing(path))
            with held(), created_with(mode_of(path, mode)):
                connection = connect(path, read_only=read_only)
                stack.callback(connection.close)
                if mode is not None and not read_only:
                    set_mode(path, mode)
                store = cls(path, connection, stack)
            store._held = stack.pop_all()
            return store

    def close(self) -> None:
        """Close the file. The store cannot be used afterwards.

        If another thread is in a transaction, this waits for its end.
        """
        with self._working(), self._lock:
            self._held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def rows(self, team: str | None = None) -> Iterator[HistoricalPull]:
        """Yield the current rows, by team, user, provider and resource; lazily. Times are in UTC.

        Args:
            team: Only this team's rows.
        """
        return map(row_of, self._select(statements.SELECT_ROWS, team=team))

    def changes(
        self, since: datetime | None = None, team: str | None = None
    ) -> Iterator[Transition]:
        """Yield the changes that were seen, oldest first; lazily. Times are in UTC.

        All transitions, replayed from the first, result in what `rows` yields.

        Args:
            since: Only changes seen at this time or later. A naive time is read as UTC. None for
                all changes.
            team: Only this team's changes.
        """
        since = _BEGINNING if since is None else in_utc(since)
        return map(
            transition_of, self._select(statements.SELECT_TRANSITIONS, team=team, since=since)
        )

    def runs(self, team: str | None = None) -> list[Run]:
        """Return the runs, oldest first.

        Args:
            team: Only this team's runs.
        """
        return [run_of(record) for record in self._select(statements.SELECT_RUNS, team=team)]

    def batches(
        self, rows: int = _CHUNK, *, team: str | None = None, skip: int = 0
    ) -> Iterator[RecordBatch]:
        """Yield the current rows as record batches, lazily.

        Args:
            rows: How many rows a batch has; the last may have fewer.
            team: Only this team's rows.
            skip: How many rows to skip at the beginning.
        """
        records = self._select(statements.SELECT_COLUMNS, chunk=rows, team=team, skip=skip)
        while chunk := [record for _, record in zip(range(rows), records, strict=False)]:
            columns = zip(*chunk, strict=True)
            yield pa.RecordBatch.from_arrays(
                [
                    pa.array(column, field.type)
                    for column, field in zip(columns, schema(self.operation), strict=True)
                ],
                schema=schema(self.operation),
            )

    def state(self) -> str:
        """Return a text that identifies the store's state: it changes with every committed page."""
        ((state,),) = self._select(statements.SELECT_STATE)
        return str(state)

    def kinds(self, run: Run) -> Mapping[str, int]:
        """Return how many changes of each kind a run has seen."""
        return dict(self._select(statements.COUNT_KINDS, run=run.run))

    def _select(self, statement: str, chunk: int = _CHUNK, **parameters: Any) -> Iterator[Any]:
        # A separate connection gives a snapshot, and does not wait for transactions.
        with closing(self._connection.cursor()) as cursor:
            with self._working(cursor.interrupt), told(self.path, writing=False):
                cursor.execute(statement, parameters)
                records = cursor.fetchmany(chunk)
            while records:
                yield from records
                with self._working(cursor.interrupt), told(self.path, writing=False):
                    records = cursor.fetchmany(chunk)

    @contextmanager
    def _working(self, interrupt: Callable[[], object] | None = None) -> Generator[None]:
        """Protect DuckDB's work from signals, and give its files the store's permissions."""
        with held(interrupt), created_with(self._mode):
            yield

    @contextmanager
    def syncing(self, team: str) -> Generator[None, None, None]:
        """Prevent a second sync of a team in this process. Another process finds the file locked.

        Raises:
            StoreLockedError: A sync of the team is running.
        """
        with self._lock:
            if team in self._syncing:
                raise StoreLockedError(
                    f"{self.path}: a sync of team {team!r} is already running", path=self.path
                )
            self._syncing.add(team)
        try:
            yield
        finally:
            with self._lock:
                self._syncing.discard(team)

    def begin(
        self,
        team: str,
        *,
        at: datetime,
        resume_within: timedelta,
        user_id: UUID | None = None,
        provider: str | None = None,
    ) -> Run:
        """Return the unfinished run to resume, or a new one.

        Args:
            team: The team whose pulls are listed.
            at: The time; a naive time is read as UTC, as for pages.
            resume_within: An unfinished run with the same filters is resumed if it received its
                last page at most this long ago. An older one is abandoned.
            user_id: Only this user.
            provider: Only users of this provider or lab.

        Raises:
            StoreWriteError: The store cannot be written.
        """
        at = in_utc(at)
        with self._transaction() as connection:
            found = connection.execute(
                statements.SELECT_UNFINISHED,
                {"team": team, "user_id": user_id, "provider": provider},
            ).fetchone()
            if found:
                run = run_of(found)
                # A run without a page cannot be too old.
                if not run.pages or at - run.observed_at <= resume_within:
                    return run
                _update(connection, evolve(run, state="abandoned", ended_at=at))
            self._run += 1
            run = Run(
                run=self._run,
                team=team,
                user_id=user_id,
                provider=provider,
                started_at=at,
                observed_at=at,
            )
            connection.execute(statements.INSERT_RUN, _parameters(run))
        return run

    def commit(self, run: Run, page: Page[Any], at: datetime) -> Run:
        """Commit a page and, in the same transaction, the cursor that follows it.

        With the last page of a run that lists all users and has left out nothing, the pulls that
        the run did not find are recorded as vanished.

        Args:
            run: The run, as it was last returned.
            page: The run's next page.
            at: When the page was received.

        Returns:
            The run, updated with the page.

        Raises:
            StoreWriteError: The store cannot be written; neither page nor cursor is in it.
        """
        at = in_utc(at)
        batch = record_batch(self.operation, page, at)
        run = evolve(
            run,
            observed_at=at,
            next_cursor=page.next_cursor,
            pages=run.pages + 1,
            users=run.users + len(page.data),
            rows=run.rows + batch.num_rows,
            invalid=run.invalid + len(page.invalid),
        )
        if page.next_cursor is None:
            run = evolve(run, state="complete", ended_at=at)
        with self._transaction() as connection:
            if batch.num_rows:
                self._number += _merge(connection, batch, run, self._number)
            if run.state == "complete" and run.whole:
                self._number += _vanish(connection, run, self._number, at)
            _update(connection, run)
        return run

    def abandon(self, run: Run, at: datetime) -> None:
        """Give up an unfinished run, so that the next one starts over. Its pages are kept.

        Raises:
            StoreWriteError: The store cannot be written.
        """
        with self._transaction() as connection:
            _update(connection, evolve(run, state="abandoned", ended_at=in_utc(at)))

    def _read_numbers(self) -> None:
        ((self._run, self._number),) = self._connection.execute(statements.LAST_NUMBERS).fetchall()

    @contextmanager
    def _transaction(self) -> Generator[duckdb.DuckDBPyConnection, None, None]:
        connection = self._connection
        with self._working(), self._lock, told(self.path):
            connection.execute("BEGIN")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # Fails if DuckDB has already rolled back a transaction that it could not commit.
                with suppress(duckdb.Error):
                    connection.execute("ROLLBACK")
                # An interrupt may come after the commit, so the numbers are read from the store.
                with suppress(duckdb.Error):
                    self._read_numbers()
                raise


def _merge(connection: duckdb.DuckDBPyConnection, batch: RecordBatch, run: Run, number: int) -> int:
    place = pa.array(range(batch.num_rows), pa.int64())
    connection.register("arrived", pa.Table.from_batches([batch]).append_column("place", place))
    try:
        both = {"run": run.run, "team": run.team}
        found = connection.execute(statements.INSERT_TRANSITIONS, {**both, "number": number})
        (inserted,) = found.fetchone() or (0,)
        connection.execute(statements.UPSERT_PULLS, both)
    except BaseException:
        # DuckDB refuses this in a failed transaction; the next page replaces the table anyway.
        with suppress(duckdb.Error):
            connection.unregister("arrived")
        raise
    connection.unregister("arrived")
    return int(inserted)


def _vanish(connection: duckdb.DuckDBPyConnection, run: Run, number: int, at: datetime) -> int:
    which = {"run": run.run, "team": run.team}
    found = connection.execute(
        statements.INSERT_VANISHED, {**which, "number": number, "seen_at": at}
    )
    (inserted,) = found.fetchone() or (0,)
    connection.execute(statements.DELETE_VANISHED, which)
    return int(inserted)


def _update(connection: duckdb.DuckDBPyConnection, run: Run) -> None:
    connection.execute(statements.UPDATE_RUN, _parameters(run))


def _parameters(run: Run) -> dict[str, Any]:
    return {name: getattr(run, name) for name in RUN_COLUMNS}
