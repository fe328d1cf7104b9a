"""Rewrites numbers and times that JSON Schema allows but msgspec refuses or rounds.

An integer may be written ``70.0`` or ``7e1``. A leap second becomes 23:59:59 with its fraction. A
time with more digits than microseconds is cut, never rounded. Only values of model fields of these
types are rewritten; everything else keeps its bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, time
from math import isfinite
from typing import Any, Final

import msgspec
from msgspec import inspect

# As in "12:30:59.1234567"; other numbers have no colon there. The pattern starts with the point,
# since points are rarer than colons, and looks at what is before it last: a fifth less time where
# times have fractions.
_NANOSECONDS: Final = re.compile(rb"\.\d{7}(?<=:\d\d\.\d{7})")
# A full stop, digit or colon may be written as an escape, such as "\u002e".
_ESCAPED: Final = re.compile(rb"\\u00(?:2[eE]|3[0-9aA])")
_NUMBER: Final = re.compile(rb"(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?")
_TIME: Final = re.compile(rb'"(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:)(\d\d)(\.\d+)?([^"\\]*)"')
_MICROSECONDS: Final = len(".123456")
_MEMBERS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ITEMS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_STRING: Final = msgspec.json.Decoder(str)


def has_nanoseconds(text: bytes) -> bool:
    """Tell whether a JSON text may contain a time with more digits than microseconds."""
    if _NANOSECONDS.search(text):
        return True
    # Few pages have a backslash, and the search for one takes a fiftieth of that for a pattern.
    return b"\\" in text and _ESCAPED.search(text) is not None


def normalized(known: inspect.Type, text: bytes) -> bytes:
    """Return a JSON text in the forms that msgspec reads exactly.

    Args:
        known: The type that the text will be decoded as.
        text: The text. It is returned unchanged if it is not of that type.
    """
    rewrite = _REWRITES.get(type(known))
    return rewrite(known, text) if rewrite else text


def _union(known: inspect.UnionType, text: bytes) -> bytes:
    has_float = any(isinstance(variant, inspect.FloatType) for variant in known.types)
    for variant in known.types:
        if not (has_float and isinstance(variant, inspect.IntType)):
            text = normalized(variant, text)
    return text


def _list(known: inspect.ListType, text: bytes) -> bytes:
    try:
        items = _ITEMS.decode(text)
    except msgspec.DecodeError:
        return text
    return msgspec.json.encode(
        [msgspec.Raw(normalized(known.item_type, bytes(item))) for item in items]
    )


def _dict(known: inspect.DictType, text: bytes) -> bytes:
    return _values(lambda _: known.value_type, text)


def _model(known: inspect.StructType, text: bytes) -> bytes:
    types = {field.encode_name: field.type for field in known.fields}
    return _values(types.get, text)


def _values(type_of: Callable[[str], inspect.Type | None], text: bytes) -> bytes:
    try:
        values = _MEMBERS.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return text
    for name, value in values.items():
        if (known := type_of(name)) is not None:
            values[name] = msgspec.Raw(normalized(known, bytes(value)))
    return msgspec.json.encode(values)


def _integer(_: inspect.IntType, text: bytes) -> bytes:
    number = _NUMBER.fullmatch(text)
    if number is None or not isfinite(float(text)):
        return text
    sign, whole, fraction, exponent = number.groups(b"")
    digits = whole + fraction
    scale = int(exponent or 0) - len(fraction)
    if scale < 0:
        digits, beyond = digits[:scale], digits[scale:]
        if beyond.strip(b"0"):
            return text
    else:
        digits += b"0" * scale
    digits = digits.lstrip(b"0")
    return sign + digits if digits else b"0"


def _time(_: inspect.DateTimeType, text: bytes) -> bytes:
    if b"\\" in text:
        try:
            text = msgspec.json.encode(_STRING.decode(text))
        except (msgspec.DecodeError, UnicodeDecodeError):
            return text
    moment = _TIME.fullmatch(text)
    if moment is None:
        return text
    minute, second, fraction, zone = moment.groups(b"")
    if second == b"60" and _ends_a_day(minute + b"59" + zone):
        second = b"59"
    return b'"' + minute + second + fraction[:_MICROSECONDS] + zone + b'"'


def _ends_a_day(text: bytes) -> bool:
    """Tell whether a second is the last of a UTC day: leap seconds only follow such a second."""
    try:
        moment = datetime.fromisoformat(text.decode().upper())
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return False
    return moment.time() == time(23, 59, 59)


_REWRITES: Final[dict[type[inspect.Type], Callable[[Any, bytes], bytes]]] = {
    inspect.DateTimeType: _time,
    inspect.DictType: _dict,
    inspect.IntType: _integer,
    inspect.ListType: _list,
    inspect.StructType: _model,
    inspect.UnionType: _union,
}
