"""Tells how backfills and data are doing, from rows, and follows backfills until they settle.

from junction_introspect import tracking

rows = list(junction.historical_pulls().rows())
for finding in tracking.stuck(rows, datetime.now(UTC)):
    print(finding.explanation, finding.trace_id)

Only `explain`, `follow` and `wait_until_settled` use the network and the clock. A time that the
server sent without an offset is read as UTC.
"""

from junction_introspect.tracking.coverage import Coverage, coverage
from junction_introspect.tracking.diagnosis import Diagnosis, diagnose
from junction_introspect.tracking.explaining import explain, explain_async
from junction_introspect.tracking.following import (
    AsyncChanges,
    AsyncFollowOptions,
    Changes,
    FollowOptions,
    follow,
    follow_async,
    wait_until_settled,
    wait_until_settled_async,
)
from junction_introspect.tracking.headlines import headline
from junction_introspect.tracking.looking import Poll
from junction_introspect.tracking.providers import Delivery, Recurrence, delivery_of, recurrence_of
from junction_introspect.tracking.stale import stale
from junction_introspect.tracking.states import STATES, Key, State, key_of, state_of
from junction_introspect.tracking.stuck import Finding, Problem, Thresholds, stuck
from junction_introspect.tracking.summary import Spread, Summary, Tally, summarize
from junction_introspect.tracking.transitions import Change, ChangeKind, apply, change, changes
from junction_introspect.tracking.verdicts import TURNS, VERDICTS, Turn, Verdict

__all__ = [
    "STATES",
    "TURNS",
    "VERDICTS",
    "AsyncChanges",
    "AsyncFollowOptions",
    "Change",
    "ChangeKind",
    "Changes",
    "Coverage",
    "Delivery",
    "Diagnosis",
    "Finding",
    "FollowOptions",
    "Key",
    "Poll",
    "Problem",
    "Recurrence",
    "Spread",
    "State",
    "Summary",
    "Tally",
    "Thresholds",
    "Turn",
    "Verdict",
    "apply",
    "change",
    "changes",
    "coverage",
    "delivery_of",
    "diagnose",
    "explain",
    "explain_async",
    "follow",
    "follow_async",
    "headline",
    "key_of",
    "recurrence_of",
    "stale",
    "state_of",
    "stuck",
    "summarize",
    "wait_until_settled",
    "wait_until_settled_async",
]
