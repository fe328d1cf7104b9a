"""Builds a report from rows in one pass, and keeps in memory only what the report shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, cast
from uuid import UUID

from junction_introspect.enums import error_kind
from junction_introspect.operations.historical_pulls import HistoricalPull
from junction_introspect.report.concerns import Need, need_of
from junction_introspect.report.durations import Histogram
from junction_introspect.report.heat import heat_map, share_of
from junction_introspect.report.pseudonyms import Pseudonyms
from junction_introspect.report.selection import Greatest, allotted
from junction_introspect.report.values import Action, Course, ErrorCount, Report
from junction_introspect.report.wording import CONCERNS, Concern
from junction_introspect.tracking import Tally, Thresholds, Turn, state_of, stuck
from junction_introspect.tracking.states import in_utc
from junction_introspect.tracking.summary import tallies
from junction_introspect.tracking.text import shown

_Label = Callable[[str, HistoricalPull], str]

_MOST_COURSES: Final = 12
_MOST_ERRORS: Final = 20
# At most this many different errors are counted separately, so that a server that invents a new
# error for each pull cannot fill the memory.
_MOST_DISTINCT: Final = 1_000
_NOTHING: Final = timedelta()


def build(
    rows: Iterable[HistoricalPull] | Mapping[str, Iterable[HistoricalPull]],
    now: datetime,
    *,
    subject: str = "All users",
    show_user_ids: bool = False,
    pseudonyms: Pseudonyms | None = None,
    thresholds: Thresholds | None = None,
    most_actions: int = 3_000,
) -> Report:
    """Count and select what a report shows.

    Reads the rows once. Keeps two numbers per row and one per user, and of the rows only those that
    are shown.

    Args:
        rows: Any rows. Pages shift while users connect, and a row that occurs twice counts twice.
            For several teams, each team's rows by the team's name; then users are shown with their
            team, and a user id that occurs in two teams is two users.
        now: The time to measure from; read as UTC if it has no offset.
        subject: What the report is about; printed with its title.
        show_user_ids: Whether to show user ids. By default users have pseudonyms, which are the
            same throughout one report and different in every other report.
        pseudonyms: The pseudonyms to use; by default new ones.
        thresholds: How long is too long.
        most_actions: The largest number of pulls listed as needing somebody to act. With 3,000,
            the page is under 5 MB, whatever the server sends.

    Raises:
        ValueError: ``most_actions`` is negative.
    """
    if most_actions < 0:
        raise ValueError("most_actions must not be negative")
    teams = (
        cast("Mapping[str, Iterable[HistoricalPull]]", rows)
        if isinstance(rows, Mapping)
        else {"": rows}
    )
    names = pseudonyms or Pseudonyms()

    def label(team: str, row: HistoricalPull) -> str:
        name = str(row.user_id) if show_user_ids else names(row.user_id, team)
        return f"{shown(team)} {name}" if len(teams) > 1 else name

    gathered = _Gathering(in_utc(now), thresholds or Thresholds(), most_actions)
    total, by_resource = tallies(gathered.passing(teams))
    subject = ", ".join(map(shown, subject.split(", ")))
    return gathered.report(
        total, by_resource, label, subject=subject, pseudonymous=not show_user_ids
    )


class _Gathering:
    def __init__(self, now: datetime, thresholds: Thresholds, most_actions: int) -> None:
        self._now = now
        self._thresholds = thresholds
        self._most_actions = most_actions
        self._durations = Histogram()
        # Each row is kept with its team.
        self._slowest: Greatest[tuple[str, HistoricalPull]] = Greatest(_MOST_COURSES)
        self._stuck: Greatest[tuple[str, HistoricalPull]] = Greatest(_MOST_COURSES)
        self._needs: dict[Concern, Greatest[tuple[str, Need]]] = {
            concern: Greatest(most_actions) for concern in CONCERNS
        }
        self._users = self._users_settled = 0
        self._turns: Counter[Turn] = Counter()
        self._errors: Counter[str | None] = Counter()
        self._other_errors = 0

    def passing(self, teams: Mapping[str, Iterable[HistoricalPull]]) -> Iterator[HistoricalPull]:
        for team, rows in teams.items():
            settled: dict[UUID, bool] = {}
            for row in rows:
                self._add(team, row)
                settled[row.user_id] = settled.get(row.user_id, True) and row.settled
                yield row
            self._users += len(settled)
            self._users_settled += sum(settled.values())

    def _add(self, team: str, row: HistoricalPull) -> None:
        if row.started_at is not None and row.ended_at is not None:
            ran = in_utc(row.ended_at) - in_utc(row.started_at)
            if ran >= _NOTHING:
                self._durations.add(ran.total_seconds())
                if row.settled:  # of a pull that is retried, only one attempt has ended
                    self._slowest.add(
                        (ran, row.user_id.int, row.provider, row.resource), (team, row)
                    )
        if row.status == "failure":
            self._count_error(row.error_details)
        found = stuck((row,), self._now, self._thresholds)
        need = need_of(row, state_of(row), found, self._now, self._thresholds)
        if need is not None:
            self._turns[need.turn] += 1
            rank = need.rank(self._now)
            self._needs[need.concern].add(rank, (team, need))
            if need.concern == "stuck":
                self._stuck.add(rank, (team, row))

    def _count_error(self, error: str | None) -> None:
        if error in self._errors or len(self._errors) < _MOST_DISTINCT:
            self._errors[error] += 1
        else:
            self._other_errors += 1

    def report(
        self,
        total: Tally,
        by_resource: Mapping[tuple[str, str], Tally],
        label: _Label,
        *,
        subject: str,
        pseudonymous: bool,
    ) -> Report:
        counts: dict[Concern, int] = {concern: needs.seen for concern, needs in self._needs.items()}
        listed = allotted(counts, self._most_actions)
        errors = sorted(
            self._errors.items(), key=lambda each: (-each[1], each[0] is not None, each[0] or "")
        )
        return Report(
            now=self._now.astimezone(UTC),
            subject=subject,
            pseudonymous=pseudonymous,
            users=self._users,
            users_settled=self._users_settled,
            total=total,
            share=share_of(total),
            heat=heat_map(by_resource),
            durations=self._durations.bins(),
            slowest=tuple(self._course(*kept, label) for kept in self._slowest.values()),
            stuck=tuple(self._course(*kept, label) for kept in self._stuck.values()),
            stuck_pulls=counts["stuck"],
            turns=self._turns,
            concerns=counts,
            actions=tuple(
                _action(*kept, label)
                for concern, needs in self._needs.items()
                for kept in needs.values()[: listed[concern]]
            ),
            left_out={concern: counts[concern] - listed[concern] for concern in CONCERNS},
            errors=tuple(
                ErrorCount(None if error is None else shown(error), error_kind(error), count)
                for error, count in errors[:_MOST_ERRORS]
            ),
            errors_left_out=self._other_errors + sum(count for _, count in errors[_MOST_ERRORS:]),
        )

    def _course(self, team: str, row: HistoricalPull, label: _Label) -> Course:
        scheduled, started = row.scheduled_at, row.started_at
        waited_until = started or self._now
        ended = row.ended_at if row.settled and row.ended_at else self._now
        return Course(
            label(team, row),
            shown(row.provider),
            shown(row.resource),
            scheduled,
            _between(scheduled, waited_until) if scheduled else _NOTHING,
            _between(started, ended) if started else _NOTHING,
        )


def _between(begin: datetime, end: datetime) -> timedelta:
    return max(in_utc(end) - in_utc(begin), _NOTHING)


def _action(team: str, need: Need, label: _Label) -> Action:
    row = need.pull
    return Action(
        need.concern,
        need.turn,
        label(team, row),
        shown(row.provider),
        shown(row.resource),
        None if row.error_details is None else shown(row.error_details),
        need.words,
        need.since,
        None if row.trace_id is None else shown(row.trace_id),
    )
