"""The workflows are what GitHub takes for workflows, and may do no more than they need."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from openapi.documents import load_plain
from tests.docs import pages

pytestmark = pytest.mark.any_specification

FOLDER = Path(__file__).parents[2] / ".github" / "workflows"
WORKFLOWS = sorted(FOLDER.glob("*.yml"))


@pytest.fixture(scope="module")
def schema():
    package = pytest.importorskip(
        "check_jsonschema", reason="check-jsonschema, which has the schema of workflows, is missing"
    )
    vendored = files(package).joinpath("builtin_schemas", "vendor", "github-workflows.json")
    return json.loads(vendored.read_text(encoding="utf-8"))


@pytest.fixture(params=WORKFLOWS, ids=lambda path: path.name)
def workflow(request):
    return load_plain(request.param)


def steps(workflow):
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def test_workflows_are_there():
    assert {"ci.yml", "links.yml", "spec-watch.yml"} <= {path.name for path in WORKFLOWS}


def test_workflow_that_the_documentation_shows_is_valid(schema, tmp_path):
    (block,) = [
        block
        for block in pages.blocks(pages.read("docs/how-to/contract-in-ci.md"))
        if block.language == "yaml"
    ]
    shown = tmp_path / "contract.yml"
    shown.write_text(block.text)
    assert [error.message for error in Draft7Validator(schema).iter_errors(load_plain(shown))] == []


def test_workflow_is_valid(workflow, schema):
    assert [error.message for error in Draft7Validator(schema).iter_errors(workflow)] == []


def test_permissions_are_named_and_none_is_granted_to_every_job_but_reading(workflow):
    assert workflow["permissions"].items() <= {"contents": "read"}.items()


def test_actions_are_pinned(workflow):
    used = [step["uses"] for step in steps(workflow) if "uses" in step]
    assert used
    assert all(re.fullmatch(r"[\w/-]+@(v\d+|[0-9a-f]{40})", name) for name in used)


def test_no_expression_is_pasted_into_a_script(workflow):
    assert not any("${{" in step.get("run", "") for step in steps(workflow))


def test_every_supported_python_is_tested():
    workflow = load_plain(FOLDER / "ci.yml")
    pythons = workflow["jobs"]["test"]["strategy"]["matrix"]["python"]
    assert pythons == ["3.11", "3.12", "3.13", "3.14"]
    commands = {step["run"] for step in steps(workflow) if "run" in step}
    assert commands >= {
        "make check test COVERAGE=1",
        "make test-httpx2",
        "make docs",
        'make bounds release-check RESOLUTION="$RESOLUTION"',
    }
    bounds = workflow["jobs"]["bounds"]["strategy"]["matrix"]["include"]
    assert {(each["resolution"], each["python"]) for each in bounds} == {
        ("lowest-direct", "3.11"),
        ("highest", "3.14"),
    }
    assert workflow["jobs"]["macos"]["runs-on"] == "macos-latest"


def test_a_release_is_published_without_a_stored_token():
    workflow = load_plain(FOLDER / "release.yml")
    assert workflow["on"] == {"push": {"tags": ["v*"]}}
    publish = workflow["jobs"]["publish"]
    assert publish["permissions"] == {"id-token": "write"}
    assert publish["environment"] == "release"
    text = (FOLDER / "release.yml").read_text(encoding="utf-8")
    assert "secrets." not in text
    assert "make check test release-check" in text


def test_the_sandbox_is_asked_every_week_where_there_is_a_key():
    workflow = load_plain(FOLDER / "sandbox.yml")
    assert "schedule" in workflow["on"]
    found, *others = workflow["jobs"]["sandbox"]["steps"]
    assert "if" not in found
    assert all("steps.key.outputs.there == 'yes'" in step["if"] for step in others)


def test_links_to_other_sites_are_checked_every_week():
    workflow = load_plain(FOLDER / "links.yml")
    assert "schedule" in workflow["on"]
    assert "make docs-links" in {step.get("run") for step in steps(workflow)}


def test_watch_runs_every_night_and_never_merges():
    workflow = load_plain(FOLDER / "spec-watch.yml")
    assert "schedule" in workflow["on"]
    scripts = "\n".join(step.get("run", "") for step in steps(workflow))
    assert "python -m openapi.bump" in scripts
    assert "gh pr create" in scripts
    assert "merge" not in scripts
