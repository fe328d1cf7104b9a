"""Text for a person: on one line, with nothing in it that steers a terminal."""

from __future__ import annotations

from typing import Final

_MOST_SHOWN: Final = 60


def escaped(text: str) -> str:
    r"""Return a text with what cannot be printed, line breaks included, as ``\n`` or ``\x1b``."""
    if text.isprintable():
        return text  # nearly always
    return "".join(
        character if character.isprintable() else repr(character)[1:-1] for character in text
    )


def shown(value: str) -> str:
    """Return a value of the server's for a table: escaped, and cut where it is absurdly long.

    A cut says so, with the length. The empty string appears as quotes, or it would look absent.
    """
    if len(value) > _MOST_SHOWN:
        return f"{escaped(value[:_MOST_SHOWN])}... ({len(value):,} characters)"
    return escaped(value) or "''"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: ``"1 page"``, ``"1,200 pages"``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
