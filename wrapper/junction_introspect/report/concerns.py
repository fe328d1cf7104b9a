"""Decides which pulls need somebody to act, why, and whose turn it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import frozen

from junction_introspect.operations.historical_pulls import HistoricalPull
from junction_introspect.report.wording import CONCERNS, Concern
from junction_introspect.tracking import Finding, Problem, State, Thresholds, Turn
from junction_introspect.tracking.diagnosis import diagnose
from junction_introspect.tracking.failures import backfill_failure
from junction_introspect.tracking.states import in_utc

_FAILURES: Final[Mapping[State, Concern]] = {
    "failed_final": "failed_final",
    "failed_retriable": "failed_retriable",
}
PROBLEMS: Final[Mapping[Problem, Concern]] = {
    "not_started": "stuck",
    "not_finished": "stuck",
    "still_retrying": "stuck",
    "success_without_data": "no_data",
    "final_without_end": "contradiction",
    "ended_before_start": "contradiction",
}


@frozen
class Need:
    """Why a pull needs somebody to act.

    Attributes:
        pull: The row.
        concern: The most important reason.
        turn: Whose turn it is, as `tracking.diagnose` decides from the pull only.
        words: What happened, for every reason, and what to do.
        since: Since when the pull has been in this condition.
        overdue: By how much it exceeds its threshold; None if it has none.
    """

    pull: HistoricalPull
    concern: Concern
    turn: Turn
    words: str
    since: datetime | None
    overdue: timedelta | None

    def rank(self, now: datetime) -> tuple[Any, ...]:
        """Return the sort key among the needs of one concern; the greatest is the most important.

        Overdue pulls are ordered by how long they are overdue, all others by how recent they are.
        The pull's key breaks ties, so that the result does not depend on the order of the rows.
        """
        key = (self.pull.user_id.int, self.pull.provider, self.pull.resource)
        if self.overdue is not None:
            return (1, self.overdue, key)
        return (0, key) if self.since is None else (1, in_utc(self.since) - now, key)


def need_of(
    row: HistoricalPull,
    state: State,
    findings: Iterable[Finding],
    now: datetime,
    thresholds: Thresholds,
) -> Need | None:
    """Return why a pull needs somebody to act, or None if nobody has to.

    Args:
        row: The pull.
        state: Its state.
        findings: What `tracking.stuck` found about it.
        now: The time to measure from.
        thresholds: How long is too long.
    """
    reasons = sorted(_reasons(row, state, findings), key=lambda each: CONCERNS.index(each[0]))
    if not reasons:
        return None
    concern, _, finding = reasons[0]
    (diagnosis,) = diagnose(None, [row], (), now, thresholds)
    happened = " ".join(f"{words[0].upper()}{words[1:]}." for _, words, _ in reasons)
    return Need(
        row,
        concern,
        diagnosis.turn,
        f"{happened} {diagnosis.advice}",
        finding.since if finding and finding.since else row.ended_at or row.started_at,
        finding.overdue if finding else None,
    )


def _reasons(
    row: HistoricalPull, state: State, findings: Iterable[Finding]
) -> Iterator[tuple[Concern, str, Finding | None]]:
    if state in _FAILURES:
        yield _FAILURES[state], backfill_failure(row.error_details, row.error_kind)[0], None
    for finding in findings:
        yield PROBLEMS[finding.problem], finding.explanation, finding
