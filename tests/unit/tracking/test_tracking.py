"""States, summaries, stuck pulls, coverage and changes: rows in, answers out."""

from __future__ import annotations

import statistics
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from junction_introspect import RETRIABLE_ERROR_VALUES, STATUS_VALUES, tracking
from junction_introspect.operations.historical_pulls import HistoricalPull
from junction_introspect.tracking import STATES, Change, Thresholds
from junction_introspect.tracking.text import at, in_words, shown

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def row(status="success", *, user=1, **fields):
    """Return the row of a pull, an unremarkable one unless told otherwise."""
    usual = {
        "user_id": UUID(int=user),
        "provider": "oura",
        "resource": "sleep",
        "pulled": status is not None,
        "scheduled_at": NOW - 10 * HOUR,
        "started_at": NOW - 9 * HOUR,
        "ended_at": NOW - 8 * HOUR,
        "days_with_data": 20,
        "trace_id": "t1",
    }
    return HistoricalPull(status=status, **{**usual, **fields})


def ranged(days, **fields):
    return row(range_start=NOW - days, range_end=NOW, **fields)


_TIMES = st.none() | st.datetimes(
    min_value=datetime(2025, 1, 1),  # noqa: DTZ001 - hypothesis wants it so
    max_value=datetime(2026, 1, 1),  # noqa: DTZ001 - as above
    timezones=st.none() | st.just(UTC) | st.just(timezone(timedelta(hours=-7))),
)
ROWS = st.builds(
    HistoricalPull,
    user_id=st.sampled_from([UUID(int=number) for number in range(3)]),
    provider=st.sampled_from(["oura", "fitbit", "from_the_future"]),
    resource=st.sampled_from(["sleep", "hrv"]),
    status=st.none() | st.sampled_from([*sorted(STATUS_VALUES), "from_the_future"]),
    range_start=_TIMES,
    range_end=_TIMES,
    scheduled_at=_TIMES,
    started_at=_TIMES,
    ended_at=_TIMES,
    days_with_data=st.integers(0, 400),
    error_details=st.none() | st.sampled_from(["", *sorted(RETRIABLE_ERROR_VALUES)]),
)
SNAPSHOTS = st.lists(ROWS, max_size=12)


@pytest.mark.parametrize(
    ("pull", "state"),
    [
        (row("success"), "succeeded"),
        (row("success", error_details="rate_limit"), "succeeded"),
        (row("scheduled"), "waiting"),
        (row("in_progress"), "waiting"),
        (row("retrying", error_details="provider_unavailable"), "waiting"),
        (row("failure", error_details="provider_unavailable"), "failed_retriable"),
        (row("failure", error_details="non_retriable_error"), "failed_final"),
        (row("failure", error_details="from_the_future"), "failed_final"),
        (row("failure"), "failed_final"),
        (row(None), "not_pulled"),
        (row("from_the_future"), "unrecognized"),
        (row(""), "unrecognized"),
    ],
)
def test_state_says_whose_turn_it_is(pull, state):
    assert tracking.state_of(pull) == state


@given(SNAPSHOTS)
def test_states_partition_the_rows(rows):
    summary = tracking.summarize(rows)

    assert set(summary.total.states) <= set(STATES)
    assert summary.total.pulls == len(rows)
    assert summary.total.settled == sum(each.settled for each in rows)
    by_resource = [tally.states for tally in summary.by_resource.values()]
    by_user = list(summary.by_user.values())
    for parts in (by_resource, by_user):
        assert sum(parts, Counter()) == summary.total.states


def test_summary_is_by_provider_and_resource_in_order_and_by_user():
    summary = tracking.summarize(
        iter(
            [
                row("failure", user=2, resource="sleep"),
                row("success", user=1, resource="hrv"),
                row("scheduled", user=2, provider="garmin"),
            ]
        )
    )

    assert list(summary.by_resource) == [("garmin", "sleep"), ("oura", "hrv"), ("oura", "sleep")]
    assert summary.by_resource["oura", "hrv"].states == {"succeeded": 1}
    assert summary.by_user == {
        UUID(int=2): {"failed_final": 1, "waiting": 1},
        UUID(int=1): {"succeeded": 1},
    }


def test_summary_of_nothing_has_no_spread():
    total = tracking.summarize([]).total

    assert (total.pulls, total.settled, total.queueing, total.duration) == (0, 0, None, None)


def test_spreads_are_of_seconds_queued_and_seconds_taken():
    total = tracking.summarize(
        row(
            scheduled_at=NOW,
            started_at=NOW + timedelta(seconds=queued),
            ended_at=NOW + timedelta(seconds=queued + taken),
        )
        for queued, taken in ((1, 60), (3, 20), (2, 100))
    ).total

    assert (total.queueing.count, total.queueing.median) == (3, 2)
    assert (total.duration.count, total.duration.median) == (3, 60)
    assert total.duration.p95 == pytest.approx(96)


@given(st.lists(st.integers(0, 10**6), min_size=2))
def test_spread_agrees_with_the_standard_library(seconds):
    duration = tracking.summarize(
        row(started_at=NOW, ended_at=NOW + timedelta(seconds=each)) for each in seconds
    ).total.duration

    assert duration.median == pytest.approx(statistics.median(seconds))
    cuts = statistics.quantiles(seconds, n=20, method="inclusive")
    assert duration.p95 == pytest.approx(cuts[18])


def test_time_that_runs_backwards_is_not_measured():
    early = NOW - timedelta(milliseconds=1)
    total = tracking.summarize([row(started_at=NOW, ended_at=early)]).total

    assert total.duration is None
    assert total.queueing is not None


def test_time_without_an_offset_is_taken_for_utc():
    pull = row(started_at=NOW.replace(tzinfo=None), ended_at=NOW + HOUR)

    assert tracking.summarize([pull]).total.duration.median == 3600


def _findings(*rows, **limits):
    return [
        (found.problem, found.explanation)
        for found in tracking.stuck(rows, NOW, Thresholds(**limits))
    ]


def waiting(status, **fields):
    return row(status, **{"started_at": None, "ended_at": None, **fields})


@pytest.mark.parametrize(
    ("pull", "found"),
    [
        (waiting("scheduled", scheduled_at=NOW - HOUR), []),
        (
            waiting("scheduled", scheduled_at=NOW - 26 * HOUR),
            [("not_started", "scheduled 1 d 2 h ago and not started; more than 1 h is too long")],
        ),
        (waiting("scheduled", scheduled_at=None), []),
        (waiting("in_progress", started_at=NOW - 12 * HOUR), []),
        (
            waiting("in_progress", started_at=NOW - 13 * HOUR),
            [("not_finished", "in progress for 13 h; more than 12 h is too long")],
        ),
        (
            waiting("in_progress", scheduled_at=NOW - 13 * HOUR),
            [("not_finished", "in progress for 13 h; more than 12 h is too long")],
        ),
        (waiting("retrying", started_at=NOW - DAY), []),
        (
            waiting("retrying", started_at=NOW - 2 * DAY),
            [("still_retrying", "retrying for 2 d; more than 1 d is too long")],
        ),
        (waiting("from_the_future", scheduled_at=NOW - 900 * DAY), []),
        (row("failure", error_details="non_retriable_error"), []),
        (
            row("failure", ended_at=None),
            [("final_without_end", "failure, but without an end time")],
        ),
        (
            row("success", ended_at=None),
            [("final_without_end", "success, but without an end time")],
        ),
        (
            row(started_at=NOW, ended_at=NOW - 90 * timedelta(seconds=1)),
            [("ended_before_start", "ended 1 min 30 s before it was started")],
        ),
        (row(started_at=NOW, ended_at=NOW), []),
        (waiting("in_progress", started_at=NOW - HOUR, ended_at=NOW - 2 * HOUR), []),
        (
            ranged(21 * DAY, days_with_data=0),
            [("success_without_data", "success, but no data in a range of 21 days")],
        ),
        (ranged(21 * DAY - HOUR, days_with_data=0), []),
        (row(range_end=NOW, days_with_data=0), []),
        (ranged(90 * DAY, days_with_data=1), []),
        (ranged(90 * DAY, status="failure", days_with_data=0), []),
        (row(None), []),
    ],
)
def test_stuck_finds_what_should_have_moved_and_what_contradicts_itself(pull, found):
    assert _findings(pull) == found


def test_stuck_row_may_have_several_findings():
    pull = ranged(90 * DAY, ended_at=None, days_with_data=0)

    assert [problem for problem, _ in _findings(pull)] == [
        "final_without_end",
        "success_without_data",
    ]


def test_finding_says_since_when_by_how_much_and_what_to_quote():
    pull = waiting("scheduled", scheduled_at=NOW - 3 * HOUR)
    (found,) = tracking.stuck([pull], NOW)

    assert found == tracking.Finding(
        pull, "not_started", found.explanation, NOW - 3 * HOUR, 2 * HOUR
    )
    assert found.trace_id == "t1"


def test_thresholds_are_the_callers():
    pull = waiting("scheduled", scheduled_at=NOW - 3 * HOUR)

    assert _findings(pull, scheduled=3 * HOUR) == []
    assert len(_findings(pull, scheduled=2 * HOUR)) == 1


@pytest.mark.parametrize("name", [field.name for field in attrs.fields(Thresholds)])
@pytest.mark.parametrize("limit", [timedelta(), -HOUR])
def test_threshold_that_is_not_positive_is_refused(name, limit):
    with pytest.raises(ValueError, match=f"{name} must be more than 0"):
        Thresholds(**{name: limit})


@given(SNAPSHOTS, st.timedeltas(timedelta(-900), timedelta(900)))
def test_stuck_takes_any_rows_at_any_time(rows, passed):
    for found in tracking.stuck(rows, NOW + passed):
        assert found.pull in rows
        assert (found.overdue is None) == (found.since is None)
        assert found.overdue is None or found.overdue > timedelta()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.4, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (61, "1 min 1 s"),
        (3600, "1 h"),
        (3601, "1 h"),
        (3660, "1 h 1 min"),
        (86_399, "23 h 59 min"),
        (86_400, "1 d"),
        (90_061, "1 d 1 h"),
        (86_400 * 400, "400 d"),
    ],
)
def test_lengths_of_time_are_told_in_two_units(seconds, words):
    assert in_words(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("oura", "oura"),
        ("", "''"),
        ("a\nb", r"a\nb"),
        ("\u202eabc", r"\u202eabc"),
        ("\ud800", r"\ud800"),
        ("x" * 41, "x" * 40 + "… (41 characters)"),
        ("\n" * 30, r"\n" * 20 + "… (30 characters)"),
    ],
)
def test_value_of_the_server_is_printable_and_bearable(value, text):
    assert shown(value) == text


@pytest.mark.parametrize(
    ("pull", "days", "gap", "fraction"),
    [
        (ranged(40 * DAY, days_with_data=10), 40, 30, 0.25),
        (ranged(40 * DAY + HOUR, days_with_data=0), 41, 41, 0.0),
        (ranged(5 * DAY, days_with_data=7), 5, 0, 1.0),
        (ranged(0 * DAY, days_with_data=0), 0, 0, 1.0),
        (ranged(10 * DAY, status="failure", days_with_data=5), 10, 5, 0.5),
        (ranged(10 * DAY, days_with_data=-5), 10, 10, 0.0),
    ],
)
def test_coverage_is_days_with_data_against_days_of_the_range(pull, days, gap, fraction):
    (found,) = tracking.coverage([pull])

    assert (found.days, found.days_with_data) == (days, pull.days_with_data)
    assert (found.gap, found.fraction) == (gap, pytest.approx(fraction))


@pytest.mark.parametrize(
    "pull",
    [
        ranged(40 * DAY, status="in_progress"),
        ranged(40 * DAY, status="from_the_future"),
        ranged(-1 * DAY),
        row(),
        row(None),
    ],
)
def test_coverage_leaves_out_what_cannot_be_measured(pull):
    assert list(tracking.coverage([pull])) == []


@given(SNAPSHOTS)
def test_coverage_is_a_share(rows):
    for found in tracking.coverage(rows):
        assert 0 <= found.fraction <= 1
        assert 0 <= found.gap <= found.days


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (None, row("scheduled"), "appeared"),
        (row("scheduled"), None, "vanished"),
        (row("scheduled"), row("in_progress"), "moved"),
        (row("in_progress"), row(None), "moved"),
        (row("in_progress"), row("in_progress", days_with_data=21), "updated"),
        (row("success"), row("scheduled", scheduled_at=NOW), "repulled"),
        (row("success"), row("success", scheduled_at=NOW), "repulled"),
        (row("success", scheduled_at=NOW), row("failure", scheduled_at=NOW - HOUR), "moved"),
        (row("success", scheduled_at=None), row("success", scheduled_at=NOW), "updated"),
        (row("success", scheduled_at=NOW), row("success", scheduled_at=None), "updated"),
        (row(scheduled_at=NOW.replace(tzinfo=None)), row(scheduled_at=NOW + HOUR), "repulled"),
    ],
)
def test_change_is_of_one_kind(before, after, kind):
    found = tracking.change(before, after)

    assert found == Change(kind, before, after)
    assert found.key == tracking.key_of(before or after)


def test_no_change_is_none():
    assert tracking.change(row(), row()) is None
    assert tracking.change(None, None) is None


def test_changes_keep_the_order_of_what_was_and_then_of_what_is_new():
    before = [row(user=3), row(user=1), row(user=2)]
    after = [row(user=4), row(user=2), row("failure", user=1)]

    found = [(each.kind, each.key.user_id.int) for each in tracking.changes(before, after)]

    assert found == [("vanished", 3), ("moved", 1), ("appeared", 4)]


def test_changes_of_a_key_that_comes_twice_are_those_of_the_last():
    twice = [row("scheduled"), row("success")]

    assert tracking.changes(twice, [row("success")]) == []
    assert tracking.changes([row("success")], twice) == []


@given(SNAPSHOTS)
def test_nothing_changes_between_a_snapshot_and_itself(rows):
    assert tracking.changes(rows, rows) == []


@given(SNAPSHOTS, SNAPSHOTS)
def test_applying_the_changes_gives_what_came_after(before, after):
    then = {tracking.key_of(each): each for each in after}

    result = tracking.apply(before, tracking.changes(before, after))

    assert {tracking.key_of(each): each for each in result} == then
    assert len(result) == len(then)


@given(SNAPSHOTS, SNAPSHOTS)
def test_changes_are_one_a_key(before, after):
    keys = [each.key for each in tracking.changes(before, after)]

    assert len(keys) == len(set(keys))


def test_vanishing_of_what_is_not_there_changes_nothing():
    assert tracking.apply([], [Change("vanished", row(), None)]) == []


def test_times_of_any_year_have_the_same_form():
    assert at(datetime(7, 1, 2, 3, 4, tzinfo=UTC)) == "0007-01-02 03:04 UTC"
