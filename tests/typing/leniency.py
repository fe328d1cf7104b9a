"""Checked by mypy and pyright, never run: the types make a caller handle what the spec leaves open.

An expected error stands behind an ignore of its own; both checkers report an ignore that has
nothing left to ignore.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal, assert_never, assert_type
from uuid import UUID

from junction_introspect import (
    NON_RETRIABLE_ERROR_VALUES,
    PROVIDER_VALUES,
    RETRIABLE_ERROR_VALUES,
    STATUS_VALUES,
    HistoricalPull,
    Junction,
    Unrecognized,
    error_kind,
    is_recognized,
)

if TYPE_CHECKING:
    from junction_api.models import HistoricalPullStatus


def exhaustive(status: HistoricalPullStatus) -> str:
    """A match that handles every listed status and what is not listed."""
    match status:
        case "success" | "failure":
            return "settled"
        case "scheduled" | "in_progress" | "retrying":
            return "under way"
        case _:
            assert_type(status, Unrecognized)
            return f"ask what {status} means"


def without_unrecognized(status: HistoricalPullStatus) -> str:
    """A match that forgets what is not listed."""
    match status:
        case "success" | "failure":
            return "settled"
        case "scheduled" | "in_progress" | "retrying":
            return "under way"
        case _:
            assert_never(status)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def without_one_status(status: HistoricalPullStatus) -> str:
    """A match that forgets a listed status."""
    match status:
        case "success" | "failure" | "scheduled" | "in_progress":
            return "known"
        case "retrying":
            return "again"
        case _:
            return unrecognized(status)


def unrecognized(value: Unrecognized) -> str:
    """Take what is not listed alone."""
    return value


def narrowed(status: HistoricalPullStatus) -> None:
    """The answer of `is_recognized` narrows both ways."""
    if is_recognized(status, STATUS_VALUES):
        assert_type(status, Literal["failure", "in_progress", "retrying", "scheduled", "success"])
    else:
        assert_type(status, Unrecognized)


def filters(junction: Junction, name: str) -> None:
    """A listed provider or lab completes, and any other string is accepted.

    Names come from columns, settings and arguments, as `str`; the vendor adds providers faster than
    a specification says so; and the API refuses one that it does not know. `is_recognized` tells
    whether the specification lists it.
    """
    junction.historical_pulls(provider="fitbit")
    junction.historical_pulls(provider="quest")
    junction.historical_pulls(provider=Unrecognized("neo_ring"))
    junction.historical_pulls(provider=name)
    junction.resources(provider=name)
    junction.historical_pulls(provider=7)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    if is_recognized(name, PROVIDER_VALUES):
        junction.historical_pulls(provider=name)
    junction.historical_pulls(user_limit="50")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def rows_have_no_unset(row: HistoricalPull) -> None:
    """What the server left out is None, never the generator's marker."""
    assert_type(row.user_id, UUID)
    assert_type(row.range_start, datetime | None)
    assert_type(row.ended_at, datetime | None)
    assert_type(row.days_with_data, int)
    assert_type(row.trace_id, str | None)
    assert_type(row.release, str | None)
    assert_type(row.settled, bool)
    assert_type(row.error_kind, Literal["retriable", "non_retriable", "unrecognized"] | None)
    if row.error_details is not None:
        is_recognized(row.error_details, RETRIABLE_ERROR_VALUES | NON_RETRIABLE_ERROR_VALUES)
        assert_type(
            error_kind(row.error_details),
            Literal["retriable", "non_retriable", "unrecognized"] | None,
        )
    row.status = "success"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


class OfTeam(HistoricalPull):
    """A row with methods of the caller's."""

    @property
    def title(self) -> str:
        """Its fields can be used, and the constructor stays."""
        return f"{self.provider} {self.resource}"


def subclassed(user_id: UUID) -> None:
    """A row may be subclassed."""
    assert_type(OfTeam(user_id=user_id, provider="oura", resource="sleep").title, str)
