"""What differs between the API's listing operations, as one value each.

Annotations are evaluated here: those of a class that names another module would be looked up there.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from attrs import frozen

from junction_api.types import Unset

Record = TypeVar("Record")
Row = TypeVar("Row")
T = TypeVar("T")

Kind: TypeAlias = Literal["text", "category", "time", "flag", "integer"]


@frozen
class Column:
    """A column of an operation's rows, as Arrow and the store know it.

    Attributes:
        name: The column's name, which is a row's attribute.
        kind: What it holds; a category is a text that recurs.
        nullable: Whether it may be null.
        derived: Whether it follows from the other columns.
    """

    name: str
    kind: Kind
    nullable: bool = True
    derived: bool = False


def _nothing_unlisted(record: object, found: list[tuple[str, Any]]) -> None:
    """Find nothing, as for an operation whose records have no enum."""


def _nothing_unrequested(
    records: Sequence[Any],  # noqa: ARG001 - the signature of `Operation.unrequested`
    arguments: Mapping[str, Any],  # noqa: ARG001 - as above
) -> list[tuple[str, str]]:
    """Find nothing, as for an operation without filters."""
    return []


@frozen(kw_only=True, eq=False)
class Operation(Generic[Record, Row]):
    """One operation that lists records page by page, by cursor.

    Decoding, quarantine, drift, retries, prefetching, resuming, Arrow, store and export take this
    value and know no model.

    Attributes:
        name: Its name in logs and spans, after ``junction_introspect.``.
        request: Returns the keyword arguments for `httpx.Client.request`, from the operation's
            parameters and ``next_cursor``; generated.
        response: The generated model of a page.
        record: The generated model of a record.
        rows: Returns the flat rows of a record.
        columns: The columns of a row. The first of them are its ``key``.
        records: The field of ``response`` that holds the records.
        paged: False for an operation that has no cursor and is one page.
        key: The names of the columns that identify a row.
        unlisted: Appends each (enum, value) of a record that the specification does not list;
            generated.
        unrequested: Takes out of a page's records what the parameters did not ask for, and returns
            a (parameter, value) for each; raises `ResponseDecodeError` for an answer to something
            else altogether. See `filters.hold`.
        cells: Returns the rows of many records column by column, in the order of ``columns``,
            where that is faster than by way of ``rows``.
    """

    __module__ = "junction_introspect"

    name: str
    request: Callable[..., dict[str, Any]]
    response: type
    record: type[Record]
    rows: Callable[[Record], Iterable[Row]]
    columns: Sequence[Column]
    records: str = "data"
    paged: bool = True
    key: Sequence[str] = ("user_id", "provider", "resource")
    unlisted: Callable[[Record, list[tuple[str, Any]]], object] = _nothing_unlisted
    unrequested: Callable[[Sequence[Record], Mapping[str, Any]], list[tuple[str, str]]] = (
        _nothing_unrequested
    )
    cells: Callable[[Sequence[Record]], Sequence[Sequence[Any]]] | None = None

    def columnwise(self, records: Sequence[Record]) -> Sequence[Sequence[Any]]:
        """Return the rows of records column by column, in the order of ``columns``."""
        if self.cells is not None:
            return self.cells(records)
        rows = [row for record in records for row in self.rows(record)]
        return [
            [_cell(column, getattr(row, column.name)) for row in rows] for column in self.columns
        ]


def _cell(column: Column, value: Any) -> Any:
    return str(value) if column.kind == "text" and value is not None else value


def or_none(value: T | Unset | None) -> T | None:
    """Return a field of a generated model, None where the server left it out."""
    return None if isinstance(value, Unset) else value


Arguments: TypeAlias = Mapping[str, Any]
