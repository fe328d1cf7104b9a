"""A bump of a copy of this repository."""

from __future__ import annotations

import copy
import errno
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from openapi import replacing, trial
from openapi.bump import bump, main
from openapi.documents import DocumentError, load_plain
from openapi.slice import SliceError
from openapi.trial import TrialError

pytestmark = pytest.mark.any_specification

ROOT = Path(__file__).parents[2]
PATH = "/v2/introspect/historical_pull"
CACHES = {"__pycache__", ".ruff_cache", ".mypy_cache"}


@pytest.fixture
def tree(tmp_path):
    """Return a copy of what a bump reads and writes."""
    root = tmp_path / "tree"
    root.mkdir()
    for name in ("openapi", "generated"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns(*CACHES))
    for name in ("CHANGELOG.md", "generator-config.yaml"):
        shutil.copyfile(ROOT / name, root / name)
    return root


@pytest.fixture
def vendor():
    return load_plain(ROOT / "openapi" / "junction.yaml")


@pytest.fixture
def newer(vendor, tmp_path):
    """Writes a newer version of the vendor's document, as JSON, and returns its path."""

    def write(change):
        document = copy.deepcopy(vendor)
        document["info"]["version"] = "99.0.0"
        change(document)
        path = tmp_path / "newer.json"
        path.write_text(json.dumps(document, indent=1), encoding="utf-8")
        return str(path)

    return write


def contents(root):
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and not CACHES & set(path.parts)
    }


def add_provider(document):
    document["components"]["schemas"]["Providers"]["enum"].append("new_ring")


def drop_parameter(document):
    document["paths"][PATH]["get"]["parameters"].pop()


@pytest.fixture
def quick(monkeypatch):
    """Have the generator do nothing but spoil spec.yaml, and the tests pass."""
    script = "open('openapi/spec.yaml', 'w').write('built')"
    monkeypatch.setattr(trial, "GENERATION", [[sys.executable, "-c", script]])
    monkeypatch.setattr(trial, "TESTS", [])


# What regenerating for today's document gives, as test_generate.py proves, in a tenth of the time.
_COPY = "import shutil, sys; shutil.copytree(sys.argv[1], 'generated', dirs_exist_ok=True)"
REGENERATION = [
    [sys.executable, "-m", "openapi.overlay"],
    [sys.executable, "-c", _COPY, str(ROOT / "generated")],
]


@pytest.mark.proof
def test_new_provider_changes_five_files_and_bumping_back_changes_them_back(
    tree, newer, tmp_path, monkeypatch, at_length
):
    before = contents(tree)
    original = tmp_path / "original.yaml"
    shutil.copyfile(tree / "openapi" / "junction.yaml", original)

    done = bump(newer(add_provider), tree, tests=())

    (change,) = done.drift.changes
    assert (str(change.grade), change.what) == ("absorbed", "new enum value new_ring")
    assert done.status == 0
    after = contents(tree)
    assert {path for path in after if after[path] != before.get(path)} == {
        "CHANGELOG.md",
        "generated/junction_api/__init__.py",
        "generated/junction_api/models/providers.py",
        "openapi/junction.yaml",
        "openapi/spec.yaml",
    }
    assert after.keys() == before.keys()

    generation = at_length(REGENERATION, trial.GENERATION)
    monkeypatch.setattr(trial, "GENERATION", generation)
    back = bump(str(original), tree, tests=())

    assert back.status == 4
    again = contents(tree)
    assert {path for path in again if again[path] != before[path]} == {"CHANGELOG.md"}


@pytest.mark.usefixtures("quick")
def test_version_at_hand_leaves_nothing_to_do(tree, capsys):
    before = contents(tree)
    assert main([str(tree / "openapi" / "junction.yaml"), "--root", str(tree)]) == 0
    assert capsys.readouterr().out.endswith("nothing to do\n")
    assert contents(tree) == before


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("change", "status"),
    [
        (add_provider, 0),
        (lambda document: document["paths"][PATH]["get"].update(deprecated=True), 3),
        (lambda document: document["servers"].pop(), 3),
        (lambda document: document["info"].update(title="Vital API"), 0),
    ],
)
def test_exit_status_tells_the_class(change, status, tree, newer):
    assert main([newer(change), "--root", str(tree)]) == status


@pytest.mark.usefixtures("quick")
def test_summary_and_changelog_tell_the_same(tree, newer, capsys):
    assert main([newer(add_provider), "--root", str(tree), "--format", "markdown"]) == 0
    line = "(request and response): new enum value new_ring\n"
    assert line in capsys.readouterr().out
    assert line in (tree / "CHANGELOG.md").read_text(encoding="utf-8")


def repair(document):
    for item in document["paths"].values():
        item["get"]["responses"]["401"] = {"description": "No key"}


@pytest.mark.usefixtures("quick")
def test_stale_correction_stops_the_bump_and_is_explained(tree, newer, capsys):
    before = contents(tree)
    assert main([newer(repair), "--root", str(tree)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "matches nothing: $.paths[*][*][?(@['200']" in err
    assert "why it is there: A request without a valid credential gets 401" in err
    assert "fixed by the vendor: yes" in err
    assert contents(tree) == before


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("layout", ["text", "markdown", "json"])
def test_bump_can_go_on_without_a_stale_correction(layout, tree, newer, capsys):
    overlay = (tree / "openapi" / "overlay.yaml").read_bytes()
    source = newer(repair)
    assert main([source, "--root", str(tree), "--stale", "warn", "--format", layout]) == 3
    assert "A request without a valid credential gets 401" in capsys.readouterr().out
    assert (tree / "openapi" / "overlay.yaml").read_bytes() == overlay
    assert (tree / "openapi" / "spec.yaml").read_text() == "built"


@pytest.mark.proof
def test_corrections_left_out_are_left_out_of_what_is_generated(
    tree, newer, monkeypatch, at_length
):
    # In short only the first of the generator's steps, which is the one that corrects.
    module = at_length("openapi.overlay", "openapi.generate")
    monkeypatch.setattr(trial, "GENERATION", [[sys.executable, "-m", module]])
    done = bump(newer(repair), tree, stale_stops=False, tests=())
    assert [one.repaired for one in done.stale] == [True]
    responses = load_plain(tree / "openapi" / "spec.yaml")["paths"][PATH]["get"]["responses"]
    assert responses["401"] == {"description": "No key"}


def spoil_parameter(document):
    document["paths"][PATH]["get"]["parameters"][0]["required"] = "yes"


def name_no_field(document):
    schemas = document["components"]["schemas"].values()
    schema = next(one for one in schemas if "properties" in one)
    schema["properties"]["no field"] = {"type": "string"}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        # The generator lints first, and fails in the same way.
        pytest.param(
            spoil_parameter, '"yes" is not of type', marks=pytest.mark.proof(only=True), id="lint"
        ),
        pytest.param(name_no_field, "'no field' cannot name a field", id="generator"),
    ],
)
def test_document_that_lint_or_generator_refuses_changes_nothing(change, reason, tree, newer):
    before = contents(tree)
    with pytest.raises(TrialError, match=reason):
        bump(newer(change), tree, tests=())
    assert contents(tree) == before


@pytest.mark.usefixtures("quick")
def test_failing_test_changes_nothing_and_is_shown(tree, newer):
    before = contents(tree)
    failing = [[sys.executable, "-c", "print('1 failed'); raise SystemExit(1)"]]
    with pytest.raises(TrialError, match=r"1 failed\n.*UNTESTED=1"):
        bump(newer(add_provider), tree, tests=failing)
    assert contents(tree) == before


@pytest.mark.usefixtures("quick")
def test_fewer_operations_can_be_taken_on_purpose(tree, newer, tmp_path, capsys):
    listed = tree / "openapi" / "operations.yaml"
    both = "operations:\n  - GET /v2/introspect/historical_pull\n  - GET /v2/nowhere\n"
    fewer = tmp_path / "fewer.yaml"
    fewer.write_bytes(listed.read_bytes())
    listed.write_text(both, encoding="utf-8")
    source = newer(add_provider)

    assert main([source, "--root", str(tree)]) == 1
    assert "/v2/nowhere" in capsys.readouterr().err
    assert main([source, "--root", str(tree), "--operations", str(fewer)]) == 0
    assert listed.read_text(encoding="utf-8") == both


def test_operation_that_is_gone_changes_nothing(tree, newer):
    before = contents(tree)
    with pytest.raises(SliceError, match=f"GET {PATH}: the document has no such operation"):
        bump(newer(lambda document: document["paths"].clear()), tree)
    assert contents(tree) == before


@pytest.mark.usefixtures("quick")
def test_file_that_is_missing_changes_nothing(tree, tmp_path):
    before = contents(tree)
    with pytest.raises(DocumentError, match="No such file"):
        bump(str(tmp_path / "none.json"), tree)
    assert contents(tree) == before


@pytest.mark.usefixtures("quick")
def test_full_disk_changes_nothing(tree, newer, capsys, monkeypatch):
    def fail(*_args, **_kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    before = contents(tree)
    source = newer(add_provider)
    monkeypatch.setattr(replacing.shutil, "copyfile", fail)
    assert main([source, "--root", str(tree)]) == 1
    assert "No space left on device" in capsys.readouterr().err
    assert contents(tree) == before


@pytest.mark.usefixtures("quick")
def test_interruption_changes_nothing(tree, newer, capsys, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    before = contents(tree)
    monkeypatch.setattr(trial, "run", interrupt)
    assert main([newer(add_provider), "--root", str(tree)]) == 130
    assert capsys.readouterr() == ("", "bump: interrupted\n")
    assert contents(tree) == before


def test_other_commands_are_ended_when_one_fails(tmp_path):
    endless = [sys.executable, "-c", "import signal; signal.pause()"]
    with pytest.raises(TrialError, match="failed"):
        trial.run(tmp_path, [[sys.executable, "-c", "raise SystemExit(1)"], endless])


def test_unit_tests_of_a_bump_are_those_that_a_specification_can_break():
    (*unit, folder), contract = trial.TESTS
    taken = ("_http/test_decoding.py", "openapi/test_overlay.py")
    left_out = ("_http/test_auth.py", "openapi/diff/test_compare.py")
    # Not the whole folder, which takes ten seconds to collect.
    files = [f"{folder}/{name}" for name in (*taken, *left_out)]
    listed = subprocess.run(  # noqa: S603 - the command that a bump would run
        [*unit, *files, "--collect-only"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert folder == "tests/unit"
    assert [name for name in (*taken, *left_out) if f"{name}::" in listed] == [*taken]
    assert contract[1:] == ["tests/bump/contract.py"]


@pytest.mark.usefixtures("quick")
def test_bump_can_be_told_not_to_test(tree, newer, monkeypatch):
    failing = [[sys.executable, "-c", "raise SystemExit(1)"]]
    monkeypatch.setattr(trial, "TESTS", failing)
    assert main([newer(add_provider), "--root", str(tree), "--untested"]) == 0
