"""Makes texts harmless for terminals, line readers and spreadsheets, and counts things. No I/O."""

from __future__ import annotations

import re
from typing import Any, Final

# The characters that `json_escaped` escapes, for the inside of a class in a regular expression.
STEERING: Final = "".join(
    map(
        chr,
        (
            *range(0x7F, 0xA0),  # controls
            *(0x061C, 0x200E, 0x200F),  # marks of the Unicode Bidirectional Algorithm (UAX 9)
            *range(0x2028, 0x202F),  # separators of lines and paragraphs; embeddings and overrides
            *range(0x2066, 0x206A),  # isolates
        ),
    )
)
_STEERING: Final = re.compile(f"[{STEERING}]")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f]")


def json_escaped(document: str) -> str:
    r"""Escape characters in JSON that control a terminal or end a line, as ``\u…``.

    The JSON keeps its meaning: these characters occur only inside strings.

    Args:
        document: JSON.
    """
    if document.isascii() and "\x7f" not in document:
        return document  # the usual case; JSON encoders escape the other control characters
    return _STEERING.sub(lambda match: f"\\u{ord(match[0]):04x}", document)


def harmless(text: str) -> str:
    r"""Escape characters that control a terminal as ``\u…``; tabs and line breaks stay."""
    return _CONTROLS.sub(lambda match: f"\\u{ord(match[0]):04x}", json_escaped(text))


# What starts a formula in Excel, LibreOffice or Google Sheets: one of these after any blanks.
FORMULA: Final = "^[ \u00a0]*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"
_FORMULA: Final = re.compile(FORMULA)


def spreadsheet_safe(value: Any) -> Any:
    """Return a cell that a spreadsheet does not run: text that looks like a formula gets a ``'``.

    Args:
        value: A cell. Numbers stay as they are.
    """
    if isinstance(value, str) and _FORMULA.search(value):
        return f"'{value}"
    return value


def escaped(text: str) -> str:
    r"""Return a text with unprintable characters and line breaks escaped, as ``\n`` or ``\x1b``."""
    if text.isprintable():
        return text  # the usual case
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: ``"1 page"``, ``"1,200 pages"``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
