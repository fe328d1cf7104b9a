"""All errors that this package raises on purpose.

    JunctionError
    ├── ConfigurationError              the client was set up wrongly; nothing was sent
    ├── MissingExtraError               an optional dependency is not installed: .extra
    ├── BackfillTimeoutError            backfills did not settle in time: .rows .missing
    ├── StoreError                  .path
    │   ├── StoreMissingError           the store's file does not exist
    │   ├── StoreInvalidError           the file is not a store
    │   ├── StoreVersionError           the store is of another version: .version
    │   ├── StoreLockedError            another process is using it: .holder
    │   ├── StoreEnvironmentError       a team's rows are of another environment: .environment
    │   ├── StoreIncompleteError        it lacks what an answer needs: .missing
    │   └── StoreWriteError             the store cannot be written: the disk is full, say
    ├── ExportError                 .path
    │   ├── ExportMismatchError         the files belong to another export
    │   ├── ExportDamagedError          a finished part was deleted or changed
    │   ├── ExportLockedError           another export is writing into the directory
    │   ├── ExportPackageError          a package for a URL is not installed
    │   ├── ExportReadError             what is there cannot be read
    │   └── ExportWriteError            a part cannot be written: the disk is full, say
    ├── SweepUnfinishedError        a requested team is not complete: .teams
    └── APIError                        .cursor .request_id .headers
        ├── APIConnectionError          no complete response arrived
        │   └── APITimeoutError         no complete response arrived in time
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

The text of an error is one line. It has no credential, user id, cursor or part of a body, so that
it can be logged; a program finds the cursor and the records in attributes. Every error can be
pickled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

# For annotations only. `Page` and `HistoricalPull` are imported when the annotations are read.
import junction_introspect


class JunctionError(Exception):
    """The base class of all errors that this package raises on purpose."""

    def __reduce__(self) -> tuple[Any, ...]:
        # The method of Exception passes positional arguments only; most of ours are keywords.
        return _rebuilt, (type(self), self.args), self.__dict__


def _rebuilt(kind: type[JunctionError], arguments: tuple[Any, ...]) -> JunctionError:
    return kind.__new__(kind, *arguments)


class ConfigurationError(JunctionError):
    """The client was set up wrongly: credential, environment or address. Nothing was sent.

    Attributes:
        path: The file that is wrong, such as a ``teams.toml``; None if it is not a file.
    """

    def __init__(self, *message: str, path: Path | None = None) -> None:
        super().__init__(*message)
        self.path = path


class MissingExtraError(JunctionError, ModuleNotFoundError):
    """A module needs an extra of this package that is not installed.

    As for every `ImportError`, ``name`` is the package that is missing.

    Attributes:
        extra: The extra that installs it.
    """

    def __init__(self, name: str, extra: str) -> None:
        super().__init__(f"{name} is missing; run pip install 'junction-introspect[{extra}]'")
        self.name = name
        self.extra = extra

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.name, self.extra)


class BackfillTimeoutError(JunctionError):
    """Backfills did not settle before the deadline.

    Attributes:
        rows: Every pull that was waited for, as last seen.
        missing: The resources that the caller named and the API never listed.
    """

    def __init__(
        self,
        deadline: float,
        *,
        rows: list[junction_introspect.HistoricalPull],
        missing: Sequence[str],
    ) -> None:
        waiting = sum(not row.settled for row in rows)
        reasons = [f"{waiting:,} of {len(rows):,} pulls have not settled"] if waiting else []
        if missing:
            reasons.append(f"{len(missing):,} of the resources asked for are not listed")
        if not rows:
            reasons = ["no pull was listed"]
        elif not reasons:
            # Every pull that was seen has settled, but no listing was complete.
            reasons = ["not every pull could be listed"]
        super().__init__(f"{' and '.join(reasons)} within {deadline:g} s")
        self.rows = rows
        self.missing = tuple(missing)


class APIError(JunctionError):
    """A page could not be fetched.

    Attributes:
        cursor: The cursor of the page that failed; None for the first page. A listing from this
            cursor repeats nothing that was returned before, and skips nothing.
        headers: What the server said about the request, as `Page.headers`; empty if no response
            arrived.
    """

    def __init__(
        self,
        message: str,
        *,
        cursor: str | None = None,
        page: junction_introspect.Page[Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.cursor = cursor
        self.headers: Mapping[str, str] = {} if page is None else page.headers

    @property
    def request_id(self) -> str | None:
        """The server's id of the request, to quote to its support; None if it sent none."""
        from junction_introspect.pages import request_id_in  # noqa: PLC0415 - that imports attrs

        return request_id_in(self.headers)

    def __str__(self) -> str:
        text = super().__str__()
        return text if self.request_id is None else f"{text} (request id {self.request_id})"


class APIConnectionError(APIError):
    """No complete response arrived.

    The host was not found, the connection was refused, reset or cut off, or its certificate could
    not be verified.

    Attributes:
        retriable: False when a retry cannot help, as for a certificate that fails to verify.
    """

    def __init__(self, message: str, *, cursor: str | None = None, retriable: bool = True) -> None:
        super().__init__(message, cursor=cursor)
        self.retriable = retriable


class APITimeoutError(APIConnectionError):
    """No complete response arrived in time: one network operation or the whole page was late."""


class APIStatusError(APIError):
    """The server answered with a status other than 200.

    Attributes:
        status_code: The HTTP status.
        detail: The parsed value of ``detail`` in the body, of any shape; None when the body has
            none or cannot be read. May repeat what the caller sent.
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
    """401: the credential is missing, wrong or expired, or belongs to another environment."""


class PermissionDeniedError(APIStatusError):
    """403: the credential is valid, but does not permit this request."""


class NotFoundError(APIStatusError):
    """404: the address has no such endpoint, usually because the base URL is wrong."""


class UnprocessableEntityError(APIStatusError):
    """422: the server refused an argument, such as an unknown cursor. ``detail`` says which."""


class RateLimitError(APIStatusError):
    """429: too many requests, and no attempts or no time left to retry."""


class InternalServerError(APIStatusError):
    """500 and above: the server failed."""


class ResponseDecodeError(APIError):
    """A 200 whose body does not match the specification.

    Attributes:
        path: The JSON path of the fault, from ``$``; map keys appear as ``[...]``.
        page: The good records and the invalid ones; None if nothing could be decoded.
        next_cursor: The cursor of the page after this one, to skip this page; None if there is no
            page.
        well_formed: False when the body is not JSON at all. That counts as a transport fault.
    """

    def __init__(
        self,
        message: str,
        *,
        path: str = "$",
        page: junction_introspect.Page[Any] | None = None,
        well_formed: bool = True,
        cursor: str | None = None,
    ) -> None:
        super().__init__(message, cursor=cursor, page=page)
        self.path = path
        self.page = page
        self.next_cursor = page.next_cursor if page is not None else None
        self.well_formed = well_formed


class ResponseTooLargeError(APIError):
    """The decompressed body is larger than the client's limit.

    Attributes:
        limit: The client's limit, in bytes.
    """

    def __init__(self, limit: int, *, cursor: str | None = None) -> None:
        super().__init__(f"the response is larger than {limit:,} bytes", cursor=cursor)
        self.limit = limit


class PaginationError(APIError):
    """The server broke the cursor protocol: continuing would loop forever or lose pages.

    Attributes:
        page: The page with the bad cursor, and its records.
    """

    def __init__(
        self, message: str, *, page: junction_introspect.Page[Any], cursor: str | None = None
    ) -> None:
        super().__init__(message, cursor=cursor, page=page)
        self.page = page


class UnrecognizedValueError(APIError):
    """A page has a value that the specification does not list; only with ``strict_enums=True``.

    Attributes:
        enum: The name of the enum that does not list it, as in `junction_api.enums`.
        value: The value as sent.
        page: The page that has it.
    """

    def __init__(
        self,
        enum: str,
        value: str,
        *,
        page: junction_introspect.Page[Any],
        cursor: str | None = None,
    ) -> None:
        super().__init__(f"unrecognized {enum} {value[:80]!r}", cursor=cursor, page=page)
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
    """The store's file does not exist."""


class StoreInvalidError(StoreError):
    """The file is not a database, or the database is not a store."""


class StoreVersionError(StoreError):
    """The store was written by a newer version, or has to be migrated first.

    Attributes:
        version: The version of its schema; None if DuckDB itself cannot read the file.
    """

    def __init__(self, message: str, *, path: Path, version: int | None = None) -> None:
        super().__init__(message, path=path)
        self.version = version


class StoreLockedError(StoreError):
    """Another process is using the store: DuckDB allows one writer, or several readers.

    Attributes:
        holder: The id of the process that holds the lock, or None if it is unknown.
    """

    def __init__(self, message: str, *, path: Path, holder: int | None = None) -> None:
        super().__init__(message, path=path)
        self.holder = holder


class StoreEnvironmentError(StoreError):
    """The rows of a team are of another environment than those to be added. Nothing was sent.

    Attributes:
        environment: The environment of the rows in the store, or an address of no environment.
    """

    def __init__(self, message: str, *, path: Path, environment: str) -> None:
        super().__init__(message, path=path)
        self.environment = environment


class StoreIncompleteError(StoreError):
    """The store lacks an operation that an answer needs, for at least one team.

    Attributes:
        missing: What it lacks, such as ``"resources"``, and the teams that lack it.
    """

    def __init__(self, message: str, *, path: Path, missing: Mapping[str, Sequence[str]]) -> None:
        super().__init__(message, path=path)
        self.missing = missing


class StoreWriteError(StoreError):
    """The store cannot be written, for example to a full disk. Committed data is kept."""


class ExportError(JunctionError):
    """An export cannot start or continue, or cannot be read.

    Attributes:
        path: The path or URL of the file or folder that the error is about.
    """

    def __init__(self, message: str, *, path: str) -> None:
        super().__init__(message)
        self.path = path


class ExportMismatchError(ExportError):
    """The files belong to another export or sweep, or a manifest is not valid."""


class ExportDamagedError(ExportError):
    """A part was deleted or changed since it was finished."""


class ExportLockedError(ExportError):
    """Another export is writing into the directory."""


class ExportPackageError(ExportError):
    """A URL needs a package that is not installed. The message says how to install it."""


class ExportReadError(ExportError):
    """The destination cannot be read, for example because an object store does not answer."""


class ExportWriteError(ExportError):
    """A part cannot be written, for example to a full disk. Finished parts are kept."""


class SweepUnfinishedError(JunctionError):
    """A requested team is not complete.

    Attributes:
        teams: The names of all incomplete teams.
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
    """Return the exception class for a status other than 200."""
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
