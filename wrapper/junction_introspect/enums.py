"""Which enum values the specification lists, and what an error value means.

The API declares every enum non-exhaustive, so an unknown value is data and not an error. It stays a
plain `str`, exactly as the server sent it. A type checker sees it as `Unrecognized`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias, TypeVar

from junction_api import enums

if TYPE_CHECKING:
    from typing_extensions import TypeIs
else:
    from typing import TypeGuard as TypeIs  # at run time the same; TypeIs needs Python 3.13

__all__ = [
    "FINAL_STATUSES",
    "LAB_VALUES",
    "NON_RETRIABLE_ERROR_VALUES",
    "PROVIDER_VALUES",
    "RESOURCE_VALUES",
    "RETRIABLE_ERROR_VALUES",
    "STATUS_VALUES",
    "ErrorKind",
    "error_kind",
    "is_final",
    "is_recognized",
]

T = TypeVar("T", bound=str)

LAB_VALUES: Final = enums.LABS_VALUES
PROVIDER_VALUES: Final = enums.PROVIDERS_VALUES
RESOURCE_VALUES: Final = enums.CLIENT_FACING_RESOURCE_VALUES
STATUS_VALUES: Final = enums.HISTORICAL_PULL_STATUS_VALUES
RETRIABLE_ERROR_VALUES: Final = enums.HISTORICAL_PULL_RETRIABLE_ERROR_DETAILS_VALUES
NON_RETRIABLE_ERROR_VALUES: Final = enums.HISTORICAL_PULL_NON_RETRIABLE_ERROR_DETAILS_VALUES

ErrorKind: TypeAlias = Literal["retriable", "non_retriable", "unrecognized"]

# `failure` is final even with a retriable error, by the vendor's documentation.
FINAL_STATUSES: Final = frozenset({"success", "failure"})


def is_recognized(value: str, known_values: frozenset[T]) -> TypeIs[T]:
    """Tell whether the specification lists a value. Type checkers narrow the value's type by it.

    Args:
        value: A value as the server sent it.
        known_values: One of `PROVIDER_VALUES`, `LAB_VALUES`, `RESOURCE_VALUES`, `STATUS_VALUES`,
            `RETRIABLE_ERROR_VALUES` and `NON_RETRIABLE_ERROR_VALUES`.
    """
    return value in known_values


def error_kind(error_details: str | None) -> ErrorKind | None:
    """Tell who has to act on an error. None if there is no error.

    - ``"retriable"``: the vendor retries, unless the status is final.
    - ``"non_retriable"``: the vendor does not retry, so somebody must act.
    - ``"unrecognized"``: the specification lists the value in neither set, so it is unknown.
    """
    if error_details is None:
        return None
    if error_details in RETRIABLE_ERROR_VALUES:
        return "retriable"
    if error_details in NON_RETRIABLE_ERROR_VALUES:
        return "non_retriable"
    return "unrecognized"


def is_final(status: str) -> bool:
    """Tell whether a status can no longer change. An unrecognized status is not final."""
    return status in FINAL_STATUSES
