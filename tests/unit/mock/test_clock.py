"""The mock's clock: it stands, is set, is advanced, or runs; it never goes out of bounds."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from junction_introspect.mock import Clock
from junction_introspect.mock.backfills import NOW

END = Clock().end


class Real:
    """Real time, under control."""

    seconds = 0.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def real():
    return Real()


def test_it_begins_at_the_moment_that_the_mock_was_drawn_for():
    assert Clock().now() == NOW


def test_it_stands_still_unless_it_is_given_a_speed(real):
    clock = Clock(monotonic=real)
    real.seconds = 3_600
    assert clock.now() == NOW


def test_at_speed_600_ten_minutes_pass_in_a_second(real):
    clock = Clock(600, real)
    real.seconds = 2
    assert clock.now() == NOW + timedelta(minutes=20)


def test_a_moment_is_a_whole_second(real):
    clock = Clock(1, real)
    real.seconds = 1.9
    assert clock.now() == NOW + timedelta(seconds=1)


def test_it_runs_on_from_where_it_was_set(real):
    clock = Clock(1, real)
    real.seconds = 50
    clock.change(now=NOW + timedelta(days=1))
    real.seconds = 60
    assert clock.now() == NOW + timedelta(days=1, seconds=10)


def test_advancing_adds_to_what_has_passed(real):
    clock = Clock(1, real)
    real.seconds = 10
    clock.change(advance=90)
    assert clock.now() == NOW + timedelta(seconds=100)


def test_a_change_of_speed_leaves_the_time_as_it_is(real):
    clock = Clock(10, real)
    real.seconds = 10
    clock.change(speed=1)
    real.seconds = 11
    assert clock.now() == NOW + timedelta(seconds=101)
    assert clock.speed == 1


def test_it_is_set_and_advanced_and_sped_up_in_one(real):
    clock = Clock(monotonic=real)
    clock.change(now=NOW + timedelta(hours=1), advance=60, speed=2)
    real.seconds = 30
    assert clock.now() == NOW + timedelta(hours=1, minutes=2)


def test_a_zone_is_kept_count_of():
    clock = Clock()
    clock.change(now=(NOW + timedelta(hours=1)).astimezone(timezone(timedelta(hours=9))))
    assert clock.now() == NOW + timedelta(hours=1)
    assert clock.now().utcoffset() == timedelta(0)


def test_reset_goes_back_to_the_start_and_the_first_speed(real):
    clock = Clock(5, real)
    clock.change(advance=100, speed=0)
    clock.reset()
    assert (clock.now(), clock.speed) == (NOW, 5)


@pytest.mark.parametrize(
    "change",
    [
        {"now": datetime(2026, 1, 1)},  # noqa: DTZ001  without a zone is the point
        {"now": NOW - timedelta(seconds=1)},
        {"now": END + timedelta(seconds=1)},
        {"advance": -1},
        {"advance": float("nan")},
        {"advance": float("inf")},
        {"speed": -1},
        {"speed": float("nan")},
    ],
)
def test_what_is_out_of_bounds_is_refused_and_changes_nothing(change):
    clock = Clock(3)
    clock.change(speed=0)
    with pytest.raises(ValueError):
        clock.change(**{"speed": 7, "advance": 5, **change})
    assert (clock.now(), clock.speed) == (NOW, 0)


def test_a_negative_speed_is_refused_from_the_start():
    with pytest.raises(ValueError, match="speed"):
        Clock(-1)


@given(st.floats(0, allow_infinity=False, allow_nan=False))
def test_time_ends_rather_than_overflows(seconds):
    clock = Clock()
    clock.change(advance=seconds)
    assert NOW <= clock.now() <= END


def test_it_begins_when_it_is_told_to(real):
    start = NOW + timedelta(days=400)
    clock = Clock(1, monotonic=real, start=start)
    assert (clock.now(), clock.end) == (start, start + timedelta(days=36_525))
    clock.change(advance=60)
    clock.reset()
    assert clock.now() == start
    with pytest.raises(ValueError, match="the time must be from 2026-11-05"):
        clock.change(now=NOW)
