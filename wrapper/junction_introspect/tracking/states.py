"""Defines the state of a row, which says whose turn it is. Every row has exactly one state."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple, TypeAlias, get_args
from uuid import UUID

from junction_introspect.enums import STATUS_VALUES, is_final, is_recognized
from junction_introspect.operations.historical_pulls import HistoricalPull
from junction_introspect.operations.resources import ResourceStatistics

State: TypeAlias = Literal[
    "succeeded", "waiting", "failed_retriable", "failed_final", "not_pulled", "unrecognized"
]
STATES: Final[tuple[State, ...]] = get_args(State)


class Key(NamedTuple):
    """Identifies a row: one resource of one user from one provider."""

    user_id: UUID
    provider: str
    resource: str


def key_of(row: HistoricalPull | ResourceStatistics) -> Key:
    """Return the key of a row."""
    return Key(row.user_id, row.provider, row.resource)


def state_of(row: HistoricalPull) -> State:
    """Return the state of a row.

    ``"succeeded"``: the backfill has ended successfully, with or without data.
    ``"waiting"``: scheduled, in progress or retrying; the vendor's turn.
    ``"failed_retriable"``: ended with an error that comes and goes; connecting again may help.
    ``"failed_final"``: failed with an error that stays until somebody acts, or without an error.
    ``"not_pulled"``: the provider was not asked for this resource.
    ``"unrecognized"``: the specification does not list the status, so its meaning is unknown.
    """
    status = row.status
    if status is None:
        return "not_pulled"
    if not is_recognized(status, STATUS_VALUES):
        return "unrecognized"
    if not is_final(status):
        return "waiting"
    if status == "success":
        return "succeeded"
    return "failed_retriable" if row.error_kind == "retriable" else "failed_final"


def in_utc(moment: datetime) -> datetime:
    """Return a time with an offset, so that two can be compared; a missing offset means UTC."""
    return moment if moment.utcoffset() is not None else moment.replace(tzinfo=UTC)
