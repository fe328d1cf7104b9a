"""The report as a browser shows it; screenshots are kept in ``build/report``."""

from __future__ import annotations

from pathlib import Path

import pytest

from junction_introspect.report import Pseudonyms, build, render
from tests.support.limits import LIMIT
from tests.unit.report.browser import chromium, open_browser
from tests.unit.report.data import NOW, mock_rows, pull

pytestmark = pytest.mark.any_specification

SHOTS = Path(__file__).parents[3] / "build" / "report"
DESKTOP = {"width": 1_280, "height": 900}
PHONE = {"width": 390, "height": 844}
SMALL_PHONE = {"width": 320, "height": 568}

ACTIONS = "#actions tbody tr"
VISIBLE = f"{ACTIONS}:not([hidden])"

ROWS = mock_rows()
ABSURD = [
    pull(1, "failure", provider="<script>alert(1)</script>", resource="W" * 10_000),
    pull(2, "failure", provider="\u05d0" * 50, trace_id="T" * 10_000, error_details="e" * 900),
    pull(3, "scheduled", scheduled_at=NOW.replace(year=1), started_at=None, ended_at=None),
    pull(4, started_at=NOW.replace(year=1)),
]


@pytest.fixture(scope="module")
def browser():
    executable = chromium()
    if executable is None:
        pytest.skip("there is no Chromium on the PATH, nor in JUNCTION_CHROMIUM")
    with open_browser(executable) as running:
        yield running


@pytest.fixture
def show(browser, tmp_path):
    """Opens a report of some rows in a browser, which may ask for nothing else or complain."""
    contexts, complaints, requests = [], [], []

    def opened(rows, viewport=DESKTOP, *, most_actions=60, **options):
        file = tmp_path / "report.html"
        names = Pseudonyms(b"screenshots")
        report = build(rows, NOW, pseudonyms=names, most_actions=most_actions)
        file.write_text(render(report), encoding="utf-8")
        context = browser.new_context(viewport=viewport, **options)
        contexts.append(context)
        context.set_default_timeout(1000 * LIMIT)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(file.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
    assert len(requests) == len(contexts)
    assert all(url.startswith("file:") for url in requests)


def rendered(page, selector, what):
    return page.eval_on_selector_all(selector, f"found => found.map(each => {what})")


def sideways(page):
    """How many pixels of the page are beyond its right edge."""
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


def test_search_narrows_the_table(show):
    page = show(ROWS, most_actions=3_000)
    everything = page.locator(VISIBLE).count()
    assert everything == page.locator(ACTIONS).count() > 100

    page.fill("#words", "Fitbit retry_quota")
    found = rendered(page, VISIBLE, "each.textContent")
    assert 0 < len(found) < everything
    assert all("fitbit" in text and "retry_quota_exhausted" in text for text in found)
    assert page.inner_text("#shown") == f"{len(found)} of {everything} shown"

    page.select_option("#turn", "Junction support")
    assert page.locator(VISIBLE).count() == 0
    assert page.is_visible("#nothing")

    page.fill("#words", "")
    turns = rendered(page, VISIBLE, "each.cells[2].textContent")
    assert set(turns) == {"Junction support"}
    assert not page.is_visible("#nothing")

    page.select_option("#turn", "")
    page.press("#words", "Enter")
    assert page.locator(VISIBLE).count() == everything


def test_search_finds_a_trace_id_and_a_user(show):
    page = show(ROWS)
    user, trace_id = rendered(
        page, ACTIONS, "[each.cells[1].textContent, each.cells[5].textContent]"
    )[0]
    page.fill("#words", trace_id)
    assert page.locator(VISIBLE).count() == 1
    page.fill("#words", user)
    assert set(rendered(page, VISIBLE, "each.cells[1].textContent")) == {user}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_charts_are_drawn(show, scheme):
    page = show(ROWS, color_scheme=scheme)
    boxes = "(({width, height}) => [width, height])(each.getBoundingClientRect())"
    (bar,) = rendered(page, "svg.bar", boxes)
    pieces = rendered(page, "svg.bar rect", boxes)
    assert len(pieces) == 4
    assert sum(width for width, _ in pieces) == pytest.approx(bar[0], abs=10)
    heights = [height for _, height in rendered(page, "svg.histogram rect", boxes)]
    assert len(heights) > 5
    assert max(heights) > 140
    lengths = rendered(page, ".course td svg", "each.getBBox().width")
    assert len(lengths) == 24
    assert min(lengths) > 10
    # A class that the style does not know would be black.
    fills = rendered(page, "main rect", "getComputedStyle(each).fill")
    assert "rgb(0, 0, 0)" not in fills
    grounds = set(rendered(page, ".heat td:not(:empty)", "getComputedStyle(each).backgroundColor"))
    assert len(grounds) >= 5
    assert "rgba(0, 0, 0, 0)" not in grounds


@pytest.mark.parametrize("rows", [ROWS, ABSURD, []], ids=["mock", "absurd", "none"])
def test_nothing_runs_over_the_edge(show, rows):
    page = show(rows)
    for viewport in (DESKTOP, PHONE, SMALL_PHONE):
        page.set_viewport_size(viewport)
        for is_open in ("false", "true"):
            open_ = f"found => found.forEach(each => each.open = {is_open})"
            page.eval_on_selector_all("details", open_)
            assert sideways(page) <= 0, (viewport, is_open)


def test_letters_are_large_enough_on_a_phone(show):
    page = show(ROWS, PHONE)
    sizes = rendered(page, "main *", "parseFloat(getComputedStyle(each).fontSize)")
    assert min(sizes) >= 11


def test_page_reads_without_javascript(show):
    page = show(ROWS, java_script_enabled=False)
    assert page.locator(f"{ACTIONS} >> nth=0").is_visible()
    assert not page.is_visible("#search")


def test_rows_of_the_table_are_cards_on_a_phone(show):
    page = show(ROWS, PHONE)
    assert rendered(page, ACTIONS, "getComputedStyle(each).display")[0] == "flex"


def test_print_is_light_and_whole(show):
    page = show(ROWS, color_scheme="dark")
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.emulate_media(media="print", color_scheme="dark")
    colours = "[getComputedStyle(each).color, getComputedStyle(each).backgroundColor]"
    assert rendered(page, "section", colours)[0] == ["rgb(21, 32, 43)", "rgb(255, 255, 255)"]
    assert not page.is_visible("#search")
    # By the style, and where a browser does not know how, by the script.
    page.eval_on_selector_all("details", "found => found.forEach(each => each.open = false)")
    assert all(rendered(page, "details table", "each.checkVisibility()"))
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert all(rendered(page, "details", "each.open"))


WELL = [row for row in ROWS if row.status == "success" and row.days_with_data]


@pytest.mark.parametrize(
    ("name", "rows", "viewport", "scheme"),
    [
        ("report", ROWS, DESKTOP, "light"),
        ("report", ROWS, PHONE, "dark"),
        *(
            pytest.param(*each, marks=pytest.mark.proof(only=True))
            for each in [
                ("report", ROWS, DESKTOP, "dark"),
                ("report", ROWS, PHONE, "light"),
                ("settled", WELL, DESKTOP, "light"),
                ("empty", [], PHONE, "dark"),
            ]
        ),
    ],
)
def test_screenshots_are_kept(show, name, rows, viewport, scheme):
    page = show(rows, viewport, most_actions=12, color_scheme=scheme)
    SHOTS.mkdir(parents=True, exist_ok=True)
    file = SHOTS / f"{name}-{viewport['width']}-{scheme}.png"
    page.screenshot(path=file, full_page=True)
    assert file.stat().st_size > 5_000


def test_print_is_kept(show):
    page = show(ROWS, most_actions=12)
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.pdf(path=SHOTS / "report.pdf", format="A4")
    page.set_viewport_size({"width": 690, "height": 980})
    page.emulate_media(media="print")
    page.screenshot(path=SHOTS / "report-print.png", full_page=True)
