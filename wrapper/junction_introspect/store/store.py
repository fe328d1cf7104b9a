"""`Store`: a DuckDB file with the state of every pull, the changes, and the runs."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from datetime import datetime, timedelta
from os import PathLike
from pathlib import Path
from typing import Any, Final, Self, TypeVar, overload
from uuid import UUID

import duckdb
from attrs import asdict

from junction_introspect._files import created_with, mode_of
from junction_introspect._paging.arguments import check_text
from junction_introspect._paging.operation import Operation
from junction_introspect.arrow import RecordBatch, pa, schema
from junction_introspect.errors import StoreEnvironmentError, StoreIncompleteError, StoreLockedError
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS, HistoricalPull
from junction_introspect.operations.listings import LISTINGS
from junction_introspect.store import statements
from junction_introspect.store.database import connect, named, taken, told, transaction, writing
from junction_introspect.store.filters import Filters
from junction_introspect.store.interrupts import held
from junction_introspect.store.merging import merge, remove_vanished
from junction_introspect.store.records import (
    Run,
    StoredTeam,
    Transition,
    row_of,
    run_of,
    teams_of,
    transition_of,
)
from junction_introspect.tracking.states import in_utc

Row = TypeVar("Row")
T = TypeVar("T")

# Rows fetched from DuckDB at a time.
_CHUNK: Final = 10_000


class Store:
    """The state of every pull, the changes that were seen, and the runs that saw them.

    Open a store with `open`. It is safe to share between threads: each page is one transaction, and
    transactions take turns. Reads see the store as it was when they started. A child process
    that was forked while the store was open cannot use it.

    Args:
        path: The file.
        connection: A connection to the file.
        held: Closed when the store is closed.

    Attributes:
        path: The file.
    """

    def __init__(self, path: Path, connection: duckdb.DuckDBPyConnection, held: ExitStack) -> None:
        self.path = path
        self._connection = connection
        self._held = held
        self._mode = mode_of(path)
        self._process = os.getpid()
        self._lock = threading.Lock()

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
                    with told(path, "set the mode of"):
                        path.chmod(mode)
            return cls(path, connection, stack.pop_all())

    def close(self) -> None:
        """Close the file. The store cannot be used afterwards.

        If another thread is in a transaction, this waits for its end.
        """
        with self._working(), self._lock:
            self._held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    @overload
    def rows(self, *, filters: Filters | None = None) -> Iterator[HistoricalPull]: ...

    @overload
    def rows(
        self, operation: Operation[Any, Row], *, filters: Filters | None = None
    ) -> Iterator[Row]: ...

    def rows(
        self,
        operation: Operation[Any, Any] = HISTORICAL_PULLS,
        *,
        filters: Filters | None = None,
    ) -> Iterator[Any]:
        """Yield the current rows, by team, user, provider and resource; lazily. Times are in UTC.

        Args:
            operation: The operation whose rows to read.
            filters: Which rows; None for all.

        Raises:
            ValueError: The rows have no status, or no error, to filter by.
        """
        return (row for _, row in self.rows_by_team(operation, filters=filters))

    def rows_by_team(
        self, operation: Operation[Any, Row], *, filters: Filters | None = None
    ) -> Iterator[tuple[str, Row]]:
        """As `rows`, each row with its team."""
        where, parameters = (filters or Filters()).where(operation)
        records = self._select(statements.select_rows(operation, where), parameters)
        return ((team, row_of(operation, record)) for team, *record in records)

    def batches(
        self,
        operation: Operation[Any, Any] = HISTORICAL_PULLS,
        *,
        filters: Filters | None = None,
        rows: int = _CHUNK,
        skip: int = 0,
        team: bool = False,
    ) -> Iterator[RecordBatch]:
        """Yield the current rows as record batches, in the same order as `rows`; lazily.

        Args:
            operation: The operation whose rows to read.
            filters: Which rows; None for all.
            rows: The largest number of rows of a batch.
            skip: How many rows to skip at the beginning.
            team: Whether the first column is the team.

        Raises:
            ValueError: The rows have no status, or no error, to filter by.
        """
        where, parameters = (filters or Filters()).where(operation)
        text = statements.select_columns(operation, where, team=team)
        columns = schema(operation, team=team)
        found = self._batches(text, {**parameters, "skip": skip}, rows)
        # DuckDB's batches end where its blocks do.
        return (
            batch.slice(start, rows).cast(columns)
            for batch in found
            for start in range(0, batch.num_rows, rows)
        )

    def count(
        self, operation: Operation[Any, Any] = HISTORICAL_PULLS, *, filters: Filters | None = None
    ) -> int:
        """Return how many rows there are.

        Args:
            operation: The operation whose rows to count.
            filters: Which rows; None for all.

        Raises:
            ValueError: The rows have no status, or no error, to filter by.
        """
        where, parameters = (filters or Filters()).where(operation)
        ((found,),) = self._select(statements.count_rows(operation, where), parameters)
        return int(found)

    @overload
    def changes(
        self, since: datetime | None = None, *, filters: Filters | None = None
    ) -> Iterator[Transition[HistoricalPull]]: ...

    @overload
    def changes(
        self,
        since: datetime | None = None,
        *,
        operation: Operation[Any, Row],
        filters: Filters | None = None,
    ) -> Iterator[Transition[Row]]: ...

    def changes(
        self,
        since: datetime | None = None,
        *,
        operation: Operation[Any, Any] = HISTORICAL_PULLS,
        filters: Filters | None = None,
    ) -> Iterator[Transition[Any]]:
        """Yield the changes that were seen, oldest first; lazily. Times are in UTC.

        All changes, replayed from the first, result in what `rows` yields.

        Args:
            since: Only changes seen at this time or later. A naive time is read as UTC. None for
                all changes.
            operation: The operation whose changes to read.
            filters: Which changes, by the row after the change; None for all. A row that vanished
                has no status and no error.

        Raises:
            ValueError: The rows have no status, or no error, to filter by.
        """
        where, parameters = (filters or Filters()).where(operation)
        parameters["since"] = since and in_utc(since)
        records = self._select(statements.select_changes(operation, where), parameters)
        return (transition_of(operation, record) for record in records)

    def runs(self, team: str | None = None) -> list[Run]:
        """Return the runs, oldest first.

        Args:
            team: Only this team's runs.

        Raises:
            ValueError: The team is empty, or has a NUL or a lone surrogate.
        """
        if team is not None:
            check_text("team", team)
        return [run_of(record) for record in self._select(statements.SELECT_RUNS, {"team": team})]

    def teams(self) -> list[StoredTeam]:
        """Return the teams of which the store has at least one page, by name."""
        return teams_of(self._select(statements.SELECT_TEAMS))

    def require(
        self, *operations: Operation[Any, Any], teams: Collection[str] | None = None
    ) -> None:
        """Raise an error if the store lacks an operation that an answer needs.

        Args:
            operations: The operations.
            teams: The teams whose rows are read; None for all teams.

        Raises:
            StoreIncompleteError: An operation was never synced, for one of these teams or, if the
                store has no team, at all.
        """
        known = {each.team: each.observed_at for each in self.teams()}
        asked = list(known) if teams is None else sorted(teams)
        lacking = {
            each.what: [team for team in asked if each.what not in known.get(team, {})]
            for each in operations
        }
        missing = {what: those for what, those in lacking.items() if those or not known}
        if missing:
            raise StoreIncompleteError(_lack(self.path, missing), path=self.path, missing=missing)

    def state(self) -> str:
        """Return a text that identifies the store's state: it changes with every commit."""
        ((state,),) = self._select(statements.SELECT_STATE)
        return str(state)

    def kinds(self, run: Run) -> Mapping[str, int]:
        """Return how many changes of each kind a run has seen."""
        return dict(
            self._select(
                statements.count_kinds(LISTINGS[run.what]), {"team": run.team, "run": run.run}
            )
        )

    def _select(self, statement: str, parameters: Mapping[str, Any] | None = None) -> Iterator[Any]:
        # A separate connection gives a snapshot, and does not wait for transactions.
        with closing(self._connection.cursor()) as cursor:
            self._read(cursor, cursor.execute, statement, parameters or {})
            while records := self._read(cursor, cursor.fetchmany, _CHUNK):
                yield from records

    def _batches(
        self, statement: str, parameters: Mapping[str, Any], rows: int
    ) -> Iterator[RecordBatch]:
        with closing(self._connection.cursor()) as cursor:
            # Of a relation, because the reader of an executed statement holds all rows.
            relation = self._read(cursor, cursor.sql, statement, params=parameters)
            reader = self._read(cursor, relation.to_arrow_reader, rows)
            while (batch := self._read(cursor, next, reader, None)) is not None:
                yield batch

    def _read(
        self,
        cursor: duckdb.DuckDBPyConnection,
        step: Callable[..., T],
        *arguments: Any,
        **options: Any,
    ) -> T:
        with self._working(cursor.interrupt), told(self.path, "read"):
            return step(*arguments, **options)

    @contextmanager
    def _working(self, interrupt: Callable[[], object] | None = None) -> Generator[None]:
        """Protect DuckDB's work from signals, and give its files the store's permissions."""
        if os.getpid() != self._process:
            refusal = f"{self.path} was opened before a fork: open it in the process that uses it"
            raise StoreLockedError(refusal, path=self.path, holder=self._process)
        with held(interrupt), created_with(self._mode):
            yield

    def syncing(self, team: str) -> AbstractContextManager[None]:
        """Prevent a second sync of a team in this process. Another process finds the file locked.

        Raises:
            StoreLockedError: A sync of the team is running.
        """
        refusal = f"{self.path}: a sync of team {team!r} is already running"
        return taken((self, team), self.path, refusal)

    def begin(
        self,
        team: str,
        operations: Sequence[Operation[Any, Any]] = (HISTORICAL_PULLS,),
        *,
        environment: str,
        at: datetime,
        resume_within: timedelta,
        user_id: UUID | None = None,
        provider: str | None = None,
    ) -> list[Run]:
        """Return the unfinished run to resume, or a new one: one `Run` for each operation.

        Args:
            team: The team whose users are listed.
            operations: What is listed.
            environment: The environment that is asked, or its address.
            at: The time; a naive time is read as UTC, as for pages.
            resume_within: An unfinished run with the same operations and filters is resumed if it
                received its last page at most this long ago. An older one is abandoned.
            user_id: Only this user.
            provider: Only users of this provider or lab.

        Raises:
            StoreEnvironmentError: The store has rows of the team from another environment.
            StoreWriteError: The store cannot be written.
        """
        at = in_utc(at)
        asked: dict[str, Any] = {"team": team, "user_id": user_id, "provider": provider}
        whats = [each.what for each in operations]
        with self._transaction() as connection:
            ((noted,),) = connection.execute(
                statements.NOTE_ENVIRONMENT, {"team": team, "environment": environment}
            ).fetchall()
            if noted != environment:
                raise StoreEnvironmentError(
                    f"{self.path}: this store's team {team!r} is of {noted}, not of {environment}:"
                    " use another store, or another name for the team",
                    path=self.path,
                    environment=noted,
                )
            records = connection.execute(statements.SELECT_UNFINISHED, {**asked, "whats": whats})
            runs = list(map(run_of, records.fetchall()))
            # A run without a page cannot be too old. The clock may have been set back.
            last = max((run.observed_at for run in runs if run.pages), default=at)
            if runs and resume_within and at - last <= resume_within:
                return runs
            given_up = {"team": team, "runs": [run.run for run in runs], "at": at}
            connection.execute(statements.ABANDON, given_up)
            ((number,),) = connection.execute(statements.NEXT_RUN, {"team": team}).fetchall()
            runs = [
                Run(run=number, what=what, started_at=at, observed_at=at, **asked) for what in whats
            ]
            for run in runs:
                connection.execute(statements.PUT_RUN, asdict(run))
        return runs

    def commit(self, run: Run, batches: Sequence[RecordBatch]) -> None:
        """Commit pages and, in the same transaction, the run with the cursor that follows them.

        With the last page of a run that lists all users and has left out nothing, the rows that
        the run did not find are recorded as vanished.

        Args:
            run: The run, updated with the pages.
            batches: The rows of the pages. Of rows with the same key, the last one counts.

        Raises:
            StoreWriteError: The store cannot be written; neither pages nor cursor are in it.
        """
        operation = LISTINGS[run.what]
        with self._transaction() as connection:
            merge(connection, operation, run, pa.Table.from_batches(batches))
            if run.state == "complete" and run.whole:
                remove_vanished(connection, operation, run)
            connection.execute(statements.PUT_RUN, asdict(run))

    @contextmanager
    def _transaction(self) -> Generator[duckdb.DuckDBPyConnection, None, None]:
        connection = self._connection
        with self._working(), self._lock, told(self.path), transaction(connection):
            yield connection


def _lack(path: Path, missing: Mapping[str, Sequence[str]]) -> str:
    lacks = [
        f"no {what} of team {', '.join(map(repr, teams))}" if teams else f"no {what}"
        for what, teams in missing.items()
    ]
    return f"{path} has {' and '.join(lacks)}: sync them with --what {','.join(missing)}"
