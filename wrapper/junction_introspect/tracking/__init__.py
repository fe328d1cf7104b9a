"""What the rows say about how backfills are doing: rows in, answers out.

from junction_introspect import tracking

rows = list(junction.historical_pulls().rows())
for finding in tracking.stuck(rows, datetime.now(UTC)):
    print(finding.explanation, finding.trace_id)

Nothing here asks the server or the clock. A time that the server sent without an offset is taken
for UTC.
"""

from junction_introspect.tracking.coverage import Coverage, coverage
from junction_introspect.tracking.states import STATES, Key, State, key_of, state_of
from junction_introspect.tracking.stuck import Finding, Problem, Thresholds, stuck
from junction_introspect.tracking.summary import Spread, Summary, Tally, summarize
from junction_introspect.tracking.transitions import Change, ChangeKind, apply, change, changes

__all__ = [
    "STATES",
    "Change",
    "ChangeKind",
    "Coverage",
    "Finding",
    "Key",
    "Problem",
    "Spread",
    "State",
    "Summary",
    "Tally",
    "Thresholds",
    "apply",
    "change",
    "changes",
    "coverage",
    "key_of",
    "state_of",
    "stuck",
    "summarize",
]
