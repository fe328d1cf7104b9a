"""The source of a command's rows: the API, or a store that was filled from it."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import typer
from attrs import frozen

from junction_introspect import APIError, Junction, PaginationError
from junction_introspect.cli import config, exits, options
from junction_introspect.cli.filters import Filters
from junction_introspect.cli.stored import opened, rows_of, teams_of
from junction_introspect.teams.budget import Budget

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from contextlib import AbstractContextManager

    from junction_introspect import Listing, Operation, Page
    from junction_introspect.cli.notices import Notices
    from junction_introspect.cli.settings import Settings
    from junction_introspect.store import Store

T = TypeVar("T")
R = TypeVar("R")

PAGE_SIZE: Final = 50

# The library's messages begin with the name of an argument; the command line has options instead.
_ARGUMENTS: Final = {"user_id", "provider", "cursor", "requests_per_second"}


def usage(call: Callable[[], T]) -> T:
    """Return the result of a call; report a `ValueError` from it as a wrong option.

    Raises:
        typer.BadParameter: The call raised `ValueError`.
    """
    try:
        return call()
    except ValueError as error:
        name, space, rest = str(error).partition(" ")
        if name in _ARGUMENTS:
            name = f"--{name.replace('_', '-')}"
        raise typer.BadParameter(f"{name}{space}{rest}") from None


@frozen(kw_only=True)
class Api:
    """The options that decide where a command sends requests, and with which key.

    Attributes:
        profile: The option ``--profile``.
        environment: The option ``--environment``.
        base_url: The option ``--base-url``.
        verbose: Whether to report each retry.
    """

    profile: options.ProfileName = None
    environment: options.Environment = None
    base_url: options.BaseUrl = None
    verbose: options.Verbose = False

    @property
    def given(self) -> dict[str, str | None]:
        """The values of the options that choose the API, by their names."""
        return {
            "--profile": self.profile,
            "--environment": self.environment,
            "--base-url": self.base_url,
        }

    def settings(self) -> Settings:
        """Return what applies to the command: the options, the environment and ``config.toml``.

        Raises:
            ConfigurationError: There is no such profile, or the file cannot be used.
        """
        return config.settings(self.profile, self.environment, self.base_url)

    @contextmanager
    def client(self, notices: Notices, per_second: float | None = None) -> Generator[Junction]:
        """Open a client, and at the end report what the specification did not list.

        Args:
            notices: Prints the reports.
            per_second: How many requests per second to send at most.
        """
        settings = self.settings()
        config.tell_exposed(settings.key, notices)
        on_request = None if per_second is None else _Pacing(per_second)
        with (
            notices.of_retries(verbose=self.verbose),
            Junction(**config.arguments(settings), on_request=on_request) as junction,
        ):
            try:
                yield junction
            finally:
                if not isinstance(sys.exception(), BrokenPipeError):
                    notices.drifted(junction.drift)


class _Pacing:
    """Waits before each request until the rate limit allows it."""

    def __init__(self, per_second: float) -> None:
        self._budget = Budget(per_second)

    def __call__(self, _request: object) -> None:
        while wait := self._budget.take(monotonic()):
            sleep(wait)


@frozen
class Part(Generic[R]):
    """The rows of a listing, or of one team of a store.

    A user id that occurs in two teams is two users, so no part has rows of two teams.

    Attributes:
        team: The team's name in the store; None for a listing.
        rows: The rows, lazily.
        observed_at: When the rows were observed: now, or when the team was last synced.
    """

    team: str | None
    rows: Iterator[R]
    observed_at: datetime


class Reading(Generic[R]):
    """What a command reads, part by part; each part has to be read before the next.

    Attributes:
        parts: The parts: one for a listing, one per team of a store.
        pages: The pages of a listing, lazily, for a command that reads pages instead of rows.
        filters: The filters that a page's rows have yet to pass.
        cursor: Where to resume: at the first page whose rows were not all taken.
    """

    def __init__(self, notices: Notices) -> None:
        self.parts: Sequence[Part[R]] = ()
        self.pages: Iterator[Page[Any]] = iter(())
        self.filters = Filters()
        self.cursor: str | None = None
        self._next_cursor: str | None = None
        self._notices = notices

    @property
    def teams(self) -> list[str] | None:
        """The teams of a store, or None for a listing."""
        teams = [part.team for part in self.parts if part.team is not None]
        return None if len(teams) < len(self.parts) else teams

    @property
    def observed_at(self) -> datetime:
        """When the part that was observed first was observed."""
        return min((part.observed_at for part in self.parts), default=datetime.now(UTC))

    def list(
        self, listing: Listing[Any, R], operation: Operation[Any, R], filters: Filters
    ) -> None:
        """Read the rows of a listing that pass."""
        self.cursor = listing.next_cursor
        self.filters = filters
        self.pages = self._walked(listing)
        rows = (row for page in self.pages for user in page.data for row in operation.rows(user))
        self.parts = [Part(None, filters.kept(operation, rows), datetime.now(UTC))]

    def store(self, store: Store, operation: Operation[Any, R], filters: Filters) -> None:
        """Read the rows of a store that pass, team by team."""
        teams = teams_of(store, filters, operation)
        self._notices.progress_of(0, "row")
        counting = self._notices.counting
        self.parts = [
            Part(team, counting(rows_of(store, operation, filters, team), "row"), observed_at)
            for team, observed_at in teams.items()
        ]

    def page_taken(self) -> None:
        """Resume after the last page. Called by who takes all of it and then takes no other."""
        self.cursor = self._next_cursor

    def _walked(self, listing: Listing[Any, R]) -> Iterator[Page[Any]]:
        """Yield the pages of a listing. Before each request, show how far it has come.

        A page whose cursor is wrong is yielded as well, since only its cursor is wrong. Its invalid
        records are reported, and the `PaginationError` follows.
        """
        users = number = 0
        self._notices.progress(users, number)
        try:
            for page in listing.pages():
                self._notices.clear()
                self._next_cursor = listing.next_cursor
                yield page
                self.page_taken()
                users += len(page.data)
                number += 1
                self._notices.progress(users, number)
        except PaginationError as error:
            self._notices.clear()
            for record in error.page.invalid:
                self._notices.left_out(record)
            self._next_cursor = listing.next_cursor
            yield error.page
            raise


@frozen(kw_only=True)
class Source:
    """Which rows to read, and from where.

    Attributes:
        filters: Which rows.
        store: A store to read instead of the API.
        cursor: Where a listing resumes.
        api: The API to list from.
    """

    filters: Filters
    store: options.FromStore = None
    cursor: options.Cursor = None
    api: Api

    @contextmanager
    def rows(
        self,
        notices: Notices,
        operation: Operation[Any, R],
        user_limit: int = PAGE_SIZE,
        *,
        resumable: bool = True,
    ) -> Generator[Reading[R]]:
        """Open the source for reading.

        Args:
            notices: Draws the progress, and reports invalid records.
            operation: What lists the rows.
            user_limit: The size of a page.
            resumable: Whether the command can resume at a cursor. One that counts cannot, because a
                count of the remaining pages only would be wrong.

        Raises:
            typer.BadParameter: Options exclude each other, or the store has no such team.
            APIError: A page could not be fetched.
            ListingInterrupted: Ctrl-C; says where to resume.
            OutputError: The output cannot be written; says where to resume.
        """

        def resume(cursor: str | None) -> str | None:
            # The user has passed `self.cursor`, and knows it.
            return cursor if resumable and cursor != self.cursor else None

        with self._opened(notices, operation, user_limit) as reading:
            try:
                yield reading
            except KeyboardInterrupt:
                raise exits.ListingInterrupted(resume(reading.cursor)) from None
            except APIError as error:
                error.cursor = resume(error.cursor)
                raise
            except BrokenPipeError:
                raise
            except OSError as error:
                raise exits.OutputError(error, resume(reading.cursor)) from None
            finally:
                notices.clear()

    @contextmanager
    def _opened(
        self, notices: Notices, operation: Operation[Any, R], user_limit: int
    ) -> Generator[Reading[R]]:
        reading: Reading[R] = Reading(notices)
        if self.store is not None:
            with self.opened() as store:
                reading.store(store, operation, self.filters)
                yield reading
            return
        with self.client(notices) as junction:
            filters = self.filters
            listing = usage(
                lambda: junction.listing(
                    operation,
                    operation.arguments(
                        user_id=filters.user_id, provider=filters.provider, user_limit=user_limit
                    ),
                    cursor=self.cursor,
                    on_invalid=notices.left_out,
                )
            )
            reading.list(listing, operation, filters.beside_the_servers)
            yield reading

    def client(
        self, notices: Notices, per_second: float | None = None
    ) -> AbstractContextManager[Junction]:
        """Open the client, as `Api.client`.

        Raises:
            typer.BadParameter: A team is given, but the key decides whose rows are listed.
        """
        if self.filters.team is not None:
            raise typer.BadParameter("--team works only with --from")
        return self.api.client(notices, per_second)

    def opened(self) -> Store:
        """Open the store.

        Raises:
            typer.BadParameter: An option is for the API.
            StoreError: The file cannot be read, or is not a store.
        """
        options.exclude("--from", {"--cursor": self.cursor, **self.api.given})
        assert self.store is not None  # noqa: S101 - the caller has checked it
        return opened(self.store)
