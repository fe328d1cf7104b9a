"""The pytest plugin, in projects that have it installed: with the extra, and without."""

from __future__ import annotations

import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.any_specification

ROOT = Path(__file__).parents[3]
BLOCKED = "fastapi, starlette, uvicorn, ruamel, schemathesis"
LOADED = """
import sys

def test_nothing_of_an_extra_is_imported_before_a_fixture_is_used():
    heavy = {{each.partition(".")[0] for each in sys.modules}} & {{*"{blocked}".split(", ")}}
    assert heavy == set()
"""


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(  # noqa: S603
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def clean(tmp_path_factory, wheel):
    """The interpreter of an environment with the wheel installed, and what it depends on.

    What it depends on is seen in this environment rather than fetched; this repository's own
    sources, which an editable install puts on the path, are not.
    """
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder, with_pip=False, symlinks=True)
    (site,) = folder.glob("[Ll]ib/**/site-packages")
    subprocess.run(  # noqa: S603
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"),
            *("--no-compile", "--target", str(site), str(wheel)),
        ],
        check=True,
        capture_output=True,
    )
    ours = Path(pytest.__file__).parents[1]
    # Not as a site directory, whose .pth files would bring this repository's sources with them.
    (site / "dependencies.pth").write_text(f"{ours}\n", encoding="utf-8")
    (binary,) = folder.glob("[Bb]in/python")
    return str(binary)


def test_a_downstream_project_needs_nothing_but_the_wheel(downstream, clean):
    done = downstream(clean)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "13 passed" in done.stdout
    assert done.stderr == ""


def test_the_wheel_says_what_the_extra_needs(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("/METADATA")]
        metadata = archive.read(name).decode()
    for name in ("fastapi", "pytest", "ruamel-yaml", "uvicorn"):
        assert re.search(
            rf"^Requires-Dist: {name}>=.*; extra == 'testing'$", metadata, re.MULTILINE
        )


def test_the_wheel_brings_the_specification(wheel):
    with zipfile.ZipFile(wheel) as archive:
        served = archive.read("junction_introspect/spec.yaml")
    assert served == (ROOT / "openapi" / "spec.yaml").read_bytes()


def test_the_mock_serves_it_from_the_wheel(clean):
    program = (
        "from junction_introspect.mock import specification as s; print(s.__file__); s.as_json()"
    )
    done = subprocess.run(  # noqa: S603
        [clean, "-I", "-c", program], check=True, capture_output=True, text=True
    )
    assert "site-packages" in done.stdout


def test_a_project_that_does_not_use_it_loads_nothing_heavy(downstream, clean, tmp_path):
    (tmp_path / "pytest.ini").write_text("[pytest]\npython_files = tests.py\n")
    (tmp_path / "tests.py").write_text(LOADED.format(blocked=BLOCKED))
    done = downstream(clean, project=tmp_path)
    assert done.returncode == 0, done.stdout


def test_without_the_extra_only_the_fixtures_fail_and_say_why(downstream, clean, tmp_path):
    (tmp_path / "pytest.ini").write_text("[pytest]\npython_files = tests.py\n")
    (tmp_path / "conftest.py").write_text("import sys\nsys.modules['uvicorn'] = None\n")
    (tmp_path / "tests.py").write_text(
        "def test_mine(): pass\ndef test_yours(junction_mock): pass\n"
    )
    done = downstream(clean, project=tmp_path)
    assert "1 passed, 1 error" in done.stdout
    assert "pip install 'junction-introspect[testing]'" in done.stdout
