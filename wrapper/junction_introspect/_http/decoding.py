"""Bytes → page. The fast path decodes a page at once; a bad record never costs its neighbours."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec

from junction_api.types import UNSET, Unset
from junction_introspect.errors import ResponseDecodeError
from junction_introspect.pages import InvalidRecord, Page

if TYPE_CHECKING:
    from junction_introspect._paging.operation import Operation

Record = TypeVar("Record")

_ANYTHING = msgspec.json.Decoder()


def decode_page(operation: Operation[Record, Any], body: bytes) -> Page[Record]:
    """Decode the body of a 200.

    Raises:
        ResponseDecodeError: The body is not JSON (``well_formed`` is False), or JSON of another
            shape than a page's. A malformed record raises nothing: it is in the page's ``invalid``.
    """
    return _decoders(operation).page(body)


class _Decoders(Generic[Record]):
    """The decoders of an operation, which take longer to make than a page to decode."""

    def __init__(self, operation: Operation[Record, Any]) -> None:
        self._records = operation.records
        self._paged = operation.paged
        self._page: msgspec.json.Decoder[Any] = msgspec.json.Decoder(operation.response)
        self._record = msgspec.json.Decoder(operation.record)
        # A page whose records are left as they are.
        fields: list[tuple[str, Any] | tuple[str, Any, Any]] = [
            (operation.records, list[msgspec.Raw])
        ]
        if operation.paged:
            fields += [(name, str | Unset | None, UNSET) for name in ("next_cursor", "next")]
        self._frame = msgspec.json.Decoder(msgspec.defstruct("Frame", fields))

    def page(self, body: bytes) -> Page[Record]:
        try:
            response = self._page.decode(body)
            if not body.isascii():
                # msgspec passes over fields that the models do not have without looking at them.
                body.decode()
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return self._by_record(body)
        next_cursor, missing = self._where_next(response)
        return Page(getattr(response, self._records), next_cursor, cursor_missing=missing)

    def _by_record(self, body: bytes) -> Page[Record]:
        # First: msgspec names a wrong shape before it has seen that a later byte is not JSON.
        _check_well_formed(body)
        try:
            frame = self._frame.decode(body)
        except msgspec.ValidationError as error:
            reason, path = _reason_and_path(error)
            raise ResponseDecodeError(f"{reason} at {path}", path=path) from None
        records: list[Record] = []
        invalid: list[InvalidRecord] = []
        for index, raw in enumerate(getattr(frame, self._records)):
            try:
                records.append(self._record.decode(raw))
            except msgspec.ValidationError as error:
                reason, path = _reason_and_path(error)
                where = f"$.{self._records}[{index}]{path[1:]}"
                invalid.append(InvalidRecord(index, where, reason, bytes(raw)))
        next_cursor, missing = self._where_next(frame)
        return Page(records, next_cursor, invalid, missing)

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


def _check_well_formed(body: bytes) -> None:
    try:
        _ANYTHING.decode(body)
    except RecursionError:
        raise ResponseDecodeError("the response is nested too deeply") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        message = "the response is not JSON" if body else "the response is empty"
        raise ResponseDecodeError(message, well_formed=False) from None


def _reason_and_path(error: msgspec.ValidationError) -> tuple[str, str]:
    reason, _, path = str(error).partition(" - at `")
    return reason, path.rstrip("`") or "$"
