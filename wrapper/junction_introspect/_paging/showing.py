"""Shows a listing without fetching: as one line in a prompt, as a table in a notebook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final

from junction_introspect._paging.operation import Arguments, Operation
from junction_introspect._paging.walk import Walk
from junction_introspect._texts import counted, harmless

# How many rows a table shows.
ROWS: Final = 10


def described(
    operation: Operation[Any, Any], arguments: Arguments, walk: Walk, prefix: str = ""
) -> str:
    """Return a line such as ``HistoricalPulls provider='oura', 3 pages, next_cursor=…set``.

    Cursors and ids are not shown: such lines end up in logs.

    Args:
        operation: What is listed.
        arguments: The listing's parameters.
        walk: How far it is.
        prefix: What the listing's name begins with.
    """
    words = operation.name.removeprefix("list_").split("_")
    name = prefix + "".join(word.capitalize() for word in words)
    parts = [*_filters(arguments), counted(walk.pages, "page")]
    if walk.done:
        parts.append("done")
    elif walk.cursor is not None:
        parts.append("next_cursor=…set")
    return f"{name} {', '.join(parts)}"


def _filters(arguments: Arguments) -> Iterator[str]:
    for name, value in arguments.items():
        if name == "provider" and value is not None:
            yield f"provider={str(value)!r}"
        elif name != "user_limit" and value is not None:
            yield f"{name}=…set"


def table(operation: Operation[Any, Any], records: Sequence[Any], caption: str) -> str:
    """Return an HTML table of the first rows of some records.

    Args:
        operation: The operation that the records are of.
        records: Records that were fetched before.
        caption: A line above the table.
    """
    names = [column.name for column in operation.columns if not column.derived]
    rows = islice((row for record in records for row in operation.rows(record)), ROWS)
    body = [[_cell(getattr(row, name)) for name in names] for row in rows]
    said = _cell(f"<{caption}>")
    if not body:
        return f"<p>{said} No row has been fetched yet; displaying a listing fetches none.</p>"
    lines = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in body)
    head = "".join(f"<th>{_cell(name)}</th>" for name in names)
    return (
        f"<table><caption>{said} The first {len(body)} rows of those fetched so far:</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"
    )


def _cell(value: Any) -> str:
    from html import escape  # noqa: PLC0415 - only notebooks need it

    return "" if value is None else escape(harmless(str(value)))
