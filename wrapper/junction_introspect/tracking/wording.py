"""Explains each verdict and what to do about it, for readers who have never seen the API."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

from junction_introspect.operations.historical_pulls import HistoricalPull
from junction_introspect.tracking.cases import Case
from junction_introspect.tracking.failures import (
    ASK_SUPPORT,
    backfill_failure,
    connection_failure,
)
from junction_introspect.tracking.text import in_words, name_of, shown, since
from junction_introspect.tracking.verdicts import Row

_ACRONYMS: Final = {"hrv": "HRV", "ige": "IgE", "igg": "IgG", "vo2 max": "VO2 max"}
_NOT_LOOKED: Final = "; the user's connections were not looked at"
_UNLISTED: Final = "which is not listed in this version's specification"
_ASK_ABOUT_IT: Final = (
    "Ask Junction support what it means, or update this package; a newer version may know it."
)
_IN_USE: Final = (
    "Ask the user whether {provider}'s own app shows recent {resource} data; if not, the device"
    " is not worn or does not sync."
)

# An explanation and an advice for each row of the table. `_phrases` has what the placeholders stand
# for; in `{ended: at}`, the words after the colon come before the time, if there is one.
_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "1": (
        (
            "the user has no connection to {provider}"
            "{newest:; the newest data from an earlier one is of}"
        ),
        "Ask the user to connect {provider}.",
    ),
    "2": (
        "the connection to {provider} has been broken{errored: since}: {connection_reason}",
        "Ask the user to connect {provider} again; no data comes until then.",
    ),
    "2j": (
        "the connection to {provider} has been broken{errored: since}: {connection_reason}",
        "Ask Junction support why; no data comes until the user has connected {provider} again.",
    ),
    "2b": (
        f"the connection to {{provider}} has the status {{connection_status}}, {_UNLISTED}",
        _ASK_ABOUT_IT,
    ),
    "3": (
        "the user denied a permission that {resource} from {provider} needs: {denied}",
        "Ask the user to connect {provider} again and to allow access to {resource}.",
    ),
    "3b": (
        "{provider} does not offer {resource} to this user, and no permission is missing",
        "Nobody has to act; do not expect {resource} from {provider}.",
    ),
    "4s": (
        "the backfill of past {resource} data {backfill}; more than {limit} is too long",
        ASK_SUPPORT,
    ),
    "4": (
        "the backfill of past {resource} data {backfill}",
        "Look again later; Junction is still at work.",
    ),
    "4b": (
        (f"the backfill of past {{resource}} data has the status {{backfill_status}}, {_UNLISTED}"),
        _ASK_ABOUT_IT,
    ),
    "4c": (
        "the backfill of past {resource} data failed{ended: at}: {backfill_reason}",
        "{backfill_advice}",
    ),
    "4d": (
        (
            "the backfill of past {resource} data ended{ended: at} without any data, and none has"
            " come since"
        ),
        _IN_USE,
    ),
    "4e": (
        "{provider} was not asked for past {resource} data, and none has come since",
        "Nobody has to act; not every provider has every resource.",
    ),
    "4f": (
        (
            "{provider} has been connected{connected: since}, and Junction reports nothing about"
            " any of its resources"
        ),
        "Look again in a few hours if the connection is new; otherwise ask Junction support.",
    ),
    "5": (
        (
            "the last attempt to get {resource} data from {provider} failed{attempted: at}"
            "{newest:; the newest is of}"
        ),
        "Junction will try again by itself; ask its support if that still fails tomorrow.",
    ),
    "5b": (
        (
            "Junction last asked {provider} for {resource} data{attempted: at}, but should ask"
            " every 15 minutes or so"
        ),
        ASK_SUPPORT,
    ),
    "5c": (
        "Junction asks {provider} for {resource} data, but the newest{newest: is of}",
        _IN_USE,
    ),
    "5d": ("{provider} has sent no new {resource} data{attempted: since}", _IN_USE),
    "5d phone": (
        "the user's phone has sent no {resource} data from {provider}{attempted: since}",
        "Ask the user to open your app, which sends it, and to let it run in the background.",
    ),
    "5d unknown": (
        (
            "no {resource} data has come from {provider}{attempted: since}, and it is not known"
            " whether this provider announces new data or has to be asked"
        ),
        _IN_USE,
    ),
    "5e": (
        "nothing shows whether {resource} data ever came from {provider}, or why it did not",
        "Look again tomorrow, and ask Junction support if nothing has changed.",
    ),
    "6": (
        "{resource} data comes from {provider}{newest:; the newest is of}",
        "Nobody has to act here; if you miss data, look at your webhooks and at your own import.",
    ),
}


def words(case: Case, row: Row) -> tuple[str, str]:
    """Return an explanation and an advice, one sentence each, with times and without ids.

    Args:
        case: What is known about the resource or the connection.
        row: The row of the table that decides the case.
    """
    delivered = f"{row.name} {case.delivery}"
    explanation, advice = _WORDS.get(delivered, _WORDS[row.name])
    phrases = _phrases(case)
    explanation = explanation.format_map(phrases)
    if not case.looked:
        explanation += _NOT_LOOKED
    return f"{explanation[0].upper()}{explanation[1:]}.", advice.format_map(phrases)


@frozen
class _Time:
    """A time in a sentence. Its format is the words before it; an absent time needs none."""

    moment: datetime | None
    now: datetime

    def __format__(self, before: str) -> str:
        return "" if self.moment is None else f"{before} {since(self.moment, self.now)}"


def _phrases(case: Case) -> dict[str, object]:
    """Return what the placeholders stand for."""
    connection, pull, now = case.connection, case.pull, case.now
    name = connection.name if connection else None
    provider = shown(name) if name else name_of(case.provider)
    resource = shown((case.resource or "").replace("_", " "))
    phrases: dict[str, object] = {
        "provider": provider,
        "resource": _ACRONYMS.get(resource, resource),
        "denied": ", ".join(map(shown, case.availability.denied.required)),
        "attempted": _Time(case.attempted_at, now),
        "newest": _Time(case.newest_data, now),
    }
    if connection is not None:
        phrases |= {
            "connected": _Time(connection.created_on, now),
            "errored": _Time(connection.errored_at, now),
            "connection_reason": connection_failure(connection.error_type, provider),
            "connection_status": f"“{shown(connection.status)}”",
        }
    if pull is not None:
        reason, advice = backfill_failure(pull.error_details, pull.error_kind)
        phrases |= {
            "ended": _Time(pull.ended_at, now),
            "backfill": _progress(pull, now),
            "backfill_status": f"“{shown(pull.status or '')}”",
            "backfill_reason": reason,
            "backfill_advice": advice,
            # A threshold has the name of the status that it is for.
            "limit": in_words(getattr(case.limits, pull.status or "", timedelta())),
        }
    return phrases


def _progress(pull: HistoricalPull, now: datetime) -> str:
    """Return how far a backfill has come that has not ended."""
    scheduled, began = (
        _Time(pull.scheduled_at, now),
        _Time(pull.started_at or pull.scheduled_at, now),
    )
    match pull.status:
        case "scheduled":
            return f"was scheduled{scheduled: at} and has not started"
        case "retrying":
            return f"failed at first and is being tried again{began:, since}"
        case _:
            return f"has been running{began: since}" if began.moment else "is running"
