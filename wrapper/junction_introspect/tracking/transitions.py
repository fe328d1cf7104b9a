"""What has changed between two times of looking."""

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
            ``"repulled"``: it was scheduled again, later; whatever else changed.
            ``"moved"``: it has another status. ``"updated"``: it differs in something else.
        before: As it was; None where it appeared.
        after: As it is; None where it vanished.
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
    """Return what happened to one pull between two looks at it, or None where nothing did.

    Args:
        before: The row of the first look; None where there was none.
        after: The row of the second look, of the same key.
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
    """Compare two snapshots. Of rows with the same key the last counts.

    Args:
        before: The rows of the first.
        after: The rows of the second.

    Returns:
        What vanished and what changed in the order of the first snapshot, then what appeared in
        that of the second. A listing has no snapshot of the server's: a user that a shifting page
        skipped looks as if it had vanished, until the next look.
    """
    was = {key_of(row): row for row in before}
    now = {key_of(row): row for row in after}
    found = (change(was.get(key), now.get(key)) for key in (was | now))
    return [each for each in found if each is not None]


def apply(rows: Iterable[HistoricalPull], changes: Iterable[Change]) -> list[HistoricalPull]:
    """Return a snapshot as it is after some changes: what was there in its order, then what is new.

    ``apply(a, changes(a, b))`` has the rows of ``b``, if not in its order.
    """
    state = {key_of(row): row for row in rows}
    for each in changes:
        if each.after is None:
            state.pop(each.key, None)
        else:
            state[each.key] = each.after
    return list(state.values())
