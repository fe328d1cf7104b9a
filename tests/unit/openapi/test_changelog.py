from __future__ import annotations

import pytest

from openapi.changelog import ChangelogError, add, entry
from openapi.diff.changes import Change, Grade

pytestmark = pytest.mark.any_specification

CHANGES = [
    Change(Grade.BREAKING, "parameter gone", ["GET /x → query a"], ["request"]),
    Change(Grade.ABSORBED, "new optional field", ["GET /x → 200 → b"], ["response"]),
    Change(Grade.ABSORBED, "new header", ["GET /x → 200 → header C"], ["response"]),
]


def test_entry_tells_the_versions_and_the_changes_by_class():
    assert entry(CHANGES, "1", "2") == (
        "- Specification 1 → 2.\n"
        "  - *breaking*\n"
        "    - `GET /x → query a` (request): parameter gone\n"
        "  - *absorbed*\n"
        "    - `GET /x → 200 → b` (response): new optional field\n"
        "    - `GET /x → 200 → header C` (response): new header"
    )


def test_entry_says_when_nothing_has_changed():
    assert entry([], "1", "2") == "- Specification 1 → 2: no change that a caller could see."


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# C\n\n## Unreleased\n", "# C\n\n## Unreleased\n\n### Changed\n\n- new\n"),
        (
            "## Unreleased\n\nThe first release.\n\n### Fixed\n\n- f\n",
            "## Unreleased\n\nThe first release.\n\n### Changed\n\n- new\n\n### Fixed\n\n- f\n",
        ),
        (
            "## Unreleased\n\n### Added\n\n- a\n\n### Fixed\n\n- f\n\n## 1\n\n- o\n",
            (
                "## Unreleased\n\n### Added\n\n- a\n\n### Changed\n\n- new\n\n"
                "### Fixed\n\n- f\n\n## 1\n\n- o\n"
            ),
        ),
        (
            "## Unreleased\n\n### Changed\n\n- c\n  - d\n\n## 1\n\n### Changed\n\n- o\n",
            "## Unreleased\n\n### Changed\n\n- new\n- c\n  - d\n\n## 1\n\n### Changed\n\n- o\n",
        ),
        (
            "## Unreleased\n\n## 1\n\n### Changed\n\n- o\n",
            "## Unreleased\n\n### Changed\n\n- new\n\n## 1\n\n### Changed\n\n- o\n",
        ),
    ],
)
def test_entry_stands_first_among_the_changes_not_released(before, after):
    assert add(before, "- new") == after


def test_changelog_without_a_place_for_it_is_refused():
    with pytest.raises(ChangelogError, match="no section '## Unreleased'"):
        add("# Changelog\n\n## 1.0\n", "- new")
