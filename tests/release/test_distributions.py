"""What `make release-check` relies on, without building anything."""

from __future__ import annotations

import tomllib
from importlib import util

import pytest
from hatchling.builders.sdist import SdistBuilder

from tests.release.__main__ import NEEDED, ROOT, extras
from tests.release.smoke import PARTS
from tests.support import api

pytestmark = pytest.mark.any_specification


def hook():
    spec = util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_source_distribution_has_what_the_targets_of_a_checkout_need():
    included = {each.distribution_path for each in SdistBuilder(str(ROOT)).recurse_included_files()}
    assert {name for name in NEEDED if name != "pyproject.toml"} <= included


def test_every_extra_is_tried():
    assert PARTS.keys() == {*extras()} - {"all"}


def test_development_requirements_are_not_published():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "dev" not in settings["project"]["optional-dependencies"]
    assert {"dev", "test"} <= settings["dependency-groups"].keys()


def test_links_to_the_repository_are_those_of_the_workflow():
    urls = hook().urls
    assert urls(None) == {"API documentation": "https://docs.junction.com"}
    found = urls("https://git.example.com/a/b")
    assert found["Repository"] == "https://git.example.com/a/b"
    assert found["Issues"] == "https://git.example.com/a/b/issues"


def test_a_change_of_the_public_api_is_shown_and_accepted(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(api, "FILE", tmp_path / "api.txt")
    monkeypatch.setattr("sys.argv", ["api", "--accept"])
    assert api.main() == 0
    accepted = api.FILE.read_text(encoding="utf-8")
    assert "  class Junction(BaseClient)(*, api_key: " in accepted
    monkeypatch.setattr("sys.argv", ["api"])
    assert api.main() == 0
    api.FILE.write_text(accepted.replace("    historical_pulls(self", "    old_pulls(self"))
    assert api.main() == 1
    shown = capsys.readouterr().out
    assert "\n-    old_pulls(self" in shown
    assert "\n+    historical_pulls(self" in shown
