"""Reads the query of a listing as strictly as the specification describes it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from fastapi.exceptions import RequestValidationError

from junction_introspect.enums import LAB_VALUES, PROVIDER_VALUES
from junction_introspect.mock.cursors import START, Cursors, Position

DEFAULT_USER_LIMIT: Final = 50
MAX_USER_LIMIT: Final = 500

# `uuid.UUID` also accepts braces, `urn:uuid:` and missing hyphens, which `format: uuid` does not.
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# JSON Schema counts 1.0 as an integer, so a query may contain either spelling.
_INTEGER: Final = re.compile(r"([+-]?)0*([0-9]+)(\.0*)?")

# The values that `provider` may have. Labs are allowed for backfills only.
PROVIDERS: Final[frozenset[str]] = PROVIDER_VALUES
PROVIDERS_AND_LABS: Final[frozenset[str]] = PROVIDER_VALUES | LAB_VALUES


@dataclass(frozen=True, slots=True)
class Listing:
    """What a request asks for: the filters, the page size, and the position to begin at."""

    user_id: UUID | None = None
    provider: str | None = None
    user_limit: int = DEFAULT_USER_LIMIT
    position: Position = START


def read_query(query: Mapping[str, str], cursors: Cursors, providers: frozenset[str]) -> Listing:
    """Read a query. Parameters that the specification does not list are ignored.

    A nullable parameter with the value `null`, in upper or lower case, counts as absent.
    `user_limit` may be any integer and is clamped to 1 ... `MAX_USER_LIMIT`. If both cursors are
    present, both are checked and `next_cursor` is used.

    Args:
        query: The decoded parameters.
        cursors: Reads the cursors that this server issued for the listing.
        providers: The values that `provider` may have.

    Raises:
        RequestValidationError: One or more parameters are not as specified. FastAPI answers it with
            422, and one entry in `detail` for each.
    """
    problems: list[dict[str, object]] = []

    def invalid(name: str, message: str, kind: str) -> None:
        problems.append(_problem("query", name, message, kind))

    def nullable(name: str) -> str | None:
        text = query.get(name)
        return None if text is None or text.lower() == "null" else text

    user_id = nullable("user_id")
    if user_id is not None and not _UUID.fullmatch(user_id):
        invalid("user_id", "Input should be a valid UUID", "uuid_parsing")
    provider = nullable("provider")
    if provider is not None and provider not in providers:
        invalid("provider", "Input should be a known provider", "enum")
    integer = _INTEGER.fullmatch(query.get("user_limit", str(DEFAULT_USER_LIMIT)))
    if integer is None:
        invalid("user_limit", "Input should be a valid integer", "int_parsing")
    position = START
    for name in ("cursor", "next_cursor"):
        cursor = nullable(name)
        if cursor is not None:
            try:
                position = cursors.read(cursor)
            except ValueError:
                invalid(name, "Not a cursor that this server has issued", "cursor")
    if problems or integer is None:
        raise RequestValidationError(problems)
    return Listing(
        UUID(user_id) if user_id else None, provider, _clamped(*integer.groups()), position
    )


def read_user_id(text: str) -> UUID:
    """Read the id of a user in a path.

    Raises:
        RequestValidationError: The text is not a UUID.
    """
    if not _UUID.fullmatch(text):
        problem = _problem("path", "user_id", "Input should be a valid UUID", "uuid_parsing")
        raise RequestValidationError([problem])
    return UUID(text)


def _problem(place: str, name: str, message: str, kind: str) -> dict[str, object]:
    return {"loc": [place, name], "msg": message, "type": kind}


def _clamped(sign: str, digits: str, _fraction: str | None) -> int:
    # The length is checked first, because Python refuses to convert more than 4,300 digits.
    if sign == "-":
        return 1
    limit = MAX_USER_LIMIT if len(digits) > len(str(MAX_USER_LIMIT)) else int(digits)
    return min(max(limit, 1), MAX_USER_LIMIT)
