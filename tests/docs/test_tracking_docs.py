"""What docs/tracking.md says, the code does."""

import re
from pathlib import Path
from typing import get_args

import pytest

from junction_introspect import tracking
from junction_introspect.cli.options import length_of_time
from junction_introspect.mock import MockServer, Population
from junction_introspect.tracking import Poll

DOCS = (Path(__file__).parents[2] / "docs" / "tracking.md").read_text(encoding="utf-8")
PROBLEMS = {
    "not_started": "scheduled",
    "not_finished": "in_progress",
    "still_retrying": "retrying",
    "success_without_data": "empty_range",
}


def rows_of(header):
    """Return the first cell of each row of the table that has this header."""
    _, _, after = DOCS.partition(header)
    return re.findall(r"^\| `(\w+)` \|", after.partition("\n\n")[0], flags=re.MULTILINE)


def test_every_state_problem_and_kind_is_explained():
    assert rows_of("| state | status |") == list(tracking.STATES)
    assert rows_of("| problem | when |") == list(get_args(tracking.Problem))
    assert set(rows_of("| kind | what happened |")) == set(get_args(tracking.ChangeKind))


@pytest.mark.parametrize(("problem", "name"), PROBLEMS.items())
def test_thresholds_are_those_of_the_code(problem, name):
    (told,) = re.findall(rf"^\| `{problem}` \|[^|]*\| (\d+ \w) \|", DOCS, flags=re.MULTILINE)

    assert length_of_time(told.replace(" ", "")) == getattr(tracking.Thresholds(), name)


def test_poll_is_that_of_the_code():
    (told,) = re.findall(r"`(Poll\([^`]*\))`", DOCS)

    assert eval(told) == Poll()  # noqa: S307 - a line of the docs


# What an example says; by a word that only that example has.
SAID = {
    "explain(": ("user", "Ask "),
    "stuck(": ("states=Counter(", "is too long"),
    "follow(": ("appeared", "success"),
}


@pytest.mark.parametrize("example", re.findall(r"```python\n(.*?)```", DOCS, flags=re.DOTALL))
def test_example_runs_as_it_stands(example, monkeypatch, capsys):
    # What is followed settles in no time by a clock this fast.
    speed = 1e6 if "follow(" in example else 0
    with MockServer(Population(60, seed=1), speed=speed) as server:
        monkeypatch.setenv("JUNCTION_API_KEY", server.api_key)
        monkeypatch.setenv("JUNCTION_BASE_URL", server.url)
        exec(compile(example, "tracking.md", "exec"), {})  # noqa: S102 - our own example

    (expected,) = (texts for word, texts in SAID.items() if word in example)
    said = capsys.readouterr().out
    assert all(text in said for text in expected)
