"""What a report counts, what it lists, and whose turn it says it is."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from hashlib import blake2b
from typing import get_args

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from junction_introspect import tracking
from junction_introspect.enums import NON_RETRIABLE_ERROR_VALUES, RETRIABLE_ERROR_VALUES, error_kind
from junction_introspect.report import CONCERNS, Pseudonyms, Share, build
from junction_introspect.report.concerns import PROBLEMS
from junction_introspect.report.durations import EDGES
from junction_introspect.report.wording import CONCERN_LABELS, TURN_LABELS, error_words
from tests.unit.report.data import ANY_TIME, NOW, any_rows, mock_rows, pull

KNOWN_ERRORS = sorted(RETRIABLE_ERROR_VALUES | NON_RETRIABLE_ERROR_VALUES)
HOUR = timedelta(hours=1)
NAMES = Pseudonyms(b"key")


def needing(rows, now=NOW):
    """The rows that failed or that something was found about, told independently."""
    found = {id(finding.pull) for finding in tracking.stuck(rows, now)}
    return [
        row
        for row in rows
        if id(row) in found or tracking.state_of(row) in {"failed_final", "failed_retriable"}
    ]


def only(rows, **options):
    (action,) = build(rows, NOW, pseudonyms=NAMES, **options).actions
    return action


def stuck(number, overdue, **fields):
    return pull(
        number,
        "scheduled",
        scheduled_at=NOW - HOUR - overdue,
        started_at=None,
        ended_at=None,
        **fields,
    )


def test_totals_are_those_of_tracking():
    rows = mock_rows()
    report = build(iter(rows), NOW)
    summary = tracking.summarize(rows)
    assert report.total == summary.total
    assert report.users == len(summary.by_user)


def test_share_counts_what_was_pulled_alone():
    rows = [pull(1), pull(2, "scheduled"), pull(3, "failure"), pull(4, None)]
    assert build(rows, NOW).share == Share(2, 3)


def test_user_has_settled_when_every_pull_has():
    rows = [pull(1), pull(1, resource="hrv"), pull(2), pull(2, "in_progress", resource="hrv")]
    rows += [pull(3, "rewinding"), pull(4, None)]
    report = build(rows, NOW)
    assert (report.users, report.users_settled) == (4, 2)


@pytest.mark.parametrize(
    ("share", "tenths", "percent"),
    [
        (Share(0, 0), 0, 0),
        (Share(1, 3), 333, 33),
        (Share(999_999, 1_000_000), 999, 99),
        (Share(7, 7), 1_000, 100),
    ],
)
def test_a_hundred_percent_says_that_all_have_settled(share, tenths, percent):
    assert (share.tenths, share.percent) == (tenths, percent)


def test_failures_without_an_error_come_before_as_many_with_an_empty_one():
    rows = [attrs.evolve(pull(1, "failure"), error_details=error) for error in ("", None)]
    for each in (rows, rows[::-1]):
        assert [error.error for error in build(each, NOW).errors] == [None, "''"]


@given(any_rows(), ANY_TIME)
def test_everything_that_failed_or_is_stuck_is_listed_once(rows, now):
    report = build(rows, now)
    assert len(report.actions) == len(needing(rows, now))
    assert sum(report.turns.values()) == sum(report.concerns.values()) == len(report.actions)
    assert not any(report.left_out.values())


@given(any_rows(), ANY_TIME, st.integers(0, 4))
def test_what_is_not_listed_is_counted(rows, now, most):
    report = build(rows, now, most_actions=most)
    listed = Counter(action.concern for action in report.actions)
    assert len(report.actions) == min(most, len(needing(rows, now)))
    for concern in CONCERNS:
        assert listed[concern] + report.left_out[concern] == report.concerns[concern]


@given(st.data(), ANY_TIME)
def test_order_of_the_rows_does_not_show(data, now):
    rows = list({tracking.key_of(row): row for row in data.draw(any_rows())}.values())
    shuffled = data.draw(st.permutations(rows))
    for most in (2, 100):
        first, second = (
            build(each, now, pseudonyms=NAMES, most_actions=most) for each in (rows, shuffled)
        )
        assert first == second


def test_what_failed_for_good_comes_first_and_the_latest_of_it():
    rows = [
        pull(1, "success", range_start=NOW - 90 * 24 * HOUR, range_end=NOW, days_with_data=0),
        stuck(2, HOUR),
        stuck(3, 5 * HOUR),
        pull(4, "failure", error_details="unexpected_error", ended_at=NOW - 2 * HOUR),
        pull(5, "failure", error_details="unexpected_error", ended_at=NOW - HOUR),
        pull(6, "failure", error_details="provider_unavailable"),
        pull(7, ended_at=NOW - 3 * HOUR),
    ]
    actions = build(rows, NOW, show_user_ids=True).actions
    assert [int(action.user[-12:], 16) for action in actions] == [5, 4, 3, 2, 6, 1, 7]
    assert [action.concern for action in actions] == [
        *["failed_final"] * 2,
        *["stuck"] * 2,
        *["failed_retriable", "no_data", "contradiction"],
    ]


def test_no_concern_crowds_out_the_others():
    rows = [pull(number, "failure") for number in range(100)]
    rows += [stuck(number, HOUR) for number in range(100, 103)]
    report = build(rows, NOW, most_actions=10)
    assert Counter(action.concern for action in report.actions) == {"failed_final": 7, "stuck": 3}
    assert report.left_out["failed_final"] == 93


def test_stuck_pull_is_for_the_support_with_its_trace_id():
    action = only([stuck(1, HOUR, trace_id="abc")])
    assert (action.turn, action.trace_id) == ("junction", "abc")
    assert action.words.startswith("Scheduled 2 h ago and not started; more than 1 h is too long.")
    assert action.since == NOW - 2 * HOUR


def test_failure_is_since_it_ended():
    assert only([pull(1, "failure")]).since == NOW - timedelta(minutes=10)


@pytest.mark.parametrize("error", KNOWN_ERRORS)
def test_every_error_of_the_specification_has_words_of_its_own(error):
    kind = error_kind(error)
    others = {error_words(each, error_kind(each)) for each in KNOWN_ERRORS if each != error}
    words = error_words(error, kind)
    action = only([pull(1, "failure", error_details=error)])
    assert (action.turn, action.words, action.error) == ("team", words, error)
    assert words not in others
    assert words not in {error_words(None, None), error_words("another", kind)}


@pytest.mark.parametrize("kind", ["retriable", "non_retriable"])
def test_error_that_nobody_has_described_is_told_by_its_kind(kind):
    words = error_words("new_in_the_specification", kind)
    assert words.startswith("“new_in_the_specification”, an error that ")
    assert words != error_words("new_in_the_specification", "unrecognized")


def test_error_that_the_specification_does_not_list_is_shown_as_it_is():
    action = only([pull(1, "failure", error_details="moon_in_the_way")])
    assert (action.turn, action.error) == ("team", "moon_in_the_way")
    assert "not listed in this version" in action.words


def test_failure_without_an_error_is_yours():
    assert only([pull(1, "failure")]).turn == "team"


def test_every_reason_is_told():
    words = only([pull(1, "failure", error_details="unexpected_error", ended_at=None)]).words
    assert "did not expect" in words
    assert "without an end time" in words


def test_every_problem_concern_and_turn_has_words():
    assert set(PROBLEMS) == set(get_args(tracking.Problem))
    assert set(CONCERN_LABELS) == set(CONCERNS)
    assert set(TURN_LABELS) == set(tracking.TURNS)


@given(any_rows(), ANY_TIME)
def test_turns_are_those_of_the_diagnosis(rows, now):
    for row in needing(rows, now):
        (diagnosis,) = tracking.diagnose(None, [row], [], now)
        (action,) = build([row], now).actions
        assert action.turn == diagnosis.turn
        assert action.words.endswith(diagnosis.advice)


def test_slowest_have_ended_and_the_longest_comes_first():
    rows = [pull(n, started_at=NOW - n * HOUR, ended_at=NOW) for n in range(1, 20)]
    rows.append(pull(99, "retrying", started_at=NOW - 100 * HOUR, ended_at=NOW))
    rows.append(pull(98, ended_at=NOW - 200 * HOUR))
    slowest = build(rows, NOW).slowest
    assert [course.ran for course in slowest] == [n * HOUR for n in range(19, 7, -1)]


def test_stuck_pulls_run_until_now():
    running = pull(
        1,
        "in_progress",
        scheduled_at=NOW - 21 * HOUR,
        started_at=NOW - 20 * HOUR,
        ended_at=None,
    )
    waiting = stuck(2, 30 * HOUR)
    attempted = pull(3, "retrying", started_at=NOW - 40 * HOUR, ended_at=NOW - 39 * HOUR)
    courses = build([running, waiting, attempted], NOW).stuck
    assert [(course.queued, course.ran) for course in courses] == [
        (31 * HOUR, timedelta()),
        (timedelta(), 40 * HOUR),
        (HOUR, 20 * HOUR),
    ]


def test_durations_are_counted_between_the_edges():
    seconds = [0, 0.5, 1, 59, 60, 61, 10**9]
    rows = [
        pull(n, ended_at=NOW, started_at=NOW - timedelta(seconds=s)) for n, s in enumerate(seconds)
    ]
    bins = build(rows, NOW).durations
    assert {(each.at_least, each.below): each.count for each in bins if each.count} == {
        (0, 1): 2,
        (1, 2): 1,
        (30, 60): 1,
        (60, 120): 2,
        (EDGES[-1], None): 1,
    }
    assert [each.at_least for each in bins] == list(EDGES)


def test_empty_bins_at_the_ends_are_left_out():
    assert [each.count for each in build([pull()], NOW).durations] == [1]
    assert build([], NOW).durations == ()


def test_heat_map_has_those_with_the_most_pulls_first():
    rows = [pull(1), pull(2), pull(2, "scheduled", resource="hrv"), pull(3, provider="whoop")]
    rows.append(pull(4, None, provider="polar", resource="steps"))
    (block,) = build(rows, NOW).heat.blocks
    assert block.providers == ("oura", "whoop")
    assert block.rows == (
        ("sleep", (Share(2, 2), Share(1, 1))),
        ("hrv", (Share(0, 1), None)),
    )


def test_heat_map_is_cut_to_blocks_and_says_what_it_leaves_out():
    rows = [pull(1, provider=f"p{p:02}") for p in range(75)]
    rows += [pull(1, resource=f"r{r:03}") for r in range(120)]
    heat = build(rows, NOW).heat
    assert [len(block.providers) for block in heat.blocks] == [10] * 6
    assert (heat.providers_left_out, heat.resources_left_out) == (16, 21)


def test_errors_are_counted_most_frequent_first():
    errors = ["a", "b", "b", None, None, None]
    rows = [pull(n, "failure", error_details=error) for n, error in enumerate(errors)]
    rows.append(pull(9, "retrying", error_details="b"))
    found = [(each.error, each.kind, each.count) for each in build(rows, NOW).errors]
    assert found == [(None, None, 3), ("b", "unrecognized", 2), ("a", "unrecognized", 1)]


def test_errors_that_are_made_up_one_by_one_do_not_fill_the_memory():
    rows = [pull(n, "failure", error_details=f"e{n}") for n in range(1_500)]
    report = build(rows, NOW)
    assert len(report.errors) == 20
    assert report.errors_left_out == 1_480


def test_pseudonym_is_the_same_throughout_a_report_and_another_in_the_next():
    rows = [pull(1, "failure"), pull(1, "failure", resource="hrv"), pull(2, "failure")]
    first, second = ([action.user for action in build(rows, NOW).actions] for _ in range(2))
    assert len(set(first)) == 2
    assert not set(first) & set(second)


def test_pseudonym_is_not_found_by_hashing_the_id():
    user_id = pull(1).user_id
    digits = NAMES(user_id).replace("-", "")
    assert digits != blake2b(user_id.bytes, digest_size=5).hexdigest()
    assert digits != Pseudonyms(b"another")(user_id).replace("-", "")
    assert NAMES(user_id) == Pseudonyms(b"key")(user_id)


def test_ids_are_shown_when_asked_for():
    assert only([pull(1, "failure")], show_user_ids=True).user == str(pull(1).user_id)


def test_negative_number_of_actions_is_refused():
    with pytest.raises(ValueError, match="most_actions"):
        build([], NOW, most_actions=-1)


def test_users_of_two_teams_are_told_apart_even_if_their_ids_are_the_same():
    rows = [pull(1, "failure"), pull(2, "success")]
    report = build({"acme": iter(rows), "globex": iter(rows)}, NOW, pseudonyms=NAMES)
    one, two = (action.user for action in report.actions)

    assert (report.users, report.total.pulls) == (4, 4)
    assert {one.split()[0], two.split()[0]} == {"acme", "globex"}
    assert one.split()[1] != two.split()[1]
    shown = build({"acme": rows, "globex": rows}, NOW, show_user_ids=True)
    assert {action.user for action in shown.actions} == {
        f"{team} {rows[0].user_id}" for team in ("acme", "globex")
    }


def test_single_team_is_reported_as_rows_without_a_team_are():
    rows = mock_rows()
    names = {user_id: NAMES(user_id) for user_id in {row.user_id for row in rows}}
    report = build({"": rows}, NOW, pseudonyms=NAMES)
    assert report == build(rows, NOW, pseudonyms=NAMES)
    assert {action.user for action in report.actions} <= set(names.values())
