"""What the errors of connections and backfills mean, and what to do about a failed backfill."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from junction_introspect.enums import ErrorKind
from junction_introspect.tracking.text import shown

ASK_SUPPORT: Final = "Ask Junction support and quote the trace id."
_CONNECT_AGAIN: Final = "Have the user connect again later, which schedules a new backfill."
_ACCESS: Final = (
    "Have the user connect again, since access may have been withdrawn; if the new backfill fails"
    " as well, ask Junction support and quote the trace id."
)

# The specification only names these errors; the words are our reading of the names.
_BACKFILLS: Final[Mapping[str, tuple[str, str]]] = {
    "non_retriable_error": ("an error that a retry does not fix", _ACCESS),
    "retry_quota_exhausted": ("Junction tried as often as it may, and stopped", _CONNECT_AGAIN),
    "unexpected_error": ("Junction ran into an error that it did not expect", ASK_SUPPORT),
    "provider_rate_limit_exceeded": (
        "the provider took no more requests at the time",
        _CONNECT_AGAIN,
    ),
    "provider_unavailable": ("the provider could not be reached", _CONNECT_AGAIN),
    "resource_contention": (
        "something else was at work on the same data at the time",
        _CONNECT_AGAIN,
    ),
    "transport_failure": (
        "the network failed between Junction and the provider",
        _CONNECT_AGAIN,
    ),
}

# For errors that have no words above, such as those of a newer specification.
_KINDS: Final[Mapping[ErrorKind, tuple[str, str]]] = {
    "retriable": ("{}, an error that comes and goes", _CONNECT_AGAIN),
    "non_retriable": ("{}, an error that stays until somebody acts", ASK_SUPPORT),
    "unrecognized": (
        "{}, an error that is not listed in this version's specification",
        ASK_SUPPORT,
    ),
}
_NO_REASON: Final = (
    "no reason is given (connections made before May 2025 have none)",
    _CONNECT_AGAIN,
)

CONNECTION_ERRORS: Final[Mapping[str, str]] = {
    "deregistered_per_provider": "{} says that the user has removed the connection there",
    "provider_credential_error": "{} does not accept the user's name or password",
    "provider_password_expired": "the user's password at {} has expired",
    "required_scopes_not_granted": "the user did not grant a permission that is required",
    "token_refresh_failed": "Junction's access to {} has ended and could not be renewed",
    "unknown": "Junction does not know why",
    "user_not_found": "{} no longer knows the user's account",
    "webhook_registration_failed": "Junction could not register for the notifications of {}",
}


def backfill_failure(error: str | None, kind: ErrorKind | None) -> tuple[str, str]:
    """Return why a backfill failed, as a clause, and what to do about it, as a sentence.

    Args:
        error: The error as the server sent it; None if it sent none.
        kind: The kind of the error; None if there is no error.
    """
    if error is None or kind is None:
        return _NO_REASON
    if error in _BACKFILLS:
        return _BACKFILLS[error]
    reason, advice = _KINDS[kind]
    return reason.format(f"“{shown(error)}”"), advice


def connection_failure(error_type: str | None, provider: str) -> str:
    """Return why a connection is in error, as a clause.

    Args:
        error_type: The type as the server sent it; None if it sent none.
        provider: The provider's name.
    """
    if error_type is None:
        return "no reason is given"
    if error_type in CONNECTION_ERRORS:
        return CONNECTION_ERRORS[error_type].format(provider)
    return f"the reason given is “{shown(error_type)}”"
