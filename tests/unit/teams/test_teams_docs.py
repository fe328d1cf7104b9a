"""What docs/teams.md shows, runs."""

import re
from pathlib import Path

import pytest
from attrs import fields

from junction_introspect.teams import Team, parse_teams

pytestmark = pytest.mark.any_specification

DOCS = (Path(__file__).parents[3] / "docs" / "teams.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", DOCS, flags=re.DOTALL)
(FILE,) = re.findall(r"```toml\n(.*?)```", DOCS, flags=re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
@pytest.mark.filterwarnings(
    # distributed tells so of its dashboard, whose port another cluster on the machine may have.
    "ignore:Port 8787 is already in use:UserWarning"
)
def test_example_runs_as_it_stands(example, serve, monkeypatch, tmp_path, capsys):
    teams = [serve("acme")[0], serve("globex")[0]]
    (tmp_path / "teams.toml").write_text(
        "".join(
            f'[[team]]\nname = "{team.name}"\nbase_url = "{team.base_url}"\n'
            f'key_env = "{team.key_env}"\n'
            for team in teams
        )
    )
    monkeypatch.chdir(tmp_path)

    exec(compile(example, "teams.md", "exec"), {"__name__": "__main__"})  # noqa: S102 - our own

    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(" ")[0] for line in lines[:2]] == ["acme", "globex"]
    assert not any("Error" in line for line in lines)


def test_both_ways_have_an_example():
    assert ["run_teams(" in example for example in EXAMPLES] == [True, False]
    assert ["sweep(" in example for example in EXAMPLES] == [False, True]


def test_file_shown_is_one(tmp_path):
    assert [team.name for team in parse_teams(FILE, tmp_path)] == ["acme", "globex-eu"]


def test_table_of_fields_is_complete():
    listed = re.findall(r"^\| `(\w+)` \|", DOCS.partition("A key does not")[0], flags=re.MULTILINE)
    assert listed == [field.name for field in fields(Team)]
