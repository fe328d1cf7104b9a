"""Everything that this package raises on purpose.

    JunctionError
    ├── ConfigurationError              the client was set up wrongly; nothing was sent
    ├── BackfillTimeoutError            not settled by the deadline: .rows .missing
    ├── StoreError                  .path
    │   ├── StoreMissingError           there is no such file
    │   ├── StoreInvalidError           the file is not a store
    │   ├── StoreVersionError           the store is of another version: .version
    │   ├── StoreLockedError            another process is using it: .holder
    │   └── StoreWriteError             it cannot be written, as when the disk is full
    ├── ExportError                 .path
    │   ├── ExportMismatchError         what is there belongs to another export, or was changed
    │   ├── ExportLockedError           another export writes into the directory
    │   └── ExportWriteError            it cannot be written, as when the disk is full
    ├── SweepMismatchError          the destination belongs to another sweep
    ├── SweepUnfinishedError        a team that was asked for is not complete: .teams
    └── APIError                        .cursor: ask for this page again with it
        ├── APIConnectionError          no complete response arrived
        │   └── APITimeoutError         … in time
        ├── APIStatusError              .status_code .detail .retry_after
        │   ├── AuthenticationError         401
        │   ├── PermissionDeniedError       403
        │   ├── NotFoundError               404
        │   ├── UnprocessableEntityError    422
        │   ├── RateLimitError              429
        │   └── InternalServerError         500 and above
        ├── ResponseDecodeError         .path .page .next_cursor .well_formed
        ├── ResponseTooLargeError       .limit
        ├── PaginationError             .page
        └── UnrecognizedValueError      .enum .value .page

Wrong arguments raise `TypeError` or `ValueError`, as everywhere in Python, before any request.

The text of an error is one line and holds no credential, no user id, no cursor and nothing of a
body: those are attributes, for the program rather than the log. Every error can be pickled.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from junction_introspect.pages import Page

if TYPE_CHECKING:
    from junction_introspect.operations.historical_pulls import HistoricalPull
else:
    HistoricalPull = Any  # its module stands on this one


class JunctionError(Exception):
    """The root of everything that this package raises on purpose."""

    def __reduce__(self) -> tuple[Any, ...]:
        # Exception's own rebuilds with positional arguments alone, and most of ours are by keyword.
        return _rebuilt, (type(self), self.args), self.__dict__


def _rebuilt(kind: type[JunctionError], arguments: tuple[Any, ...]) -> JunctionError:
    return kind.__new__(kind, *arguments)


class ConfigurationError(JunctionError):
    """The client was set up wrongly: credential, environment or address. Nothing was sent."""


class BackfillTimeoutError(JunctionError):
    """Backfills that were waited for have not settled by the deadline.

    Attributes:
        rows: Every pull that was waited for, as it was last seen.
        missing: The resources that were asked for by name and never listed.
    """

    def __init__(
        self, deadline: float, *, rows: list[HistoricalPull], missing: Sequence[str]
    ) -> None:
        waiting = sum(not row.settled for row in rows)
        reasons = [f"{waiting:,} of {len(rows):,} pulls have not settled"] if waiting else []
        if missing:
            reasons.append(f"{len(missing):,} of the resources asked for are not listed")
        if not rows:
            reasons = ["no pull was listed"]
        elif not reasons:
            # All that was seen has settled, but no listing came to its end.
            reasons = ["not every pull could be listed"]
        super().__init__(f"{' and '.join(reasons)} within {deadline:g} s")
        self.rows = rows
        self.missing = tuple(missing)


class APIError(JunctionError):
    """A page could not be had.

    Attributes:
        cursor: The cursor of the page that failed; None stands for the first page. Listing again
            from it repeats nothing that was handed over before and skips nothing.
    """

    def __init__(self, message: str, *, cursor: str | None = None) -> None:
        super().__init__(message)
        self.cursor = cursor


class APIConnectionError(APIError):
    """No complete response arrived: refused, reset, cut off, not resolved, not verified.

    Attributes:
        retriable: False when trying again cannot help, as for a certificate that fails to verify.
    """

    def __init__(self, message: str, *, cursor: str | None = None, retriable: bool = True) -> None:
        super().__init__(message, cursor=cursor)
        self.retriable = retriable


class APITimeoutError(APIConnectionError):
    """No complete response arrived in time: one operation took too long, or the page as a whole."""


class APIStatusError(APIError):
    """The server answered with another status than 200.

    Attributes:
        status_code: The HTTP status.
        detail: What the server said under ``detail``, parsed, whatever its shape; None when it
            said nothing that can be read. May hold what the caller sent.
        retry_after: How many seconds the server asked to wait, or None.
    """

    def __init__(
        self,
        status_code: int,
        *,
        summary: str = "",
        detail: Any = None,
        retry_after: float | None = None,
        cursor: str | None = None,
    ) -> None:
        super().__init__(_status_line(status_code, summary, retry_after), cursor=cursor)
        self.status_code = status_code
        self.detail = detail
        self.retry_after = retry_after


class AuthenticationError(APIStatusError):
    """401: the credential is missing, wrong, expired, or of another environment."""


class PermissionDeniedError(APIStatusError):
    """403: the credential is good but may not do this."""


class NotFoundError(APIStatusError):
    """404: there is no such endpoint at this address; a base URL is usually wrong."""


class UnprocessableEntityError(APIStatusError):
    """422: the server refused an argument; ``detail`` tells which. A foreign cursor is one."""


class RateLimitError(APIStatusError):
    """429: too many requests, and no attempt or time left to wait for the next."""


class InternalServerError(APIStatusError):
    """500 and above: the fault is the server's."""


class ResponseDecodeError(APIError):
    """A 200 whose body is not what the specification promises.

    Attributes:
        path: The JSON path of what is wrong, from ``$``; map keys appear as ``[...]``.
        page: What could be decoded, good records and invalid ones, or None if nothing could.
        next_cursor: The cursor after this page, to go on without it; None if there is no page.
        well_formed: False when the body was no JSON at all, which is taken for a transport fault.
    """

    def __init__(
        self,
        message: str,
        *,
        path: str = "$",
        page: Page[Any] | None = None,
        well_formed: bool = True,
        cursor: str | None = None,
    ) -> None:
        super().__init__(message, cursor=cursor)
        self.path = path
        self.page = page
        self.next_cursor = page.next_cursor if page is not None else None
        self.well_formed = well_formed


class ResponseTooLargeError(APIError):
    """The body, once decompressed, is larger than the client takes.

    Attributes:
        limit: The client's limit, in bytes.
    """

    def __init__(self, limit: int, *, cursor: str | None = None) -> None:
        super().__init__(f"the response is larger than {limit:,} bytes", cursor=cursor)
        self.limit = limit


class PaginationError(APIError):
    """The server broke the cursor protocol: going on would loop for ever or lose pages.

    Attributes:
        page: The page that the error stands for, records included.
    """

    def __init__(self, message: str, *, page: Page[Any], cursor: str | None = None) -> None:
        super().__init__(message, cursor=cursor)
        self.page = page


class UnrecognizedValueError(APIError):
    """With ``strict_enums=True``: a page holds a value that the specification does not list.

    Attributes:
        enum: The enum that does not list it, by its name in `junction_api.enums`.
        value: The value as it was sent.
        page: The page that holds it, to read all the same.
    """

    def __init__(
        self, enum: str, value: str, *, page: Page[Any], cursor: str | None = None
    ) -> None:
        super().__init__(f"unrecognized {enum} {value[:80]!r}", cursor=cursor)
        self.enum = enum
        self.value = value
        self.page = page


class StoreError(JunctionError):
    """A store cannot be used.

    Attributes:
        path: Its file.
    """

    def __init__(self, message: str, *, path: Path) -> None:
        super().__init__(message)
        self.path = path


class StoreMissingError(StoreError):
    """There is no such file."""


class StoreInvalidError(StoreError):
    """The file is no database, or a database that is no store."""


class StoreVersionError(StoreError):
    """The store was written by a newer version, or has to be brought up to date first.

    Attributes:
        version: The version of its schema; None where DuckDB itself cannot read the file.
    """

    def __init__(self, message: str, *, path: Path, version: int | None = None) -> None:
        super().__init__(message, path=path)
        self.version = version


class StoreLockedError(StoreError):
    """Somebody else is using the store: DuckDB lets one process write, or several read.

    Attributes:
        holder: The id of the process that holds the lock, or None where it cannot be told.
    """

    def __init__(self, message: str, *, path: Path, holder: int | None = None) -> None:
        super().__init__(message, path=path)
        self.holder = holder


class StoreWriteError(StoreError):
    """The store cannot be written, as when the disk is full. What was committed is kept."""


class ExportError(JunctionError):
    """An export cannot begin or go on.

    Attributes:
        path: The file or directory that the text is about.
    """

    def __init__(self, message: str, *, path: Path) -> None:
        super().__init__(message)
        self.path = path


class ExportMismatchError(ExportError):
    """What is there belongs to another export, or is not as the export left it."""


class ExportLockedError(ExportError):
    """Another export writes into the directory."""


class ExportWriteError(ExportError):
    """A part cannot be written, as when the disk is full. What was finished is kept."""


class SweepMismatchError(JunctionError):
    """The destination belongs to another sweep."""


class SweepUnfinishedError(JunctionError):
    """A team that was asked for is not complete.

    Attributes:
        teams: The names of all such teams.
    """

    def __init__(self, message: str, *, teams: tuple[str, ...]) -> None:
        super().__init__(message)
        self.teams = teams


_BY_STATUS: dict[int, type[APIStatusError]] = {
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    422: UnprocessableEntityError,
    429: RateLimitError,
}


def error_class(status_code: int) -> type[APIStatusError]:
    """Return the class that stands for a status other than 200."""
    if status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return InternalServerError
    return _BY_STATUS.get(status_code, APIStatusError)


def _status_line(status_code: int, summary: str, retry_after: float | None) -> str:
    try:
        line = f"{status_code} {HTTPStatus(status_code).phrase}"
    except ValueError:
        line = str(status_code)
    if summary:
        line += f": {summary}"
    if retry_after is not None:
        line += f" (retry after {retry_after:g} s)"
    return line
