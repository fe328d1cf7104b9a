"""The source of a command's rows: the API, or a store that was filled from it."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

import typer
from attrs import frozen

from junction_introspect import (
    APIError,
    Junction,
    Unrecognized,
    rows,
)
from junction_introspect.cli import config, exits
from junction_introspect.cli.walking import pages
from junction_introspect.teams.budget import Budget
from junction_introspect.teams.keys import is_exposed

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

    from junction_introspect import (
        Environment,
        HistoricalPull,
        HistoricalPulls,
        InvalidRecord,
    )
    from junction_introspect.cli.notices import Notices
    from junction_introspect.store import Run

T = TypeVar("T")


def usage(call: Callable[[], T]) -> T:
    """Return the result of a call; report a `ValueError` from it as a wrong option.

    Raises:
        typer.BadParameter: The call raised `ValueError`.
    """
    try:
        return call()
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


@contextmanager
def client(
    notices: Notices,
    profile: str | None,
    environment: Environment | None,
    base_url: str | None,
    *,
    verbose: bool,
    per_second: float | None = None,
) -> Generator[Junction]:
    """Open a client, and at the end report what the specification did not list.

    Args:
        notices: Prints the reports.
        profile: The option ``--profile``.
        environment: The option ``--environment``.
        base_url: The option ``--base-url``.
        verbose: Whether to report each retry.
        per_second: How many requests per second to send at most.
    """
    settings = config.settings(profile, environment, base_url)
    if isinstance(settings.key, Path) and is_exposed(settings.key):
        notices.tell(f"everybody on this machine can read or change {settings.key}")
    on_request = None if per_second is None else _Pacing(per_second)
    with (
        notices.of_retries(verbose=verbose),
        Junction(**config.arguments(settings), on_request=on_request) as junction,
    ):
        unread = False
        try:
            yield junction
        except BrokenPipeError:
            unread = True
            raise
        finally:
            if junction.drift and not unread:
                notices.tell(f"{junction.drift}; regenerate from a newer specification")


class _Pacing:
    """Waits before each request until the rate limit allows it."""

    def __init__(self, per_second: float) -> None:
        self._budget = Budget(per_second)

    def __call__(self, _request: object) -> None:
        while wait := self._budget.take(monotonic()):
            sleep(wait)


class Reading:
    """Yields rows. An error ends the rows without raising, so that those before it are shown.

    Attributes:
        cursor: Where to resume: at the first page whose rows were not all taken.
        observed_at: When the rows were observed: now, or when a store was last filled.
        failure: The error that ended the rows, to be raised after they have been shown.
    """

    def __init__(
        self,
        notices: Notices,
        rows: Iterator[HistoricalPull] | None = None,
        observed_at: datetime | None = None,
    ) -> None:
        self.cursor: str | None = None
        self.observed_at = observed_at or datetime.now(UTC)
        self.failure: BaseException | None = None
        self._notices = notices
        self._rows = rows
        self._invalid = 0

    @property
    def status(self) -> int:
        """The exit status of a reading that has ended without an error."""
        return exits.BROKEN_RESPONSE if self._invalid else exits.DONE

    def on_invalid(self, record: InvalidRecord) -> None:
        """Report a record that cannot be read."""
        self._invalid += 1
        self._notices.left_out(record)

    def list(self, listing: HistoricalPulls) -> None:
        """Read a listing."""
        self.cursor = listing.next_cursor
        self._rows = self._listed(listing)

    def __iter__(self) -> Iterator[HistoricalPull]:
        try:
            yield from self._rows or ()
        except APIError as error:
            self.failure = error
        except KeyboardInterrupt:
            self.failure = exits.ListingInterrupted(self.cursor)
        finally:
            self._notices.clear()

    def _listed(self, listing: HistoricalPulls) -> Iterator[HistoricalPull]:
        for page in pages(listing, self._notices, self.on_invalid):
            for user in page.data:
                yield from rows(user)
            self.cursor = listing.next_cursor


@frozen(kw_only=True)
class Source:
    """Which rows to read, and from where.

    Attributes:
        user_id: Only this user's rows.
        provider: Only this provider's rows.
        cursor: Where a listing resumes.
        store: A store to read instead of the API.
        profile: The option ``--profile``.
        environment: The option ``--environment``.
        base_url: The option ``--base-url``.
        verbose: Whether to report each retry.
    """

    user_id: str | None = None
    provider: Unrecognized | None = None
    cursor: str | None = None
    store: Path | None = None
    profile: str | None = None
    environment: Environment | None = None
    base_url: str | None = None
    verbose: bool = False

    @contextmanager
    def rows(self, notices: Notices) -> Generator[Reading]:
        """Open the source for reading.

        Raises:
            typer.BadParameter: Options exclude each other, or an id is not a UUID.
            APIError: A page could not be fetched.
            ListingInterrupted: Ctrl-C; says where to resume.
            OutputError: The output cannot be written; says where to resume.
        """
        with self._opened(notices) as reading:
            try:
                yield reading
                if reading.failure is not None:
                    raise reading.failure
            except KeyboardInterrupt:
                raise exits.ListingInterrupted(self._resume(reading.cursor)) from None
            except APIError as error:
                error.cursor = self._resume(error.cursor)
                raise
            except BrokenPipeError:
                raise
            except OSError as error:
                raise exits.OutputError(error, self._resume(reading.cursor)) from None
            finally:
                notices.clear()

    def _resume(self, cursor: str | None) -> str | None:
        return None if cursor == self.cursor else cursor  # the user passed it

    @contextmanager
    def _opened(self, notices: Notices) -> Generator[Reading]:
        if self.store is not None:
            with self._stored(self.store, notices) as stored:
                yield stored
            return
        with client(
            notices, self.profile, self.environment, self.base_url, verbose=self.verbose
        ) as junction:
            reading = Reading(notices)
            reading.list(
                usage(
                    lambda: junction.historical_pulls(
                        user_id=self.user_id,
                        provider=self.provider,
                        cursor=self.cursor,
                        on_invalid=reading.on_invalid,
                    )
                )
            )
            yield reading

    @contextmanager
    def _stored(self, path: Path, notices: Notices) -> Generator[Reading]:
        reaching = (self.cursor, self.profile, self.environment, self.base_url)
        if any(given is not None for given in reaching):
            raise typer.BadParameter(
                "--from cannot be combined with --cursor, --profile, --environment or --base-url"
            )
        from junction_introspect.store import Store  # noqa: PLC0415

        user_id = usage(lambda: None if self.user_id is None else UUID(self.user_id))
        with Store.open(path, read_only=True) as store:
            notices.progress_of(0, "pull")
            yield Reading(
                notices,
                (
                    row
                    for row in notices.counting(store.rows(), "pull")
                    if user_id in {None, row.user_id} and self.provider in {None, row.provider}
                ),
                _filled(store.runs()),
            )


def _filled(runs: Iterable[Run]) -> datetime | None:
    """Return the age of a store: the time of the last page of the least recently synced team."""
    latest = {run.team: run.observed_at for run in runs if run.pages}
    return min(latest.values(), default=None)
