"""The kinds of answers of the tracking commands."""

from __future__ import annotations

import math
from collections import Counter
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

import msgspec
from rich.text import Text

from junction_introspect._texts import counted
from junction_introspect.cli.plain_text import NOT_PULLED, failure_of, name_of, shown, trace_of
from junction_introspect.cli.sheet import Column, Line
from junction_introspect.cli.showing import Kind
from junction_introspect.tracking import (
    STATES,
    Coverage,
    Diagnosis,
    Finding,
    State,
    Summary,
    Tally,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from junction_introspect.cli.sheet import Cell

_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR

# The columns of counts, and their styles. Failures share one; remarks say which kind they are.
_STYLES: Final = {"succeeded": "green", "waiting": "yellow", "failed": "red", NOT_PULLED: ""}
_COUNTED: Final = tuple(Column(title, len(title), right=True) for title in _STYLES)
_TOOK: Final = tuple(Column(title, len("59 min"), right=True) for title in ("took", "95 %"))


def _counts(states: Counter[State]) -> list[Text]:
    failed = states["failed_retriable"] + states["failed_final"]
    numbers = (states["succeeded"], states["waiting"], failed, states["not_pulled"])
    return [
        Text(str(number), style if number else "")
        for number, style in zip(numbers, _STYLES.values(), strict=True)
    ]


def _counted_remarks(states: Counter[State]) -> list[str]:
    # Of the failures, a remark counts those whose error is retriable.
    words: dict[State, str] = {
        "failed_retriable": "failed retriably",
        "unrecognized": "unrecognized",
    }
    return [f"{states[state]:,} {text}" for state, text in words.items() if states[state]]


def _length(seconds: float) -> str:
    """Return a duration in one unit, for a column."""
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{seconds / _HOUR:.1f} h" if seconds < 2 * _DAY else f"{seconds / _DAY:.1f} d"


def _tally_line(group: str, name: str, tally: Tally, remarks: Sequence[str] = ()) -> Line:
    took = tally.duration
    lengths = (_length(took.median), _length(took.p95)) if took is not None else ("", "")
    cells: list[Cell] = [*_counts(tally.states), *lengths]
    return Line(group, name, cells, [*_counted_remarks(tally.states), *remarks])


def _what(users: int, total: Tally) -> str:
    return f"{counted(users, 'user')}, {counted(total.pulls, 'pull')}"


def _total_line(summary: Summary) -> Line:
    queued = summary.total.queueing
    remarks: list[str] = []
    if queued is not None:
        remarks.append(f"queued {_length(queued.median)}, 95 % within {_length(queued.p95)}")
    return _tally_line(_what(len(summary.by_user), summary.total), "", summary.total, remarks)


def _all_teams_line(summaries: Sequence[Summary]) -> Line:
    states = sum((each.total.states for each in summaries), Counter[State]())
    total = Tally(states, None, None)  # a median of all teams cannot be computed from theirs
    return _tally_line(_what(sum(len(each.by_user) for each in summaries), total), "", total)


def _tally_record(tally: Tally) -> dict[str, Any]:
    spreads = {"queueing": tally.queueing, "duration": tally.duration}
    return {
        **_states_record(tally.states),
        **{
            f"{name}_{value}": getattr(spread, value, None)  # None if there is no spread
            for name, spread in spreads.items()
            for value in ("median", "p95")
        },
    }


def _states_record(states: Counter[State]) -> dict[str, int]:
    settled = Tally(states, None, None).settled
    return {"pulls": states.total(), "settled": settled, **{name: states[name] for name in STATES}}


def _resource_lines(summary: Summary) -> Iterator[Line]:
    for (provider, resource), tally in summary.by_resource.items():
        yield _tally_line(shown(provider), shown(resource), tally)
    yield _total_line(summary)


_STATE_FIELDS: Final = tuple(_states_record(Counter[State]()))
_TALLY_FIELDS: Final = tuple(_tally_record(Tally(Counter[State](), None, None)))

BY_RESOURCE: Final = Kind[Summary](
    ("provider", "resource", "remarks"),
    (*_COUNTED, *_TOOK),
    _resource_lines,
    ("provider", "resource", *_TALLY_FIELDS),
    lambda summary: (
        {"provider": provider, "resource": resource, **_tally_record(tally)}
        for (provider, resource), tally in summary.by_resource.items()
    ),
    total=_all_teams_line,
)

BY_USER: Final = Kind[Summary](
    ("user", "", "remarks"),
    _COUNTED,
    lambda summary: (
        Line(str(user_id), "", _counts(states), _counted_remarks(states))
        for user_id, states in summary.by_user.items()
    ),
    ("user_id", *_STATE_FIELDS),
    lambda summary: (
        {"user_id": str(user_id), **_states_record(states)}
        for user_id, states in summary.by_user.items()
    ),
)

TOTAL: Final = Kind[Summary](
    ("", "", "remarks"),
    (*_COUNTED, *_TOOK),
    lambda summary: [_total_line(summary)],
    ("users", *_TALLY_FIELDS),
    lambda summary: [{"users": len(summary.by_user), **_tally_record(summary.total)}],
    total=_all_teams_line,
)


def _attributes(*paths: str) -> dict[str, Callable[[Any], Any]]:
    """Return fields that are attributes of an answer, like ``"pull.status"`` for ``status``."""
    return {path.rpartition(".")[2]: attrgetter(path) for path in paths}


def _one_record(
    fields: Mapping[str, Callable[[Any], Any]],
) -> tuple[tuple[str, ...], Callable[[Any], Iterable[dict[str, Any]]]]:
    """Return `fields` and `records` of a `Kind` whose answers have one record each."""
    return tuple(fields), lambda answer: [
        msgspec.to_builtins({name: get(answer) for name, get in fields.items()})
    ]


_OF_PULL: Final = _attributes("pull.user_id", "pull.provider", "pull.resource", "pull.status")


def _stuck_line(found: Finding) -> Line:
    pull = found.pull
    remarks = [found.explanation, *failure_of(pull), *trace_of(pull)]
    return Line(str(pull.user_id), name_of(pull), [shown(pull.status or NOT_PULLED)], remarks)


def _overdue_seconds(found: Finding) -> float | None:
    return None if found.overdue is None else found.overdue.total_seconds()


STUCK: Final = Kind[Finding](
    ("user", "pull", "why"),
    (Column("status", len("in_progress")),),
    lambda found: [_stuck_line(found)],
    *_one_record(
        {
            **_OF_PULL,
            **_attributes("problem", "explanation", "since"),
            "overdue_seconds": _overdue_seconds,
            **_attributes("pull.error_details", "pull.error_kind", "trace_id"),
        }
    ),
    noun="finding",
)


def _stale_line(found: Diagnosis) -> Line:
    name = f"{shown(found.provider)} {shown(found.resource or '')}"
    return Line(str(found.user_id), name, [found.verdict, found.turn], [found.explanation])


def _evidence(*names: str) -> dict[str, Callable[[Diagnosis], Any]]:
    """Return fields that are read from `Diagnosis.evidence`; one that it lacks is None."""
    return {name: partial(_evidence_of, name) for name in names}


def _evidence_of(name: str, found: Diagnosis) -> Any:
    return found.evidence.get(name)


STALE: Final = Kind[Diagnosis](
    ("user", "resource", "why"),
    (Column("verdict", len("attempts_failing")), Column("turn", len("junction"))),
    lambda found: [_stale_line(found)],
    *_one_record(
        {
            **_attributes("user_id", "provider", "resource", "verdict", "turn"),
            **_attributes("explanation", "advice"),
            **_evidence("last_attempt_at", "last_attempt_status"),
            **_evidence("oldest_data", "newest_data", "sent_count"),
        }
    ),
    noun="resource",
)


def _coverage_line(covered: Coverage) -> Line:
    pull = covered.pull
    numbers = map(str, (covered.days, covered.days_with_data, covered.gap))
    cells = [*numbers, f"{math.floor(100 * covered.fraction)}%"]
    remarks = [] if pull.status == "success" else [str(pull.status)]
    return Line(str(pull.user_id), name_of(pull), cells, remarks)


COVERAGE: Final = Kind[Coverage](
    ("user", "pull", "remarks"),
    tuple(Column(title, 5, right=True) for title in ("days", "data", "gap", "share")),
    lambda covered: [_coverage_line(covered)],
    *_one_record(
        {
            **_OF_PULL,
            **_attributes("pull.range_start", "pull.range_end"),
            **_attributes("days", "days_with_data", "gap", "fraction", "pull.trace_id"),
        }
    ),
    noun="pull",
)
