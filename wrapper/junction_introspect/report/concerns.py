"""Which pulls need somebody to act, why, and whose turn it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import frozen

from junction_introspect.operations.historical_pulls import HistoricalPull
from junction_introspect.report.wording import CONCERNS, PROBLEMS, Concern, Turn, error_words
from junction_introspect.tracking import Finding, Problem, State
from junction_introspect.tracking.states import in_utc

_FAILURES: Final[Mapping[State, Concern]] = {
    "failed_final": "failed_final",
    "failed_retriable": "failed_retriable",
}
_PROBLEMS: Final[Mapping[Problem, Concern]] = {
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
        turn: Whose turn that makes it.
        words: What happened and what to do, for every reason.
        since: Since when it has stood so.
        overdue: How much too long that is, where there is a measure.
    """

    pull: HistoricalPull
    concern: Concern
    turn: Turn
    words: str
    since: datetime | None
    overdue: timedelta | None

    def rank(self, now: datetime) -> tuple[Any, ...]:
        """Return what to order the needs of one concern by: the greater, the more important.

        What is overdue goes by how much, everything else by how recent it is. The key decides where
        that is even, so that the order of the rows does not.
        """
        key = (self.pull.user_id.int, self.pull.provider, self.pull.resource)
        if self.overdue is not None:
            return (1, self.overdue, key)
        return (0, key) if self.since is None else (1, in_utc(self.since) - now, key)


def need_of(row: HistoricalPull, state: State, findings: Iterable[Finding]) -> Need | None:
    """Return why a pull needs somebody to act, or None where it does not.

    Args:
        row: The pull.
        state: Its state.
        findings: What `tracking.stuck` found about it.
    """
    reasons = sorted(_reasons(row, state, findings), key=lambda each: CONCERNS.index(each[0]))
    if not reasons:
        return None
    concern, turn, _, finding = reasons[0]
    return Need(
        row,
        concern,
        turn,
        " ".join(words for _, _, words, _ in reasons),
        finding.since if finding and finding.since else row.ended_at or row.started_at,
        finding.overdue if finding else None,
    )


def _reasons(
    row: HistoricalPull, state: State, findings: Iterable[Finding]
) -> Iterator[tuple[Concern, Turn, str, Finding | None]]:
    if state in _FAILURES:
        yield _FAILURES[state], *error_words(row.error_details, row.error_kind), None
    for finding in findings:
        turn, advice = PROBLEMS[finding.problem]
        happened = finding.explanation[0].upper() + finding.explanation[1:]
        yield _PROBLEMS[finding.problem], turn, f"{happened}. {advice}", finding
