"""The one seam to the generated operation: its arguments, its request, its errors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import msgspec
from attrs import frozen

from junction_api.api.introspect.list_historical_pulls import build_request
from junction_introspect.errors import APIStatusError, error_class

if TYPE_CHECKING:
    from junction_api.models import Labs, Providers

OPERATION: Final = "junction_introspect.list_historical_pulls"

# A parameter's name. Anything else in a `loc` may be what the caller sent, and stays out of texts.
_NAME = re.compile(r"[a-z_]{1,40}\Z")


@frozen
class Query:
    """What to list, checked before anything is sent.

    Attributes:
        user_id: That user alone, or None.
        provider: Users of that provider or lab alone, or None.
        user_limit: How many users a page may hold at most.
    """

    user_id: UUID | None
    provider: Providers | Labs | None
    user_limit: int

    @classmethod
    def checked(
        cls, *, user_id: UUID | str | None, provider: Providers | Labs | None, user_limit: int
    ) -> Query:
        """Build from a caller's arguments.

        Raises:
            TypeError: An argument is of the wrong type.
            ValueError: ``user_id`` is no UUID, ``provider`` is empty, or ``user_limit`` is below
                1.
        """
        if isinstance(user_id, str):
            try:
                user_id = UUID(user_id)
            except ValueError:
                raise ValueError("user_id is not a UUID") from None
        elif user_id is not None and not isinstance(user_id, UUID):
            raise TypeError("user_id must be a UUID, a string or None")
        if provider is not None:
            check_text("provider", provider)
        if isinstance(user_limit, bool) or not isinstance(user_limit, int):
            raise TypeError("user_limit must be an integer")
        if user_limit < 1:
            raise ValueError("user_limit must be 1 or more")
        return cls(user_id, provider, user_limit)

    def request(self, cursor: str | None) -> dict[str, Any]:
        """Return method, URL and parameters of the request for a page, as httpx takes them."""
        return build_request(
            user_id=self.user_id,
            provider=self.provider,
            user_limit=self.user_limit,
            next_cursor=cursor,
        )


class _Detail(msgspec.Struct):
    detail: Any = None


class _Problem(msgspec.Struct):
    loc: list[str | int]


_DETAIL = msgspec.json.Decoder(_Detail)


def check_text(name: str, value: object) -> None:
    """Refuse what no query parameter can carry.

    Raises:
        TypeError: It is no string.
        ValueError: It is empty, holds a NUL, or a surrogate that no encoding can carry.
    """
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a string or None")
    if not value or "\0" in value:
        raise ValueError(f"{name} must not be empty or hold a NUL character")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{name} holds a lone surrogate") from None


def status_error(status_code: int, body: bytes, retry_after: float | None) -> APIStatusError:
    """Return the error for a response other than 200, with its ``detail``."""
    try:
        detail = _DETAIL.decode(body).detail
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        detail = None
    return error_class(status_code)(
        status_code,
        summary=_refused_parameters(detail),
        detail=detail,
        retry_after=retry_after,
    )


def _refused_parameters(detail: Any) -> str:
    """Name the parameters that FastAPI's list of ``{loc, msg, type}`` complains of."""
    try:
        problems = msgspec.convert(detail, list[_Problem])
    except msgspec.ValidationError:
        return ""
    names = (
        ".".join(part for part in problem.loc if isinstance(part, str) and _NAME.match(part))
        for problem in problems
    )
    return ", ".join(sorted({name for name in names if name})[:5])
