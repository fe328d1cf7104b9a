"""Holds the table that decides why a user has no data. The first row that applies decides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, TypeAlias, get_args

from attrs import frozen

from junction_api.enums import ENUM_VALUES
from junction_introspect.tracking.cases import Case
from junction_introspect.tracking.failures import CONNECTION_ERRORS

# Diagnoses of a provider are listed in this order among those with the same turn.
Verdict: TypeAlias = Literal[
    "not_connected",
    "connection_error",
    "not_granted",
    "backfill_failed",
    "backfill_stuck",
    "attempts_failing",
    "polling_late",
    "no_new_data",
    "silent",
    "backfill_empty",
    "backfill_waiting",
    "cannot_tell",
    "not_available",
    "not_pulled",
    "receiving",
]
VERDICTS: Final[tuple[Verdict, ...]] = get_args(Verdict)

Turn: TypeAlias = Literal["user", "team", "junction", "unknown", "nobody"]
TURNS: Final[tuple[Turn, ...]] = get_args(Turn)

# Junction has to explain these errors of a connection, and any that is not listed. The user fixes
# all others by connecting again.
_JUNCTIONS_ERRORS: Final = frozenset({"unknown", "webhook_registration_failed"})
_LISTED: Final = frozenset(CONNECTION_ERRORS) | ENUM_VALUES.get(
    "ConnectionErrorDetailsErrorType", frozenset()
)


@frozen
class Row:
    """One row of the table.

    Attributes:
        name: The number of the row; `wording` looks up its words by it.
        verdict: The verdict; programs may rely on it.
        turn: Whose turn it is; programs may rely on it.
        applies: Tells whether the row applies to a case.
    """

    name: str
    verdict: Verdict
    turn: Turn
    applies: Callable[[Case], bool]


def connection_row(case: Case) -> Row | None:
    """Return the row that decides a whole connection, or None to decide each resource."""
    return next((row for row in CONNECTION_ROWS if row.applies(case)), None)


def resource_row(case: Case) -> Row:
    """Return the row that decides a resource."""
    return next(row for row in RESOURCE_ROWS if row.applies(case))


def _unavailable(case: Case) -> bool:
    return case.availability.status == "unavailable"


def _denied(case: Case) -> bool:
    return _unavailable(case) and bool(case.availability.denied.required)


def _users_error(case: Case) -> bool:
    return case.status == "error" and case.error_type in _LISTED - _JUNCTIONS_ERRORS


def _polled_late(case: Case) -> bool:
    return case.delivery == "poll" and case.is_older(case.attempted_at, case.limits.polling)


def _no_new_data(case: Case) -> bool:
    limit = case.longest_gap(case.limits.daily_data)
    return case.delivery == "poll" and case.is_older(case.newest_data, limit)


def _silent(case: Case) -> bool:
    limit = case.longest_gap(case.limits.silence)
    return case.delivery != "poll" and case.is_older(case.attempted_at, limit)


CONNECTION_ROWS: Final[tuple[Row, ...]] = (
    Row("1", "not_connected", "user", lambda case: case.looked and case.connection is None),
    Row("2", "connection_error", "user", _users_error),
    Row("2j", "connection_error", "junction", lambda case: case.status == "error"),
    Row("2b", "cannot_tell", "unknown", lambda case: case.status not in {"connected", None}),
)
RESOURCE_ROWS: Final[tuple[Row, ...]] = (
    Row("3", "not_granted", "user", _denied),
    Row("3b", "not_available", "nobody", _unavailable),
    Row("4s", "backfill_stuck", "junction", lambda case: case.standstill is not None),
    Row("4", "backfill_waiting", "junction", lambda case: case.backfill == "waiting"),
    Row("4b", "cannot_tell", "unknown", lambda case: case.backfill == "unrecognized"),
    Row("4c", "backfill_failed", "team", lambda case: (case.backfill or "").startswith("failed")),
    Row(
        "4d",
        "backfill_empty",
        "user",
        lambda case: case.backfill == "succeeded" and not case.has_data,
    ),
    Row(
        "4e",
        "not_pulled",
        "nobody",
        lambda case: case.backfill == "not_pulled" and not case.has_data,
    ),
    Row("4f", "cannot_tell", "unknown", lambda case: case.resource is None),
    Row("5", "attempts_failing", "junction", lambda case: case.attempt == "failure"),
    Row("5b", "polling_late", "junction", _polled_late),
    Row("5c", "no_new_data", "user", _no_new_data),
    Row("5d", "silent", "user", _silent),
    Row("5e", "cannot_tell", "unknown", lambda case: not case.has_data),
    Row("6", "receiving", "nobody", lambda _: True),
)
