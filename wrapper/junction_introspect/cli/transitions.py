"""The answers of `changes`, as a table for people and as records for programs."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from junction_introspect import HistoricalPull, Operation, ResourceStatistics
from junction_introspect.cli.plain_text import NOT_PULLED, failure_of, name_of, shown, trace_of
from junction_introspect.cli.records import COLUMNS, record
from junction_introspect.cli.sheet import Column, Line
from junction_introspect.cli.showing import Kind
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS
from junction_introspect.store import Transition
from junction_introspect.tracking import key_of

_COLUMNS: Final = ("number", "run", "seen_at", "kind", "previous_status")


def changes_of(operation: Operation[Any, Any]) -> Kind[Transition[Any]]:
    """Return how to show the changes of an operation's rows."""
    pulls = operation is HISTORICAL_PULLS
    fields = COLUMNS if pulls else tuple(column.name for column in operation.columns)

    def status_of(row: Any) -> str | None:
        if row is None or operation.status is None:
            return None
        status: str | None = getattr(row, operation.status)
        return status

    def status_shown(row: Any) -> str:
        status = status_of(row)
        if status is not None:
            return shown(status)
        return NOT_PULLED if pulls and row is not None else "-"

    def line(seen: Transition[Any]) -> Line:
        row = _latest(seen)
        before, now = status_shown(seen.before), status_shown(seen.after)
        cells = [seen.kind, now if before == now else f"{before} > {now}"]
        return Line(str(row.user_id), name_of(row), cells, _remarks(seen))

    def as_record(seen: Transition[Any]) -> dict[str, Any]:
        after = dict.fromkeys(fields)
        if seen.after is not None:
            after = record(seen.after) if pulls else msgspec.to_builtins(seen.after)
        return {
            "number": seen.number,
            "run": seen.run,
            "seen_at": msgspec.to_builtins(seen.seen_at),
            "kind": seen.kind,
            "previous_status": status_of(seen.before),
            **after,
            **msgspec.to_builtins(key_of(_latest(seen))._asdict()),
        }

    return Kind[Transition[Any]](
        ("user", operation.what.removesuffix("s"), "seen"),
        (Column("change", len("repulled")), Column("status", len("in_progress > failure"))),
        lambda seen: [line(seen)],
        (*_COLUMNS, *fields),
        lambda seen: [as_record(seen)],
        noun="change",
    )


def _latest(seen: Transition[Any]) -> HistoricalPull | ResourceStatistics:
    row: HistoricalPull | ResourceStatistics | None = seen.after or seen.before
    assert row is not None  # noqa: S101 - one of them is there
    return row


def _remarks(seen: Transition[Any]) -> list[str]:
    remarks = [f"{seen.seen_at:%Y-%m-%d %H:%M}Z"]
    if isinstance(seen.after, HistoricalPull):
        remarks += [*failure_of(seen.after), *trace_of(seen.after)]
    return remarks
