"""The answers of `changes`, as a table for people and as records for programs."""

from __future__ import annotations

from typing import Any, Final

from rich.text import Text

from junction_introspect.cli.answers import Kind, Line
from junction_introspect.cli.plain_text import shown
from junction_introspect.cli.records import COLUMNS, record
from junction_introspect.cli.sheet import Column
from junction_introspect.operations.historical_pulls import HistoricalPull
from junction_introspect.store import Transition
from junction_introspect.tracking import key_of

_NOTHING: Final = dict.fromkeys(COLUMNS)


def _status(pull: HistoricalPull | None) -> str:
    if pull is None:
        return "-"
    return "not_pulled" if pull.status is None else shown(pull.status)


def _line(seen: Transition[HistoricalPull]) -> Line:
    after, row = seen.after, seen.after or seen.before
    assert row is not None  # noqa: S101 - one of them is there
    before = _status(seen.before)
    now = _status(after)
    remarks = [f"{seen.seen_at:%Y-%m-%d %H:%M}Z", f"team {shown(seen.team)}"]
    if after is not None and after.error_details is not None:
        remarks.append(f"{shown(after.error_details)} ({after.error_kind})")
    if after is not None and after.trace_id is not None:
        remarks.append(f"trace {shown(after.trace_id)}")
    cells = [Text(seen.kind), Text(now if before == now else f"{before} > {now}")]
    name = f"{shown(row.provider)} {shown(row.resource)}"
    return Line(str(row.user_id), name, cells, remarks)


def _record(seen: Transition[HistoricalPull]) -> dict[str, Any]:
    row = seen.after or seen.before
    assert row is not None  # noqa: S101 - one of them is there
    after = _NOTHING if seen.after is None else record(seen.after)
    return {
        "number": seen.number,
        "run": seen.run,
        "team": seen.team,
        "seen_at": seen.seen_at,
        "kind": seen.kind,
        "previous_status": None if seen.before is None else seen.before.status,
        **after,
        **key_of(row)._asdict(),
    }


TRANSITIONS: Final = Kind[Transition[HistoricalPull]](
    ("user", "pull", "seen"),
    (Column("change", len("repulled")), Column("status", len("in_progress > failure"))),
    lambda seen: [_line(seen)],
    ("number", "run", "team", "seen_at", "kind", "previous_status", *COLUMNS),
    lambda seen: [_record(seen)],
    noun="change",
)
