"""The how-to of the contract: its Python runs, its exit statuses and options exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from junction_introspect.cli import exits
from junction_introspect.cli.app import loaded
from junction_introspect.contract.engine import Verdict

pytestmark = pytest.mark.any_specification

TEXT = (Path(__file__).parents[2] / "docs" / "how-to" / "contract-in-ci.md").read_text(
    encoding="utf-8"
)


def test_the_block_of_python_finds_nothing_broken(capsys, monkeypatch):
    # The promises are enough here; schemathesis would take half a minute on a busy machine.
    monkeypatch.setattr("junction_introspect.contract.suite.judge", lambda *_, **__: Verdict())
    (block,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    exec(block, names := {})  # noqa: S102 - it stands in the documentation
    assert capsys.readouterr().out == ""
    assert len(names["report"].findings) > 30


def test_every_option_that_is_named_exists():
    options = {name for each in loaded("contract").params for name in each.opts}
    named = set(re.findall(r"(?<!-)--[a-z][a-z-]*", TEXT))
    assert named
    assert named <= options


def test_every_exit_status_that_is_listed_has_a_meaning():
    rows = re.findall(r"^\| ([\d, ]+) \|", TEXT, re.MULTILINE)
    listed = [int(each) for row in rows for each in row.split(",")]
    assert listed == [0, 1, 2, 3, 4, 5]
    assert {*listed} <= exits.MEANINGS.keys()
