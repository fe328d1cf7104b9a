"""Decodes bytes into a page: all at once if possible, else record by record.

A bad record does not affect the others.
"""

from __future__ import annotations

import contextlib
from functools import cache
from typing import Any, Final, Generic, TypeVar

import msgspec
from msgspec import inspect

from junction_api.types import UNSET, Unset
from junction_introspect._http.normalizing import has_nanoseconds, normalized
from junction_introspect._http.splitting import WHITE_SPACE, NotJSONError, members, parts
from junction_introspect._paging.operation import Operation
from junction_introspect.errors import ResponseDecodeError
from junction_introspect.pages import InvalidRecord, Page

Record = TypeVar("Record")

_ANYTHING: Final = msgspec.json.Decoder()
_NAME: Final = msgspec.json.Decoder(str)
# Everything that a decoder raises; the first is the base class of msgspec's errors.
_ERRORS: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def decode_page(operation: Operation[Record, Any], body: bytes) -> Page[Record]:
    """Decode the body of a 200.

    Raises:
        ResponseDecodeError: The body is not JSON (``well_formed`` is False), or not shaped like a
            page. A malformed record raises nothing: it is in the page's ``invalid``.
    """
    return _decoders(operation).page(body)


class _Decoders(Generic[Record]):
    """The decoders of an operation. Cached, since making them takes longer than decoding a page."""

    def __init__(self, operation: Operation[Record, Any]) -> None:
        self._records = operation.records
        self._paged = operation.paged
        self._page: msgspec.json.Decoder[Any] = msgspec.json.Decoder(operation.response)
        self._model: type = operation.record
        self._record = msgspec.json.Decoder(operation.record)
        # The frame is a page whose records stay undecoded.
        fields: list[tuple[str, Any] | tuple[str, Any, Any]] = [
            (operation.records, list[msgspec.Raw])
        ]
        if operation.paged:
            fields += [(name, str | Unset | None, UNSET) for name in ("next_cursor", "next")]
        self._frame_names = {name for name, *_ in fields}
        self._frame = msgspec.json.Decoder(msgspec.defstruct("Frame", fields))

    def page(self, body: bytes) -> Page[Record]:
        if has_nanoseconds(body):  # msgspec would round them
            return self.by_record(body)
        try:
            response = self._page.decode(body)
            if not body.isascii():
                # msgspec skips fields that the models do not have without checking their UTF-8.
                body.decode()
        except _ERRORS:
            return self.by_record(body)
        next_cursor, missing = self._where_next(response)
        return Page(getattr(response, self._records), next_cursor, cursor_missing=missing)

    def by_record(self, body: bytes) -> Page[Record]:
        """Decode record by record. A page without faults gives the same result as `page`."""
        frame, texts = self._framed(body)
        records: list[Record] = []
        invalid: list[InvalidRecord] = []
        for index, text in enumerate(texts):
            try:
                records.append(self._decoded(text))
            except _ERRORS as error:
                reason, path = _reason_and_path(error)
                where = f"$.{self._records}[{index}]{path[1:]}"
                invalid.append(InvalidRecord(index, where, reason, text))
        next_cursor, missing = self._where_next(frame)
        return Page(records, next_cursor, invalid, missing)

    def _decoded(self, text: bytes) -> Record:
        if not text.isascii():
            text.decode()
        if not has_nanoseconds(text):
            with contextlib.suppress(msgspec.ValidationError):
                return self._record.decode(text)
        return self._record.decode(normalized(_type_of(self._model), text))

    def _framed(self, body: bytes) -> tuple[Any, list[bytes]]:
        """Return the page without its records, and the text of each record."""
        try:
            frame = self._frame.decode(body)
        except _ERRORS:
            pass
        else:
            return frame, [bytes(raw) for raw in getattr(frame, self._records)]
        try:
            return self._split(body.strip(WHITE_SPACE))
        except msgspec.ValidationError as error:
            reason, path = _reason_and_path(error)
            raise ResponseDecodeError(f"{reason} at {path}", path=path) from None
        except RecursionError:
            raise ResponseDecodeError("the response is nested too deeply") from None
        except (msgspec.DecodeError, UnicodeDecodeError, NotJSONError):
            message = "the response is not JSON" if body else "the response is empty"
            raise ResponseDecodeError(message, well_formed=False) from None

    def _split(self, text: bytes) -> tuple[Any, list[bytes]]:
        """As `_framed`, for a body in which a single value may be what msgspec refuses."""
        if not text.startswith(b"{"):
            # Decode all of it first: the frame's decoder would report a wrong type at the first
            # byte, even if the rest is not JSON.
            _ANYTHING.decode(text)
            return self._frame.decode(text), []
        values: dict[str, bytes] = {}
        for name, value in members(text):
            with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):
                values[_NAME.decode(name)] = value
        texts: list[bytes] = []
        if values.get(self._records, b"").startswith(b"["):
            texts = parts(values[self._records])
            values[self._records] = b"[]"
        for value in values.values():
            # A field outside the frame may have any value; only nesting too deep is an error.
            with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):
                _ANYTHING.decode(value)
        known = {
            name: msgspec.Raw(value) for name, value in values.items() if name in self._frame_names
        }
        return self._frame.decode(msgspec.json.encode(known)), texts

    def _where_next(self, response: Any) -> tuple[str | None, bool]:
        """Return the cursor of the next page, and whether the server said nothing about it."""
        if not self._paged:
            return None, False
        for name in ("next_cursor", "next"):  # the second is the deprecated name of the first
            cursor: str | Unset | None = getattr(response, name, UNSET)
            if not isinstance(cursor, Unset):
                return cursor, False
        return None, True


_decoders = cache(_Decoders[Any])


@cache
def _type_of(model: type) -> inspect.Type:
    return inspect.type_info(model)


def _reason_and_path(error: Exception) -> tuple[str, str]:
    """Return what is wrong, without the value, and where."""
    if isinstance(error, RecursionError):
        return "Nested too deeply", "$"
    if isinstance(error, UnicodeDecodeError):
        return "Not UTF-8", "$"
    reason, _, path = str(error).partition(" - at `")
    return reason, path.rstrip("`") or "$"
