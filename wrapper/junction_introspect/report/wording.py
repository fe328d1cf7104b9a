"""Plain words for what the server says, and whose turn each of it makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

    from junction_introspect.enums import ErrorKind
    from junction_introspect.tracking import Problem, State

Turn: TypeAlias = Literal["you", "user", "junction"]
TURNS: Final[tuple[Turn, ...]] = get_args(Turn)

# From the most important to the least.
Concern: TypeAlias = Literal[
    "failed_final", "stuck", "failed_retriable", "no_data", "contradiction"
]
CONCERNS: Final[tuple[Concern, ...]] = get_args(Concern)

TURN_LABELS: Final[Mapping[Turn, str]] = {
    "you": "You",
    "user": "The user",
    "junction": "Junction support",
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
    "succeeded": "The backfill has ended well. Days may still be without data: the device was not"
    " worn, or the provider has none.",
    "waiting": "Scheduled, in progress or being retried: Junction is at it, and data may still"
    " come. Pulls that have stood still for too long are listed as stuck.",
    "failed_retriable": "It ended with an error that comes and goes, such as a provider’s rate"
    " limit. Junction has stopped trying; connecting again may help.",
    "failed_final": "It ended with an error that stays until somebody acts, or told none. No data"
    " will come by itself.",
    "not_pulled": "The provider was not asked for this resource, so there is no history of it."
    " Nobody has to act on that alone.",
    "unrecognized": "A status that is not listed in this version’s specification. Nobody can tell"
    " from here whether it has ended.",
}

STATE_TURNS: Final[Mapping[State, str]] = {
    "succeeded": "Nobody’s",
    "waiting": "Junction’s",
    "failed_retriable": "Yours",
    "failed_final": "See its error",
    "not_pulled": "Nobody’s",
    "unrecognized": "Unclear",
}

_AGAIN: Final = "Let the user connect again later: that schedules a new backfill."
_ASK: Final = "Ask Junction support; quote the trace id, if there is one."

# The specification names these errors and says no more of them: the words are read from the names.
_ERRORS: Final[Mapping[str, tuple[Turn, str]]] = {
    "non_retriable_error": (
        "user",
        "Trying again mends nothing; access may have been withdrawn. The user must connect again.",
    ),
    "retry_quota_exhausted": (
        "you",
        f"Junction tried as often as it may, and stopped. {_AGAIN}",
    ),
    "unexpected_error": ("junction", f"Something broke that Junction did not expect. {_ASK}"),
    "provider_rate_limit_exceeded": (
        "you",
        f"The provider took no more requests at the time. {_AGAIN}",
    ),
    "provider_unavailable": ("you", f"The provider could not be reached. {_AGAIN}"),
    "resource_contention": (
        "you",
        f"Something else was at work on the same data at the time. {_AGAIN}",
    ),
    "transport_failure": (
        "you",
        f"The network failed between Junction and the provider. {_AGAIN}",
    ),
}

# An error that a newer specification lists, and nobody has described here yet.
_KINDS: Final[Mapping[ErrorKind | None, tuple[Turn, str]]] = {
    "retriable": ("you", f"An error that comes and goes, by the specification. {_AGAIN}"),
    "non_retriable": (
        "you",
        f"An error that stays until somebody acts, by the specification. {_ASK}",
    ),
    "unrecognized": (
        "junction",
        f"An error that is not listed in this version’s specification. {_ASK}",
    ),
    None: (
        "you",
        f"No error was told; connections made before May 2025 have none. {_AGAIN}",
    ),
}

# What to do about a pull with a problem, and whose turn it is.
PROBLEMS: Final[Mapping[Problem, tuple[Turn, str]]] = {
    "not_started": ("junction", _ASK),
    "not_finished": ("junction", _ASK),
    "still_retrying": ("junction", _ASK),
    "final_without_end": ("junction", f"That cannot be right. {_ASK}"),
    "ended_before_start": ("junction", f"That cannot be right. {_ASK}"),
    "success_without_data": (
        "you",
        "See whether the user granted access to this resource, and has a device that measures it.",
    ),
}


def error_words(error: str | None, kind: ErrorKind | None) -> tuple[Turn, str]:
    """Return whose turn an error of a failed pull makes it, and what it means.

    Args:
        error: As the server sent it; None where it sent none.
        kind: Its kind.
    """
    return _ERRORS.get(error or "", _KINDS[kind])
