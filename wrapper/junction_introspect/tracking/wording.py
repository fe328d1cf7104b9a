"""Explains each verdict and what to do about it, for readers who have never seen the API."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from attrs import frozen

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
    "Ask Junction support what it means, or update this package, which may know it by then."
)
_IN_USE: Final = (
    "Ask the user whether {0.provider}'s own app shows recent {0.resource} data; if not, the device"
    " is not worn or does not sync."
)

# An explanation and an advice for each row of the table; a `_Phrases` fills in the placeholders.
_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "1": (
        "the user has no connection to {0.provider}{0.earlier_data}",
        "Ask the user to connect {0.provider}.",
    ),
    "2": (
        "the connection to {0.provider} has been broken{0.errored}: {0.connection_reason}",
        "Ask the user to connect {0.provider} again; no data comes until then.",
    ),
    "2j": (
        "the connection to {0.provider} has been broken{0.errored}: {0.connection_reason}",
        "Ask Junction support why; no data comes until the user has connected {0.provider} again.",
    ),
    "2b": (
        f"the connection to {{0.provider}} has the status {{0.connection_status}}, {_UNLISTED}",
        _ASK_ABOUT_IT,
    ),
    "3": (
        "the user denied a permission that {0.resource} from {0.provider} needs: {0.denied}",
        "Ask the user to connect {0.provider} again and to allow access to {0.resource}.",
    ),
    "3b": (
        "{0.provider} does not offer {0.resource} to this user, and no permission is missing",
        "Nobody has to act; do not expect {0.resource} from {0.provider}.",
    ),
    "4s": (
        "the backfill of past {0.resource} data {0.backfill}; more than {0.limit} is too long",
        ASK_SUPPORT,
    ),
    "4": (
        "the backfill of past {0.resource} data {0.backfill}",
        "Look again later; Junction is still at work.",
    ),
    "4b": (
        (
            "the backfill of past {0.resource} data has the status {0.backfill_status},"
            f" {_UNLISTED}"
        ),
        _ASK_ABOUT_IT,
    ),
    "4c": (
        "the backfill of past {0.resource} data failed{0.ended}: {0.backfill_reason}",
        "{0.backfill_advice}",
    ),
    "4d": (
        (
            "the backfill of past {0.resource} data ended{0.ended} without any data, and none has"
            " come since"
        ),
        _IN_USE,
    ),
    "4e": (
        "{0.provider} was not asked for past {0.resource} data, and none has come since",
        "Nobody has to act; not every provider has every resource.",
    ),
    "4f": (
        (
            "{0.provider} has been connected{0.connected}, and Junction reports nothing about any"
            " of its resources"
        ),
        "Look again in a few hours if the connection is new; otherwise ask Junction support.",
    ),
    "5": (
        "the last attempt to get {0.resource} data from {0.provider} failed{0.attempted}{0.up_to}",
        "Junction will try again by itself; ask its support if that still fails tomorrow.",
    ),
    "5b": (
        (
            "Junction last asked {0.provider} for {0.resource} data{0.attempted}, but should ask"
            " every 15 minutes or so"
        ),
        ASK_SUPPORT,
    ),
    "5c": (
        "Junction asks {0.provider} for {0.resource} data, but the newest is of {0.newest}",
        _IN_USE,
    ),
    "5d": ("{0.provider} has sent no new {0.resource} data{0.silence}", _IN_USE),
    "5d phone": (
        "the user's phone has sent no {0.resource} data from {0.provider}{0.silence}",
        "Ask the user to open your app, which sends it, and to let it run in the background.",
    ),
    "5d unknown": (
        (
            "no {0.resource} data has come from {0.provider}{0.silence}, and it is not known"
            " whether this provider announces new data or has to be asked"
        ),
        _IN_USE,
    ),
    "5e": (
        "nothing shows whether {0.resource} data ever came from {0.provider}, or why it did not",
        "Look again tomorrow, and ask Junction support if nothing has changed.",
    ),
    "6": (
        "{0.resource} data comes from {0.provider}{0.up_to}",
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
    phrases = _Phrases(case)
    explanation = explanation.format(phrases)
    if not case.looked:
        explanation += _NOT_LOOKED
    return f"{explanation[0].upper()}{explanation[1:]}.", advice.format(phrases)


@frozen
class _Phrases:
    """Fills in the placeholders of a row's words. An absent time leaves its phrase empty."""

    case: Case

    @property
    def provider(self) -> str:
        name = self.case.connection.name if self.case.connection else None
        return shown(name) if name else name_of(self.case.provider)

    @property
    def resource(self) -> str:
        name = shown((self.case.resource or "").replace("_", " "))
        return _ACRONYMS.get(name, name)

    @property
    def earlier_data(self) -> str:
        return self._time("; the newest data from an earlier one is of", self.case.newest_data)

    @property
    def errored(self) -> str:
        return self._time(
            " since", self.case.connection.errored_at if self.case.connection else None
        )

    @property
    def connected(self) -> str:
        return self._time(
            " since", self.case.connection.created_on if self.case.connection else None
        )

    @property
    def connection_reason(self) -> str:
        return connection_failure(self.case.error_type, self.provider)

    @property
    def connection_status(self) -> str:
        return f"“{shown(self.case.status or '')}”"

    @property
    def denied(self) -> str:
        return ", ".join(shown(scope) for scope in self.case.availability.denied.required)

    @property
    def backfill(self) -> str:
        pull = self.case.pull
        assert pull is not None  # noqa: S101 - only rows with a backfill use this phrase
        scheduled, began = pull.scheduled_at, pull.started_at or pull.scheduled_at
        if pull.status == "scheduled":
            return f"was scheduled{self._time(' at', scheduled)} and has not started"
        if pull.status == "retrying":
            return f"failed at first and is being tried again{self._time(', since', began)}"
        return "is running" if began is None else f"has been running{self._time(' since', began)}"

    @property
    def limit(self) -> str:
        limits, pull = self.case.limits, self.case.pull
        assert pull is not None  # noqa: S101 - as above
        return in_words(getattr(limits, str(pull.status)))

    @property
    def backfill_status(self) -> str:
        return f"“{shown(str(self.case.pull.status if self.case.pull else None))}”"

    @property
    def ended(self) -> str:
        return self._time(" at", self.case.pull.ended_at if self.case.pull else None)

    @property
    def backfill_reason(self) -> str:
        return self._backfill_failure[0]

    @property
    def backfill_advice(self) -> str:
        return self._backfill_failure[1]

    @property
    def _backfill_failure(self) -> tuple[str, str]:
        pull = self.case.pull
        assert pull is not None  # noqa: S101 - as above
        return backfill_failure(pull.error_details, pull.error_kind)

    @property
    def attempted(self) -> str:
        return self._time(" at", self.case.attempted_at)

    @property
    def newest(self) -> str:
        return self._time("", self.case.newest_data).strip()

    @property
    def up_to(self) -> str:
        return self._time("; the newest is of", self.case.newest_data)

    @property
    def silence(self) -> str:
        return self._time(" since", self.case.attempted_at)

    def _time(self, before: str, moment: datetime | None) -> str:
        return "" if moment is None else f"{before} {since(moment, self.case.now)}"
