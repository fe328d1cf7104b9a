"""Splits JSON at its brackets and commas, without decoding the text between them.

This is for pages that a JSON decoder refuses as a whole because of one value: a lone surrogate
escape, NaN, a string that is not UTF-8, or deep nesting. It takes linear time and does not recurse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

WHITE_SPACE: Final = b" \t\n\r"
_STRING: Final = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_TOKEN: Final = re.compile(_STRING + rb'|["\[\]{},]', re.DOTALL)
_NAME: Final = re.compile(b"(" + _STRING + rb")[ \t\n\r]*+:[ \t\n\r]*+", re.DOTALL)
_CLOSING: Final = {b"[": b"]", b"{": b"}"}


class NotJSONError(Exception):
    """The brackets, strings or commas of a text are not valid JSON."""


def parts(text: bytes) -> list[bytes]:
    """Return the parts of an array or object between its commas, without surrounding white space.

    Args:
        text: The array or object, brackets included, without white space around it.

    Raises:
        NotJSONError: A bracket or string is not closed, text follows the last bracket, or there is
            nothing between two commas.
    """
    edges = [0, *_edges(text)]
    found = [text[start + 1 : end].strip(WHITE_SPACE) for start, end in pairwise(edges)]
    if found == [b""]:
        return []
    if not all(found):
        raise NotJSONError
    return found


def _edges(text: bytes) -> Iterator[int]:
    """Yield the positions of the commas of an array or object, and of its closing bracket."""
    expected: list[bytes] = []
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token in _CLOSING:
            expected.append(_CLOSING[token])
        elif token == b",":
            if len(expected) == 1:
                yield match.start()
        elif token in _CLOSING.values():
            if expected.pop() != token:
                break
            if not expected:
                yield match.start()
                if match.end() == len(text):
                    return
                break
        elif token == b'"':
            break
    raise NotJSONError


def members(text: bytes) -> list[tuple[bytes, bytes]]:
    """Return the name and the value of each member of an object; the name is a JSON string.

    Raises:
        NotJSONError: As `parts`, or a member has no name or no value.
    """
    found: list[tuple[bytes, bytes]] = []
    for part in parts(text):
        name = _NAME.match(part)
        if name is None or name.end() == len(part):
            raise NotJSONError
        found.append((name[1], part[name.end() :]))
    return found
