"""The page: well-formed, self-contained, readable by everybody, safe whatever the server sent."""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given

from junction_introspect import report as room
from junction_introspect.report import Pseudonyms, build, render, wording
from junction_introspect.report.rendering import _compact, _length, _moment, _tenths
from junction_introspect.tracking import STATES
from tests.unit.report.data import ANY_TIME, NOW, any_rows, many, mock_rows, pull
from tests.unit.report.pages import PageError, read

TEMPLATES = Path(room.__file__).parent / "templates"
STYLE = (TEMPLATES / "style.css").read_text(encoding="utf-8")
SCRIPT = (TEMPLATES / "page.js").read_text(encoding="utf-8")
LIMIT = 5_000_000


def page_of(rows, now=NOW, **options):
    return render(build(rows, now, pseudonyms=Pseudonyms(b"key"), **options))


@pytest.fixture(scope="module")
def page():
    return page_of(mock_rows(), most_actions=500)


@pytest.fixture(scope="module")
def root(page):
    return read(page)


@given(any_rows(), ANY_TIME)
def test_any_rows_make_a_page_with_nobody_in_it(rows, now):
    page = page_of(rows, now)
    page.encode()
    root = read(page)
    assert len([*root.all("script")]) == bool(rows)
    for row in rows:
        assert str(row.user_id) not in page
        assert row.user_id.hex not in page


@given(any_rows())
def test_ids_stand_in_the_page_when_asked_for(rows):
    page = page_of(rows, show_user_ids=True)
    assert "This report shows user ids" in page
    for action in build(rows, NOW, show_user_ids=True).actions:
        assert action.user in page


@pytest.mark.parametrize("field", ["provider", "resource", "error_details", "trace_id"])
@pytest.mark.parametrize("value", ["<script>alert(1)</script>", "</style><b>", "\" onload='x'"])
def test_value_of_the_server_is_text(field, value):
    root = read(page_of([pull(1, "failure", **{field: value})]))
    assert len([*root.all("script")]) == 1
    (row,) = root.one("table", id="actions").rows()
    assert any(value in cell for cell in row)


def test_absurd_values_are_cut():
    rows = [
        pull(1, "failure", provider="p" * 10_000, trace_id="t" * 10_000, error_details="e" * 9_999)
    ]
    page = page_of(rows)
    assert "e" * 40 + "… (9,999 characters)" in page
    assert "e" * 41 not in page
    assert len(page) < 40_000


def test_policy_allows_our_own_style_and_script_alone(page, root):
    policy = root.one("meta", **{"http-equiv": "Content-Security-Policy"}).attributes["content"]
    hashes = {}
    for tag in ("style", "script"):
        text = re.search(rf"<{tag}>(.*)</{tag}>", page, re.DOTALL)[1]
        hashes[tag] = b64encode(sha256(text.encode()).digest())
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashes['style'].decode()}';"
        f" script-src 'sha256-{hashes['script'].decode()}'; base-uri 'none'; form-action 'none'"
    )
    assert not re.search(r"<[^>]* (style|on\w+)=", page)


def test_page_refers_to_nothing_outside_itself(page, root):
    assert not re.search(r"https?:|//\w|url\(|@import", page)
    assert not re.search(r"<[^>]* (src|srcset|action|poster|data)=", page)
    links = {each.attributes["href"] for each in root.all("a")}
    ids = {each.attributes.get("id") for each in root.all("h2")}
    assert links <= {f"#{each}" for each in ids}
    assert not [*root.all("link"), *root.all("img"), *root.all("iframe")]


def test_tables_have_headers_and_captions(root):
    for table in root.all("table"):
        assert table.one("caption").text
        for header in table.all("th"):
            assert header.attributes["scope"] in {"col", "row"}
        columns = len([*table.one("thead").all("th")])
        for row in table.rows():
            assert len(row) == columns


def test_charts_have_text_alternatives(root):
    charts = [each for each in root.all("svg") if each.attributes.get("role") == "img"]
    assert len(charts) == 2
    for chart in charts:
        texts = {
            each.attributes["id"]: each.text for tag in ("title", "desc") for each in chart.all(tag)
        }
        assert [*texts] == chart.attributes["aria-labelledby"].split()
        assert all(texts.values())


def test_other_drawings_are_hidden_beside_the_text_that_says_the_same(root):
    for drawing in root.all("svg"):
        if drawing.attributes.get("role") != "img":
            assert drawing.attributes["aria-hidden"] == "true"


def test_page_has_a_language_a_title_and_one_main_heading(root):
    assert root.one("html").attributes["lang"] == "en"
    assert root.one("head").one("title").text == "Historical backfills, 2025-10-01 12:00 UTC"
    assert len([*root.all("h1")]) == len([*root.all("main")]) == 1


def test_inputs_have_labels(root):
    labels = [*root.one("form").all("label")]
    labelled = [
        field for label in labels for tag in ("input", "select") for field in label.all(tag)
    ]
    assert len(labelled) == 2
    assert all(label.text for label in labels)


def test_every_state_is_explained_and_counted(root):
    (table,) = (each for each in root.all("table") if each.attributes["class"] == "states")
    report = build(mock_rows(), NOW)
    assert table.rows() == [
        [
            wording.STATE_LABELS[state],
            f"{report.total.states[state]:,}",
            _tenths(report.total.states[state] * 1_000 // report.total.pulls),
            wording.STATE_MEANINGS[state],
            wording.STATE_TURNS[state],
        ]
        for state in STATES
    ]


def test_heat_map_shows_the_shares(root):
    heat = build(mock_rows(), NOW).heat
    tables = [each for each in root.all("table") if each.attributes["class"].startswith("heat")]
    assert len(tables) == len(heat.blocks)
    for table, block in zip(tables, heat.blocks, strict=True):
        assert table.rows() == [
            [resource, *("" if share is None else str(share.percent) for share in shares)]
            for resource, shares in block.rows
        ]


def test_numbers_of_the_durations_are_in_a_table(root):
    (table,) = (each for each in root.all("table") if each.attributes["class"] == "short")
    bins = build(mock_rows(), NOW).durations
    assert [row[1] for row in table.rows()] == [f"{each.count:,}" for each in bins]


def test_actions_stand_in_the_table_in_their_order(root):
    actions = build(mock_rows(), NOW, pseudonyms=Pseudonyms(b"key"), most_actions=500).actions
    rows = root.one("table", id="actions").rows()
    assert [(row[0], row[1], row[2], row[5]) for row in rows] == [
        (
            f"{each.provider} {each.resource}",
            each.user,
            wording.TURN_LABELS[each.turn],
            each.trace_id or "none",
        )
        for each in actions
    ]


def test_page_says_what_was_left_out():
    rows = [pull(number, "failure") for number in range(1_200)]
    rows.append(
        pull(
            9_999, "scheduled", scheduled_at=NOW - timedelta(days=2), started_at=None, ended_at=None
        )
    )
    text = " ".join(read(page_of(rows, most_actions=100)).one("body").text.split())
    assert "The 100 most important of 1,201 pulls are listed; 1,101 more are left out" in text
    assert "to keep this file small: 1,101 failed for good." in text
    assert "1,201 pulls, all of them listed." in page_of(rows, most_actions=2_000)


def test_page_says_what_the_heat_map_and_the_errors_leave_out():
    rows = [pull(n, "failure", provider=f"p{n}", error_details=f"e{n}") for n in range(61)]
    text = page_of(rows)
    assert "Left out: 1 provider and 0 resources" in text
    assert "Left out: 41 pulls with rarer errors." in text
    assert "41 more providers" not in text
    assert "40 more providers" in text


def test_no_rows_make_a_page_that_says_so():
    text = read(page_of([])).one("main").text
    assert "Nothing to report" in text
    assert "table" not in {each.tag for each in read(page_of([])).all("table")}


def test_nobody_has_to_act_when_everything_is_well():
    root = read(page_of([pull(1)]))
    assert "Nobody has to act" in root.one("main").text
    assert not [*root.all("form")]
    assert "No pull is stuck." in root.one("main").text


def test_what_was_not_pulled_alone_makes_a_page():
    nothing = {"scheduled_at": None, "started_at": None, "ended_at": None}
    root = read(page_of([pull(1, None, **nothing)]))
    assert "no pull has ended" in root.one("main").text


def test_page_warns_where_records_are_missing():
    report = build([pull(1)], NOW)
    assert "This report is incomplete" not in render(report)
    assert "This report is incomplete" in render(evolve(report, complete=False))


def test_subject_stands_under_the_title():
    assert "All users" in page_of([pull(1)])
    assert "Just oura &lt;3" in page_of([pull(1)], subject="Just oura <3")


def test_script_and_style_are_those_that_ship(root):
    assert root.one("style").text == STYLE.strip()
    assert root.one("script").text == SCRIPT.strip()


@pytest.mark.parametrize(
    "character",
    [
        *("\U0001f600", "&"),
        *(pytest.param(each, marks=pytest.mark.proof(only=True)) for each in ("_", "\x00")),
    ],
)
def test_the_longest_page_is_small(character):
    longest = 40 * character
    rows = [
        pull(
            number,
            "failure",
            provider=f"{number % 80:02}{longest}",
            resource=f"{number // 80 % 120:03}{longest}",
            error_details=f"{number:05}{longest}",
            trace_id=f"{number:05}{longest}",
            ended_at=None,
        )
        for number in range(9_600)
    ]
    report = build(rows, NOW, show_user_ids=True)
    assert len(report.actions) == 3_000
    assert sum(len(block.rows) for block in report.heat.blocks) == 6 * 100
    assert len(render(report).encode()) < LIMIT


@pytest.mark.proof
def test_a_million_rows_make_a_small_page(at_length):
    count = at_length(20_000, 1_000_000)
    report = build(many(count), NOW)
    page = render(report)
    assert report.total.pulls == count
    assert len(page.encode()) < LIMIT
    assert f"{sum(report.left_out.values()):,} more are left out" in page


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.2, "1 s"),
        (59.2, "1 min"),
        (61, "1 min 1 s"),
        (1_792, "30 min"),
        (86_400 * 9, "9 d"),
        (39_600, "11 h"),
        (39_601, "12 h"),
        (86_400 * 11 + 1, "12 d"),
    ],
)
def test_rough_length_is_never_less(seconds, text):
    assert _length(seconds) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1_000, "1.0k"),
        (37_900, "37k"),
        (999_999, "999k"),
        (1_250_000, "1.2M"),
        (7 * 10**9, "7G"),
    ],
)
def test_count_above_a_bar_is_short(number, text):
    assert _compact(number) == text


@pytest.mark.parametrize(
    ("tenths", "text"), [(0, "0 %"), (7, "0.7 %"), (913, "91.3 %"), (1_000, "100 %")]
)
def test_percent_is_written_with_a_tenth(tenths, text):
    assert _tenths(tenths).replace("\u00a0", " ") == text


def test_moment_is_in_utc():
    assert _moment(NOW) == _moment(NOW.replace(tzinfo=None)) == "2025-10-01 12:00"
    first = NOW.fromisoformat("0001-01-01T00:00:00+02:00")
    assert _moment(first) == "0001-01-01 00:00+02:00"


def _themes():
    def variables(text):
        return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", text))

    light, dark = re.findall(r":root \{(.*?)\n *\}", STYLE, re.DOTALL)[:2]
    return {"light": variables(light), "dark": variables(light) | variables(dark)}


THEMES = _themes()
PAIRED = sorted(name for name in THEMES["light"] if f"on-{name}" in THEMES["light"])
TEXT = [("ink", "paper"), ("ink", "card"), ("muted", "paper"), ("muted", "card"), ("link", "card")]
TEXT += [(f"on-{name}", name) for name in PAIRED]
DRAWN = [*STATES, "plain", "queued", "ran", "overdue", "mark"]


def contrast(first, second):
    """The ratio of WCAG 2.2."""

    def luminance(colour):
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_computed_as_the_standard_says():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_dark_theme_has_every_colour_of_its_own():
    light, dark = re.findall(r":root \{(.*?)\n *\}", STYLE, re.DOTALL)[:2]
    names = [set(re.findall(r"--([\w-]+):", each)) for each in (light, dark)]
    assert names[0] == names[1]
    assert len(PAIRED) == 11


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("text", "ground"), TEXT)
def test_text_has_contrast(theme, text, ground):
    assert contrast(THEMES[theme][text], THEMES[theme][ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", DRAWN)
def test_drawing_has_contrast(theme, name):
    assert contrast(THEMES[theme][name], THEMES[theme]["card"]) >= 3


@pytest.mark.parametrize(
    "broken", ["<b>", "<i><b></i></b>", "<b a=1 a=2></b>", "<b/>", "<b id=x></b><b id=x></b>"]
)
def test_reader_of_these_tests_is_strict(broken):
    with pytest.raises(PageError):
        read(broken)
