"""`Store`: a DuckDB file that holds how every pull stands, what has changed, and the runs."""

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
    """How every pull stands, what has changed and when it was seen, and the runs that saw it.

    Open one with `open`. Safe to share between threads: each page is a transaction, and they take
    turns. What is read is as it was when the reading began, whatever is committed meanwhile.

    Args:
        path: The file.
        connection: A connection to it.
        held: What is undone when the store is closed.

    Attributes:
        path: The file.
        operation: What its rows are of.
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
        """Open a store, to be closed or used in a ``with`` block.

        While DuckDB works, the umask of the process is the store's, so that what DuckDB writes
        beside it is for the same readers.

        Args:
            path: The file. It is made where there is none, and one of an older version is brought
                up to date.
            read_only: Do neither, and let other processes read as well.
            mode: Who may read and write it, like ``0o640``, whatever the umask. By default a new
                store is for its owner alone, as it holds health data.

        Raises:
            ValueError: It is no name of a file, as a URL or ``:memory:``.
            StoreMissingError: There is no such file, and it is to be read only.
            StoreInvalidError: It is no store.
            StoreLockedError: Another process is using it.
            StoreVersionError: It is of a newer version, or of an older one and to be read only.
            StoreWriteError: It cannot be written.
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
        """Let go of the file. The store cannot be used afterwards.

        A transaction that another thread has under way is waited for.
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
        """Yield how pulls stand, by team, user, provider and resource; lazily. Times are in UTC.

        Args:
            team: Of that team alone.
        """
        return map(row_of, self._select(statements.SELECT_ROWS, team=team))

    def changes(
        self, since: datetime | None = None, team: str | None = None
    ) -> Iterator[Transition]:
        """Yield what was seen to change, oldest first; lazily. Times are in UTC.

        Replayed from the first on, the transitions give what `rows` yields.

        Args:
            since: What was seen then or later; naive is taken for UTC. None is all.
            team: Of that team alone.
        """
        since = _BEGINNING if since is None else in_utc(since)
        return map(
            transition_of, self._select(statements.SELECT_TRANSITIONS, team=team, since=since)
        )

    def runs(self, team: str | None = None) -> list[Run]:
        """Return the runs, oldest first.

        Args:
            team: Of that team alone.
        """
        return [run_of(record) for record in self._select(statements.SELECT_RUNS, team=team)]

    def batches(
        self, rows: int = _CHUNK, *, team: str | None = None, skip: int = 0
    ) -> Iterator[RecordBatch]:
        """Yield how pulls stand as record batches, lazily.

        Args:
            rows: How many rows a batch has; the last may have fewer.
            team: Of that team alone.
            skip: How many rows to leave out at the beginning.
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
        """Return what changes with every page that is committed."""
        ((state,),) = self._select(statements.SELECT_STATE)
        return str(state)

    def kinds(self, run: Run) -> Mapping[str, int]:
        """Return how many changes of each kind a run has seen."""
        return dict(self._select(statements.COUNT_KINDS, run=run.run))

    def _select(self, statement: str, chunk: int = _CHUNK, **parameters: Any) -> Iterator[Any]:
        # A connection of its own: a snapshot, and no turn to be waited for.
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
        """Have DuckDB work: undisturbed by signals, and writing for the store's readers alone."""
        with held(interrupt), created_with(self._mode):
            yield

    @contextmanager
    def syncing(self, team: str) -> Generator[None, None, None]:
        """Keep a second sync of a team away; one in another process finds the file locked.

        Raises:
            StoreLockedError: One is under way.
        """
        with self._lock:
            if team in self._syncing:
                raise StoreLockedError(
                    f"{self.path}: a sync of team {team!r} is under way", path=self.path
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
        """Return the run to go on with, or a new one.

        Args:
            team: Whose pulls.
            at: The time; naive is taken for UTC, as it is for pages.
            resume_within: How long ago an unfinished run of the same filters may have received its
                last page, in order to be taken up. One that is older is abandoned.
            user_id: That user alone.
            provider: Users of that provider or lab alone.

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
                # One without a page is as good as new.
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
        """Take in a page and, in the same transaction, where its run goes on.

        With the last page of a run that lists everybody and has left out nothing, what the run has
        not met is taken for gone.

        Args:
            run: The run, as it was returned last.
            page: Its next page.
            at: When it was received.

        Returns:
            The run, with the page in it.

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
        """Give up an unfinished run; the next one begins anew. Its pages are kept.

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
                # DuckDB has rolled back by itself what it could not commit.
                with suppress(duckdb.Error):
                    connection.execute("ROLLBACK")
                # An interrupt may come after the commit: only the store knows.
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
        # In a transaction that has failed DuckDB refuses this as well; the next page replaces it.
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
