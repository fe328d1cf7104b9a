"""Bytes → page. The fast path decodes a page at once; a bad record never costs its neighbours."""

from __future__ import annotations

import msgspec

from junction_api.models import SingleUserHistoricalPullResponse, UserHistoricalPullsResponse
from junction_api.types import UNSET, Unset
from junction_introspect.errors import ResponseDecodeError
from junction_introspect.pages import InvalidRecord, Page


class _Frame(msgspec.Struct):
    """A page whose records are left as they are."""

    data: list[msgspec.Raw]
    next_cursor: str | Unset | None = UNSET
    next: str | Unset | None = UNSET


_PAGE = msgspec.json.Decoder(UserHistoricalPullsResponse)
_FRAME = msgspec.json.Decoder(_Frame)
_USER = msgspec.json.Decoder(SingleUserHistoricalPullResponse)
_ANYTHING = msgspec.json.Decoder()


def decode_page(body: bytes) -> Page:
    """Decode the body of a 200.

    Raises:
        ResponseDecodeError: The body is no JSON (``well_formed`` is False), or JSON of another
            shape than a page's. A malformed record raises nothing: it is in the page's ``invalid``.
    """
    try:
        response = _PAGE.decode(body)
        if not body.isascii():
            # msgspec passes over fields that the models do not have without looking at their bytes.
            body.decode()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _decode_by_record(body)
    next_cursor, missing = _where_next(response.next_cursor, response.next)
    return Page(response.data, next_cursor, cursor_missing=missing)


def _decode_by_record(body: bytes) -> Page:
    # First: msgspec names a wrong shape before it has seen that a later byte is no JSON.
    _check_well_formed(body)
    try:
        frame = _FRAME.decode(body)
    except msgspec.ValidationError as error:
        reason, path = _reason_and_path(error)
        raise ResponseDecodeError(f"{reason} at {path}", path=path) from None
    users: list[SingleUserHistoricalPullResponse] = []
    invalid: list[InvalidRecord] = []
    for index, raw in enumerate(frame.data):
        try:
            users.append(_USER.decode(raw))
        except msgspec.ValidationError as error:
            reason, path = _reason_and_path(error)
            invalid.append(InvalidRecord(index, f"$.data[{index}]{path[1:]}", reason, bytes(raw)))
    next_cursor, missing = _where_next(frame.next_cursor, frame.next)
    return Page(users, next_cursor, invalid, missing)


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


def _where_next(
    next_cursor: str | Unset | None, deprecated: str | Unset | None
) -> tuple[str | None, bool]:
    """Return the cursor of the next page, and whether the server said nothing about it."""
    for said in (next_cursor, deprecated):
        if not isinstance(said, Unset):
            return said, False
    return None, True
