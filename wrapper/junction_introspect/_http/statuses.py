"""Makes the error for a response whose status is not 200."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from junction_introspect.errors import APIStatusError, error_class

# Matches a parameter's name. Anything else in a `loc` may be a value that the caller sent, and is
# left out of error texts.
_NAME = re.compile(r"[a-z_]{1,40}\Z")


class _Detail(msgspec.Struct):
    detail: Any = None


class _Problem(msgspec.Struct):
    loc: list[str | int]


_DETAIL = msgspec.json.Decoder(_Detail)


def status_error(status_code: int, body: bytes, retry_after: float | None) -> APIStatusError:
    """Return the error for a status other than 200, with the ``detail`` of its body."""
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
    """Return the names of the parameters in FastAPI's list of ``{loc, msg, type}``."""
    try:
        problems = msgspec.convert(detail, list[_Problem])
    except msgspec.ValidationError:
        return ""
    names = (
        ".".join(part for part in problem.loc if isinstance(part, str) and _NAME.match(part))
        for problem in problems
    )
    return ", ".join(sorted({name for name in names if name})[:5])
