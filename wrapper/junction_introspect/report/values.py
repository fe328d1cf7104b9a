"""What a report shows: counted, cut to size, and with no user id that it should not have."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from attrs import frozen

from junction_introspect.enums import ErrorKind
from junction_introspect.report.wording import Concern
from junction_introspect.tracking import Tally, Turn


@frozen
class Share:
    """How many of the pulls that were pulled have settled.

    Attributes:
        settled: To how many nothing more will come.
        pulled: How many there are, without those that were not pulled.
    """

    settled: int
    pulled: int

    @property
    def tenths(self) -> int:
        """Tenths of a percent, rounded down: 1,000 says that all have settled, and nothing less."""
        return self.settled * 1_000 // self.pulled if self.pulled else 0

    @property
    def percent(self) -> int:
        """Percent, rounded down likewise."""
        return self.tenths // 10


@frozen
class HeatBlock:
    """The settled share of some providers, resource by resource.

    Attributes:
        providers: The columns.
        rows: Each resource that one of them has, with a share a provider; None where it has none.
    """

    providers: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Share | None, ...]], ...]


@frozen
class HeatMap:
    """The settled share by provider and resource, those with the most pulls first.

    Attributes:
        blocks: Some providers each, so that a block is no wider than a telephone.
        providers_left_out: How many providers are in no block.
        resources_left_out: How many resources are in no row.
    """

    blocks: tuple[HeatBlock, ...]
    providers_left_out: int
    resources_left_out: int


@frozen
class Bin:
    """How many pulls took so long.

    Attributes:
        at_least: In seconds.
        below: In seconds; None for the last, which has no end.
        count: How many.
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
        queued: From scheduled to started, or until the report where it has not started.
        ran: From started to ended, or until the report where it has not ended.
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
        error: The error, as sent; None where there is none.
        words: What happened and what to do, in plain words.
        since: Since when it has stood so.
        trace_id: What to quote to the vendor's support.
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
    """How many failed pulls bear an error.

    Attributes:
        error: As sent; None where the server told none.
        kind: What the specification says of it; None where there is none.
        count: How many.
    """

    error: str | None
    kind: ErrorKind | None
    count: int


@frozen(kw_only=True)
class Report:
    """What a report shows. Values of the server's are printable and cut to a line's length.

    Attributes:
        now: The time it was made for, in UTC.
        subject: What it is about, in words.
        pseudonymous: Whether users bear pseudonyms.
        users: How many users there are.
        users_settled: To how many of them nothing more will come.
        total: All pulls, counted.
        share: How many have settled of those that were pulled.
        heat: The settled share by provider and resource.
        durations: From started to ended, distributed; no empty bin at either end.
        slowest: The pulls that took longest, longest first.
        stuck: The pulls that are most overdue, most overdue first.
        stuck_pulls: How many are overdue.
        turns: How many pulls wait for each to act.
        concerns: How many pulls there are of each concern.
        actions: What needs somebody to act, most important first; not all of it where it is much.
        left_out: How many pulls of each concern are not among the actions.
        errors: The errors of the pulls that failed, most frequent first.
        errors_left_out: How many pulls failed with errors that are not among these.
        complete: False where records are missing that could not be read; the report says so.
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
