"""Holds the report's words for states, turns, concerns and errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias, get_args

from junction_introspect.enums import ErrorKind
from junction_introspect.tracking import State, Turn
from junction_introspect.tracking.failures import backfill_failure

# From the most important to the least.
Concern: TypeAlias = Literal[
    "failed_final", "stuck", "failed_retriable", "no_data", "contradiction"
]
CONCERNS: Final[tuple[Concern, ...]] = get_args(Concern)

TURN_LABELS: Final[Mapping[Turn, str]] = {
    "user": "The user",
    "team": "You",
    "junction": "Junction support",
    "unknown": "Unclear",
    "nobody": "Nobody",
}

CONCERN_LABELS: Final[Mapping[Concern, str]] = {
    "failed_final": "Failed for good",
    "stuck": "Stuck",
    "failed_retriable": "Failed, may work later",
    "no_data": "Succeeded without data",
    "contradiction": "Contradicts itself",
}

STATE_LABELS: Final[Mapping[State, str]] = {
    "succeeded": "Succeeded",
    "waiting": "Waiting",
    "failed_retriable": "Failed, may work later",
    "failed_final": "Failed for good",
    "not_pulled": "Not pulled",
    "unrecognized": "Unknown status",
}

STATE_MEANINGS: Final[Mapping[State, str]] = {
    "succeeded": "The backfill ended successfully. Some days may have no data, because the device"
    " was not worn or the provider has none.",
    "waiting": "Scheduled, in progress or being retried: Junction is working on it, and data may"
    " still come. Pulls that make no progress for too long are listed as stuck.",
    "failed_retriable": "It ended with an error that comes and goes, such as a provider’s rate"
    " limit. Junction has stopped trying; connecting again may help.",
    "failed_final": "It failed with an error that stays until somebody acts, or without giving an"
    " error. No data will come by itself.",
    "not_pulled": "The provider was not asked for this resource, so there is no history of it."
    " Nobody has to act because of that.",
    "unrecognized": "The status is not listed in this version’s specification, so it is unknown"
    " whether the pull has ended.",
}

STATE_TURNS: Final[Mapping[State, str]] = {
    "succeeded": "Nobody’s",
    "waiting": "Junction’s",
    "failed_retriable": "Yours",
    "failed_final": "Yours",
    "not_pulled": "Nobody’s",
    "unrecognized": "Unclear",
}


def error_words(error: str | None, kind: ErrorKind | None) -> str:
    """Return what an error of a failed pull means and what to do about it, as two sentences.

    Args:
        error: The error as the server sent it; None if it sent none.
        kind: The kind of the error; None if there is no error.
    """
    reason, advice = backfill_failure(error, kind)
    return f"{reason[0].upper()}{reason[1:]}. {advice}"
