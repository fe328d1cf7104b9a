"""What the pages of the documentation show, runs: commands with their output, and code."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cache

import pytest

from junction_introspect.mock import MockServer, Population
from tests.docs import pages
from tests.docs.pages import ROOT

pytestmark = pytest.mark.any_specification

# Pages whose blocks other tests run.
ELSEWHERE = {
    "docs/configuration.md": "tests/docs/test_configuration_docs.py",
    "docs/data.md": "tests/unit/store/test_data_docs.py",
    "docs/generated-client.md": "tests/unit/junction_api/test_generated_client.py",
    "docs/how-to/add-an-operation.md": "tests/operations/test_another_operation.py",
    "docs/mock.md": "tests/docs/test_mock_docs.py",
    "docs/report.md": "tests/unit/report/test_docs.py",
    "docs/teams.md": "tests/unit/teams/test_teams_docs.py",
    "docs/tracking.md": "tests/docs/test_tracking_docs.py",
    # Reproductions of faults in other packages, each run by hand.
    "docs/decisions/our-own-transport.md": "tests/faults/test_forks.py",
}
PAGES = [
    page
    for page in [
        "README.md",
        *sorted(f"{path.relative_to(ROOT)}" for path in ROOT.glob("docs/**/*.md")),
    ]
    if page not in ELSEWHERE
    and any(block.language in pages.RUN for block in pages.blocks(pages.read(page)))
]


# Pages that show the users of ``junction-introspect mock``; fewer are enough for the others.
OF_120_USERS = {"README.md", "docs/listing.md", "docs/tutorial.md"}


@pytest.fixture(scope="session")
def mock_of():
    """Returns a mock of so many users, each started once; its time stands still."""
    with ExitStack() as stack:

        @cache
        def start(users):
            population = Population(users, seed=1, now=datetime.now(UTC))
            return stack.enter_context(MockServer(population, control=True, speed=0))

        yield start


@pytest.mark.parametrize("page", PAGES)
def test_page_runs_as_it_stands(page, mock_of, tmp_path, request, monkeypatch):
    server = mock_of(120 if page in OF_120_USERS else 12)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("JUNCTION_API_KEY", server.api_key)
    monkeypatch.setenv("JUNCTION_BASE_URL", server.url)
    server.control.reset()
    try:
        pages.Reader(server, tmp_path, request, monkeypatch).follow(page)
    finally:
        pages.forget(tmp_path)


@pytest.mark.parametrize(("page", "test"), ELSEWHERE.items())
def test_page_that_runs_elsewhere_is_there(page, test):
    assert (ROOT / page).exists()
    assert (ROOT / test).exists()


def test_a_page_that_shows_another_output_is_found():
    assert pages.differs("1 user\n", "2 users\n")
    assert pages.differs("1 user\n", "1 user\nand more\n")
    assert not pages.differs(
        "1 user, … ago\nscheduled 3 h 2 min ago", "1 user, 5 s ago\nscheduled 1 d ago"
    )
    assert not pages.differs("first\n…\nlast\n", "first\nsecond\nthird\nlast  \n")
