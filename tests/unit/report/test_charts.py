"""Where things stand in the charts."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from junction_introspect.report import Bin, Course, charts
from junction_introspect.tracking import STATES, Tally

HOUR = timedelta(hours=1)
BINS = [Bin(0, 60, 4), Bin(60, 120, 0), Bin(120, 240, 1), Bin(240, None, 1_000)]


def course(queued, ran):
    return Course("user", "oura", "sleep", None, queued, ran)


@pytest.mark.parametrize(
    ("percent", "shade"), [(0, 0), (24, 0), (25, 1), (74, 2), (75, 3), (89, 3), (99, 4), (100, 5)]
)
def test_shade_is_that_of_the_key(percent, shade):
    assert charts.shade(percent) == shade


@given(st.dictionaries(st.sampled_from(STATES), st.integers(0, 10**6)))
def test_states_fill_the_bar_side_by_side(counts):
    tally = Tally(Counter(counts), None, None)
    x = 0.0
    for state, bar in charts.state_bars(tally):
        assert counts[state]
        assert bar.x == pytest.approx(x, abs=0.01)
        x += bar.width
    assert x == pytest.approx(100 if tally.pulls else 0, abs=0.01)


def test_highest_bar_is_as_high_as_the_plot_and_the_lowest_is_seen():
    assert [bar.height for bar in charts.histogram_bars(BINS)] == [2, 0, 2, charts.PLOT_HEIGHT]
    assert [bar.x for bar in charts.histogram_bars(BINS)] == [0, 25, 50, 75]


def test_axis_has_a_mark_at_each_end_of_each_bin():
    labels = [tick.label for tick in charts.histogram_ticks(BINS)]
    assert labels == ["0 s", "1 min", "2 min", "4 min", "∞"]
    assert charts.histogram_ticks(BINS[:1])[-1].label == "1 min"
    assert charts.histogram_ticks([]) == []


@pytest.mark.parametrize(
    ("seconds", "x"), [(0, 0), (30, 12.5), (60, 25), (180, 62.5), (240, 87.5), (10**9, 87.5)]
)
def test_time_stands_within_its_bin(seconds, x):
    assert charts.place_in(BINS, seconds) == x


def test_time_beyond_the_bins_stands_at_an_end():
    assert charts.place_in(BINS[1:3], 0) == 0
    assert charts.place_in(BINS[1:3], 999) == 100


def test_longest_course_has_the_whole_width():
    courses = [course(HOUR, 3 * HOUR), course(HOUR, HOUR)]
    scale = charts.longest(courses)
    queued, ran = charts.course_bars(courses[0], scale)
    assert (queued.x, queued.width, ran.x, ran.width) == (0, 25, 25, 75)
    queued, ran = charts.course_bars(courses[1], scale)
    assert (queued.width, ran.width) == (25, 25)


def test_courses_of_no_length_have_a_scale():
    assert charts.longest([course(timedelta(), timedelta())]) == timedelta(seconds=1)
    assert charts.longest([]) == timedelta(seconds=1)


def test_marks_of_time_are_round():
    assert [tick.label for tick in charts.time_ticks(4 * HOUR)] == ["1 h", "2 h", "3 h"]
    assert [tick.x for tick in charts.time_ticks(4 * HOUR)] == [25, 50, 75]


@given(st.timedeltas(min_value=timedelta(seconds=1)))
def test_marks_of_time_are_few_and_within_the_width(scale):
    ticks = charts.time_ticks(scale)
    assert len(ticks) <= 4
    assert all(0 < tick.x < 98 for tick in ticks)
