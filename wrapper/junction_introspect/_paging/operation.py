"""`Operation`: one value per listing operation, with everything that differs between them.

This module evaluates its annotations at once. `Operation` sets ``__module__``, so annotations left
as strings would be looked up in that other module.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from attrs import frozen

from junction_api.types import UNSET, Unset

Record = TypeVar("Record")
Row = TypeVar("Row")
T = TypeVar("T")

Kind: TypeAlias = Literal["id", "text", "category", "time", "flag", "integer"]


@frozen
class Column:
    """A column of an operation's rows, for Arrow and the store.

    Attributes:
        name: The column's name, and the name of the row's attribute.
        kind: The type of its values; an id is a UUID, a category a text with few distinct values.
        nullable: Whether it may be null.
        derived: Whether it is computed from the other columns.
    """

    name: str
    kind: Kind
    nullable: bool = True
    derived: bool = False


def _nothing(*_: object) -> list[tuple[str, str]]:
    """Find nothing: the default for an operation without enums or without filters."""
    return []


@frozen(kw_only=True, eq=False, repr=False)
class Operation(Generic[Record, Row]):
    """One operation that lists records page by page, by cursor.

    Decoding, quarantine, drift, retries, prefetching, resuming, Arrow, store and export work on
    this value and know no model of one operation.

    Attributes:
        name: Its name in logs and spans, after ``junction_introspect.``.
        what: What it lists, in one word: the value of ``--what``, and the name of its table in a
            store.
        arguments: Returns the operation's parameters, checked.
        request: Generated. Returns the keyword arguments for `httpx.Client.request`, from the
            operation's parameters and ``next_cursor``.
        response: The generated model of a page.
        record: The generated model of a record.
        row: The class of a row.
        rows: Returns the flat rows of a record.
        columns: The columns of a row. The first of them are its ``key``.
        records: The field of ``response`` that has the records.
        paged: False for an operation without a cursor, whose response is the only page.
        key: The names of the columns that identify a row.
        status: The column with a row's status, if there is one: a row with another status has
            moved.
        scheduled: The column with the time at which the row's work was scheduled, if there is one:
            a later time means that it was scheduled again.
        error: The column with a row's error, if there is one.
        unlisted: Generated. Appends each (enum, value) of a record that the specification does not
            list.
        unrequested: Removes data that the parameters did not ask for from a page's records, and
            returns a (parameter, value) for each. Raises `ResponseDecodeError` if the whole
            response is about something else. See `filters.hold`.
        cells: Returns the rows of many records column by column, in the order of ``columns``; for
            an operation where that is faster than going through ``rows``.
    """

    __module__ = "junction_introspect"

    name: str
    what: str
    arguments: Callable[..., Mapping[str, Any]]
    request: Callable[..., dict[str, Any]]
    response: type
    record: type[Record]
    row: type[Row]
    rows: Callable[[Record], Iterable[Row]]
    columns: Sequence[Column]
    records: str = "data"
    paged: bool = True
    key: Sequence[str] = ("user_id", "provider", "resource")
    status: str | None = None
    scheduled: str | None = None
    error: str | None = None
    unlisted: Callable[[Record, list[tuple[str, Any]]], object] = _nothing
    unrequested: Callable[[Sequence[Record], Mapping[str, Any]], list[tuple[str, str]]] = _nothing
    cells: Callable[[Sequence[Record]], Sequence[Sequence[Any]]] | None = None

    def __repr__(self) -> str:
        return f"<Operation {self.name}>"

    def columnwise(self, records: Sequence[Record]) -> Sequence[Sequence[Any]]:
        """Return the rows of records column by column, in the order of ``columns``."""
        if self.cells is not None:
            return self.cells(records)
        rows = [row for record in records for row in self.rows(record)]
        return [
            [_cell(column, getattr(row, column.name)) for row in rows] for column in self.columns
        ]


def _cell(column: Column, value: Any) -> Any:
    return str(value) if column.kind == "id" and value is not None else value


def or_none(value: T | Unset | None) -> T | None:
    """Return the value of a generated model's field, or None if the server left it out."""
    return None if value is UNSET else value


Arguments: TypeAlias = Mapping[str, Any]
