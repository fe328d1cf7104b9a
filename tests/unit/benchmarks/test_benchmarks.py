"""The benchmarks' own arithmetic and what they write; no time is measured here."""

import itertools
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.benchmarks import chart, machine, reporting, workload
from tests.benchmarks.__main__ import QUESTIONS
from tests.benchmarks.measuring import (
    Answer,
    Claim,
    Series,
    at_least,
    at_most,
    cost,
    gain,
    interleaved,
    shown,
)
from tests.benchmarks.setting import ROOT
from tests.support.pulls import decode_page

pytestmark = pytest.mark.any_specification

OURS = Series("ours", (3.0, 1.0, 2.0))
THEIRS = Series("theirs", (12.0, 8.0, 10.0))

POINTS = [chart.Point(100, 9_000, 40), chart.Point(10_000, 21_500, 41.5)]


def clock(*ticks):
    """Return a clock that shows these seconds one after the other."""
    return iter(ticks).__next__


def test_median_and_minimum_are_of_all_runs():
    assert (OURS.median, OURS.minimum) == (2.0, 1.0)


def test_series_per_page_keeps_who_ran_and_the_servers_share():
    walk = Series("ours", (200.0, 400.0), server=0.1)

    assert walk.per(200) == Series("ours", [1.0, 2.0], "ms", 0.1)
    assert walk.per(1000, "s").unit == "s"


def test_cost_is_a_ratio_of_medians_and_one_of_minima():
    claim = cost(THEIRS, OURS, at_most(6))

    assert (claim.value, claim.least) == (5.0, 8.0)
    assert claim.what == "theirs / ours"


def test_gain_is_the_cost_seen_from_the_other_side():
    assert gain(OURS, THEIRS).value == cost(THEIRS, OURS).value


@pytest.mark.parametrize(
    ("value", "target", "verdict"),
    [
        (1.6, at_most(1.6), "met"),
        (1.61, at_most(1.6), "missed"),
        (5.0, at_least(5), "met"),
        (4.99, at_least(5), "missed"),
        (4.99, None, ""),
    ],
)
def test_bound_itself_still_meets_the_target(value, target, verdict):
    assert Claim("a claim", value, target=target).verdict == verdict


def test_contenders_run_by_turns_after_a_run_that_is_not_timed():
    order = []
    contenders = {"a": lambda: order.append("a"), "b": lambda: order.append("b")}

    interleaved(contenders, 2, clock=clock(*range(8)))

    assert order == ["a", "b", "a", "b", "a", "b"]


def test_run_is_timed_in_milliseconds_and_by_itself():
    contenders = {"a": lambda: None, "b": lambda: None}

    a, b = interleaved(contenders, 2, clock=clock(0, 1, 5, 7, 10, 11, 20, 22))

    assert (a.values, b.values) == ([1000, 1000], [2000, 2000])
    assert a.server is b.server is None


def test_servers_share_is_of_the_contenders_own_runs():
    busy = clock(0.0, 0.5, 7.0, 7.0)

    a, b = interleaved(
        {"a": lambda: None, "b": lambda: None}, 1, busy=busy, clock=clock(0, 2, 2, 4)
    )

    assert (a.server, b.server) == (0.25, 0)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0754, "0.08 ms"), (1.604, "1.60 ms"), (15.26, "15.3 ms"), (2612.2, "2,612 ms")],
)
def test_figure_is_shown_with_the_digits_that_count(value, text):
    assert shown(value, "ms") == text


@given(st.lists(st.tuples(st.text("ab×"), st.text("ab×")), max_size=4))
def test_columns_of_a_table_are_as_wide_as_their_widest_cell(rows):
    lines = reporting.table(("head", ""), rows).split("\n")

    assert len({len(line) for line in lines}) == 1
    assert len(lines) == len(rows) + 2


def test_answer_tells_every_series_and_every_claim_with_its_verdict():
    answer = Answer(
        "Which is faster", [OURS, THEIRS], [gain(OURS, THEIRS, at_least(6))], "A remark."
    )

    text = reporting.answer_text(answer)

    assert text.startswith("## Which is faster\n\nA remark.\n\n")
    assert "| ours   | 2.00 ms | 1.00 ms | 3    |" in text
    assert "| 5.00 ×    | 8.00 ×     | ≥ 6.00 × | missed |" in text


def test_servers_share_has_a_column_only_where_there_is_a_server():
    served = Series("ours", (1.0,), server=0.104)

    assert "10% of the time" in reporting.answer_text(Answer("", [served, THEIRS], []))
    assert "server" not in reporting.answer_text(Answer("", [THEIRS], []))


def test_results_count_what_has_a_target_and_no_more():
    claims = [cost(OURS, THEIRS, at_most(1)), cost(THEIRS, OURS, at_most(1)), cost(OURS, THEIRS)]

    text = reporting.results_text([Answer("A question", [], claims)], {"machine": "2 cores"})

    assert "1 of 2 targets are met" in text
    assert "| machine | 2 cores |" in text
    assert text.endswith("|\n")


def test_machine_is_described_without_names_of_hosts_and_paths():
    described = " ".join(machine.described("pages", ["httpx"]).values())

    assert "Python" in described
    assert "httpx" in described
    assert str(ROOT) not in described


def test_page_of_the_workload_is_a_page():
    records = workload.records()
    body = workload.body(records[0], "7")

    page = decode_page(body)

    assert len(page.data) == workload.USERS_A_PAGE
    assert page.next_cursor == "7"
    assert decode_page(workload.body(records[0], None)).next_cursor is None
    assert len(set(records)) == len(records)


def test_pulls_of_a_page_are_its_rows():
    body = (
        b'{"data":[{"provider":{"oura":{"pulled":{"sleep":{}},"not_pulled":["hrv","vo2_max"]}}}]}'
    )

    assert workload.pulls(body) == 3


def test_chart_is_xml_that_tells_its_figures_in_words():
    root = ET.fromstring(chart.svg(POINTS))  # noqa: S314 - our own text

    description = root.find("{http://www.w3.org/2000/svg}desc")
    assert description is not None
    assert "10,000 users: 21,500 users a second, 42 MB" in (description.text or "")


def test_points_of_the_chart_lie_within_their_panels():
    root = ET.fromstring(chart.svg(POINTS))  # noqa: S314 - our own text
    _, _, width, height = (float(part) for part in root.attrib["viewBox"].split())

    circles = [element.attrib for element in root if element.tag.endswith("circle")]

    assert len(circles) == 2 * len(POINTS)
    assert all(
        0 < float(circle["cx"]) < width and 0 < float(circle["cy"]) < height for circle in circles
    )


def test_more_users_stand_further_right_and_higher_rates_higher():
    root = ET.fromstring(chart.svg(POINTS))  # noqa: S314 - our own text

    first, second, *_ = (
        (float(element.attrib["cx"]), float(element.attrib["cy"]))
        for element in root
        if element.tag.endswith("circle")
    )

    assert first[0] < second[0]
    assert first[1] > second[1]


def test_chart_is_written_where_it_is_asked_for(tmp_path):
    chart.write(POINTS, tmp_path / "scaling.svg")

    assert (tmp_path / "scaling.svg").read_text() == chart.svg(POINTS)


@given(st.floats(1, 1e9))
def test_axis_ends_at_a_round_figure_not_far_above_what_it_shows(value):
    top = chart.round_top(value)

    assert value <= top <= 2.5 * value
    assert f"{top:.0f}".rstrip("0") in {"1", "2", "4", "5", "8"}


def test_every_question_is_a_module_that_can_be_asked():
    folder = ROOT / "tests" / "benchmarks" / "questions"

    assert {file.stem for file in folder.glob("*.py")} == set(QUESTIONS)
    assert all("def ask(" in (folder / f"{name}.py").read_text() for name in QUESTIONS)
    assert not any(a == b for a, b in itertools.combinations(QUESTIONS, 2))
