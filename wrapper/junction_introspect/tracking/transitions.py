"""Finds what has changed between two snapshots of the rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

from attrs import frozen

from junction_introspect._data import Data
from junction_introspect.operations.historical_pulls import HistoricalPull
from junction_introspect.tracking.states import Key, in_utc, key_of

ChangeKind: TypeAlias = Literal["appeared", "moved", "repulled", "updated", "vanished"]


@frozen
class Change(Data):
    """What happened to one pull.

    Attributes:
        kind: ``"appeared"`` and ``"vanished"``: it was not there before, or is not there now.
            ``"repulled"``: it was scheduled again, later than before; other fields may differ too.
            ``"moved"``: its status changed. ``"updated"``: only other fields changed.
        before: The row before the change; None if it appeared.
        after: The row after the change; None if it vanished.
    """

    kind: ChangeKind
    before: HistoricalPull | None
    after: HistoricalPull | None

    @property
    def key(self) -> Key:
        """Which pull it is."""
        row = self.after or self.before
        assert row is not None  # noqa: S101 - one of them is there
        return key_of(row)


def change(before: HistoricalPull | None, after: HistoricalPull | None) -> Change | None:
    """Return what happened to one pull between two looks, or None if nothing happened.

    Args:
        before: The row of the first look; None if it was not there.
        after: The row of the second look, with the same key; None if it was not there.
    """
    if before == after:
        return None
    return Change(_kind(before, after), before, after)


def _kind(before: HistoricalPull | None, after: HistoricalPull | None) -> ChangeKind:
    if before is None:
        return "appeared"
    if after is None:
        return "vanished"
    if _was_scheduled_again(before, after):
        return "repulled"
    return "moved" if before.status != after.status else "updated"


def _was_scheduled_again(before: HistoricalPull, after: HistoricalPull) -> bool:
    if before.scheduled_at is None or after.scheduled_at is None:
        return False
    return in_utc(after.scheduled_at) > in_utc(before.scheduled_at)


def changes(before: Iterable[HistoricalPull], after: Iterable[HistoricalPull]) -> list[Change]:
    """Compare two snapshots. If several rows have the same key, the last counts.

    Args:
        before: The rows of the first snapshot.
        after: The rows of the second snapshot.

    Returns:
        Pulls that vanished or changed, in the order of the first snapshot; then pulls that
        appeared, in the order of the second. The server does not freeze a listing while it is
        read: pages can shift, and a user that was skipped seems to vanish until the next look.
    """
    was = {key_of(row): row for row in before}
    now = {key_of(row): row for row in after}
    found = (change(was.get(key), now.get(key)) for key in (was | now))
    return [each for each in found if each is not None]


def apply(rows: Iterable[HistoricalPull], changes: Iterable[Change]) -> list[HistoricalPull]:
    """Return a snapshot after some changes. Existing rows keep their order; new rows come last.

    ``apply(a, changes(a, b))`` has the rows of ``b``, but perhaps in another order.
    """
    state = {key_of(row): row for row in rows}
    for each in changes:
        if each.after is None:
            state.pop(each.key, None)
        else:
            state[each.key] = each.after
    return list(state.values())
