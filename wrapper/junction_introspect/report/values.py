"""Defines what a report shows: counts and selected pulls, with user labels instead of ids."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from attrs import frozen

from junction_introspect.enums import ErrorKind
from junction_introspect.report.wording import Concern
from junction_introspect.tracking import Tally, Turn


@frozen
class Share:
    """How many pulls have settled, not counting resources that were not pulled.

    Attributes:
        settled: How many have settled.
        pulled: How many there are.
    """

    settled: int
    pulled: int

    @property
    def tenths(self) -> int:
        """The settled share in tenths of a percent, rounded down: 1,000 only if all have."""
        return self.settled * 1_000 // self.pulled if self.pulled else 0

    @property
    def percent(self) -> int:
        """The settled share in percent, rounded down as well."""
        return self.tenths // 10


@frozen
class HeatBlock:
    """The settled share of some providers, resource by resource.

    Attributes:
        providers: The columns.
        rows: Each resource that any of the providers has, with one share per provider; None if the
            provider does not have the resource.
    """

    providers: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Share | None, ...]], ...]


@frozen
class HeatMap:
    """The settled share by provider and resource, those with the most pulls first.

    Attributes:
        blocks: The map in blocks of a few providers, so that each block fits on a phone.
        providers_left_out: How many providers are in no block.
        resources_left_out: How many resources are in no row.
    """

    blocks: tuple[HeatBlock, ...]
    providers_left_out: int
    resources_left_out: int


@frozen
class Bin:
    """How many pulls took a time within a range.

    Attributes:
        at_least: The lower limit, in seconds.
        below: The upper limit, in seconds, exclusive; None for the last bin, which is open.
        count: How many pulls.
    """

    at_least: int
    below: int | None
    count: int


@frozen
class Course:
    """One pull on a time line.

    Attributes:
        user: The user's label.
        provider: Its provider.
        resource: Its resource.
        scheduled_at: When it was scheduled.
        queued: The time from scheduled to started, or to the report if it has not started.
        ran: The time from started to ended, or to the report if it has not ended.
    """

    user: str
    provider: str
    resource: str
    scheduled_at: datetime | None
    queued: timedelta
    ran: timedelta


@frozen
class Action:
    """A pull that needs somebody to act.

    Attributes:
        concern: Why.
        turn: Whose turn it is.
        user: The user's label.
        provider: Its provider.
        resource: Its resource.
        error: The error as sent, or None.
        words: What happened and what to do, in plain words.
        since: Since when the pull has been in this condition.
        trace_id: The id to quote to the vendor's support.
    """

    concern: Concern
    turn: Turn
    user: str
    provider: str
    resource: str
    error: str | None
    words: str
    since: datetime | None
    trace_id: str | None


@frozen
class ErrorCount:
    """How many failed pulls have the same error.

    Attributes:
        error: The error as sent; None if the server sent none.
        kind: The kind of the error; None if there is no error.
        count: How many pulls.
    """

    error: str | None
    kind: ErrorKind | None
    count: int


@frozen(kw_only=True)
class Report:
    """What a report shows. Values from the server are made printable and cut to a line's length.

    Attributes:
        now: The time it was made for, in UTC.
        subject: What it is about, in words.
        pseudonymous: Whether users are shown by pseudonyms.
        users: How many users there are.
        users_settled: How many users have only settled pulls.
        total: The counts of all pulls.
        share: How many have settled, not counting resources that were not pulled.
        heat: The settled share by provider and resource.
        durations: The distribution of times from started to ended, trimmed of empty bins.
        slowest: The pulls that took longest, longest first.
        stuck: The pulls that are most overdue, most overdue first.
        stuck_pulls: How many are overdue.
        turns: How many pulls that need somebody have each turn.
        concerns: How many pulls there are of each concern.
        actions: The pulls that need somebody to act, most important first, up to a limit.
        left_out: How many pulls of each concern are not among the actions.
        errors: The errors of the pulls that failed, most frequent first.
        errors_left_out: How many pulls failed with errors that are not among these.
        complete: False if records are missing because they could not be read; the page says so.
    """

    now: datetime
    subject: str
    pseudonymous: bool
    users: int
    users_settled: int
    total: Tally
    share: Share
    heat: HeatMap
    durations: tuple[Bin, ...]
    slowest: tuple[Course, ...]
    stuck: tuple[Course, ...]
    stuck_pulls: int
    turns: Mapping[Turn, int]
    concerns: Mapping[Concern, int]
    actions: tuple[Action, ...]
    left_out: Mapping[Concern, int]
    errors: tuple[ErrorCount, ...]
    errors_left_out: int
    complete: bool = True
