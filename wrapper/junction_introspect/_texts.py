"""What the server said, made harmless for terminals, line readers and spreadsheets. Pure."""

from __future__ import annotations

import re
from typing import Any, Final

# The marks, embeddings, overrides and isolates of the Unicode Bidirectional Algorithm (UAX 9).
_DIRECTIONS: Final = frozenset(
    map(chr, (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
)

_STEERING: Final = re.compile(
    "["
    + "".join(
        re.escape(character)
        for character in (*map(chr, (*range(0x7F, 0xA0), 0x2028, 0x2029)), *sorted(_DIRECTIONS))
    )
    + "]"
)
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f]")


def json_escaped(document: str) -> str:
    r"""Return JSON in which what steers a terminal or ends a line stands as ``\u…``; the same JSON.

    Args:
        document: JSON. In it these characters can only stand in strings.
    """
    if document.isascii() and "\x7f" not in document:
        return document  # nearly always; JSON escapes the other controls by itself
    return _STEERING.sub(lambda match: f"\\u{ord(match[0]):04x}", document)


def harmless(text: str) -> str:
    r"""Return a text with what steers a terminal as ``\u…``; tabs and line breaks stay."""
    return _CONTROLS.sub(lambda match: f"\\u{ord(match[0]):04x}", json_escaped(text))


# What begins a formula in Excel, LibreOffice and Google Sheets; they skip blanks before it.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def spreadsheet_safe(value: Any) -> Any:
    """Return a cell that a spreadsheet shows as it is: text that it would run gets a ``'`` before.

    Args:
        value: A cell. Numbers stay what they are.
    """
    if isinstance(value, str) and value.lstrip(" \u00a0").startswith(_FORMULA):
        return f"'{value}"
    return value
