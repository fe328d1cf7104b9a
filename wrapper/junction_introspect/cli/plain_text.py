"""Text for a person: on one line, without control characters for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from junction_introspect._texts import escaped

if TYPE_CHECKING:
    from junction_introspect import HistoricalPull, ResourceStatistics

# How an absent status is called: that of a resource that was not pulled.
NOT_PULLED: Final = "not_pulled"

_MOST_SHOWN: Final = 60


def shown(value: str) -> str:
    """Return a value from the server for a table: escaped, and cut after 60 characters.

    A cut value is followed by its length. The empty string is shown as quotes, so that it does not
    look absent.
    """
    if len(value) > _MOST_SHOWN:
        return f"{escaped(value[:_MOST_SHOWN])}... ({len(value):,} characters)"
    return escaped(value) or "''"


def name_of(row: HistoricalPull | ResourceStatistics) -> str:
    """Return the provider and the resource of a row."""
    return f"{shown(row.provider)} {shown(row.resource)}"


def failure_of(pull: HistoricalPull) -> list[str]:
    """Return the error of a pull with its kind, as a remark if there is one."""
    error = pull.error_details
    return [] if error is None else [f"{shown(error)} ({pull.error_kind})"]


def trace_of(pull: HistoricalPull) -> list[str]:
    """Return the trace id of a pull, as a remark if there is one."""
    return [] if pull.trace_id is None else [f"trace {shown(pull.trace_id)}"]
