"""Text for a person: on one line, without control characters for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from junction_introspect import HistoricalPull, ResourceStatistics

# How an absent status is called: that of a resource that was not pulled.
NOT_PULLED: Final = "not_pulled"

_MOST_SHOWN: Final = 60


def escaped(text: str) -> str:
    r"""Return a text with unprintable characters and line breaks escaped, as ``\n`` or ``\x1b``."""
    if text.isprintable():
        return text  # the usual case
    return "".join(
        character if character.isprintable() else repr(character)[1:-1] for character in text
    )


def shown(value: str) -> str:
    """Return a value from the server for a table: escaped, and cut after 60 characters.

    A cut value is followed by its length. The empty string is shown as quotes, so that it does not
    look absent.
    """
    if len(value) > _MOST_SHOWN:
        return f"{escaped(value[:_MOST_SHOWN])}... ({len(value):,} characters)"
    return escaped(value) or "''"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: ``"1 page"``, ``"1,200 pages"``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


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
