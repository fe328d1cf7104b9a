"""What is kept of much, and who gets how much of the room."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from junction_introspect.report.selection import Greatest, allotted


@given(st.lists(st.integers(0, 20)), st.integers(0, 5))
def test_greatest_are_kept_and_the_first_of_equals(ranks, size):
    kept = Greatest(size)
    for place, rank in enumerate(ranks):
        kept.add((rank,), place)
    wanted = sorted(range(len(ranks)), key=lambda place: (-ranks[place], place))
    assert kept.values() == wanted[:size]
    assert kept.seen == len(ranks)


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 50)), st.integers(0, 100))
def test_room_is_used_up_and_nobody_is_starved(wanted, room):
    given_ = allotted(wanted, room)
    assert sum(given_.values()) == min(room, sum(wanted.values()))
    for group, amount in wanted.items():
        assert min(amount, room // len(wanted)) <= given_[group] <= amount


def test_what_cannot_be_divided_goes_to_the_first():
    assert allotted({"a": 9, "b": 9, "c": 0}, 5) == {"a": 3, "b": 2, "c": 0}
