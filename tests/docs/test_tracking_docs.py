"""What docs/tracking.md says, the code does."""

import re
from pathlib import Path
from typing import get_args

import pytest

from junction_introspect import tracking
from junction_introspect.cli.options import length_of_time
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
