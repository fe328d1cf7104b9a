"""A project that tests against the API, as it would be without this repository."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent / "downstream"


@pytest.fixture
def downstream(tmp_path):
    """Runs the tests of a downstream project: `downstream(python, *arguments)`."""

    def run(python, *arguments, project=PROJECT):
        # The last two are there only because the environment of this repository is seen.
        without = [f"-pno:{name}" for name in ("cacheprovider", "schemathesis", "hypothesispytest")]
        command = [python, "-W", "error", "-m", "pytest", *without, *arguments]
        # Nothing of this run may reach that one: neither its settings nor the paths of its sources.
        passed = {
            name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ
        }
        return subprocess.run(  # noqa: S603
            [*command, "--rootdir", str(project), "-c", str(project / "pytest.ini"), str(project)],
            cwd=tmp_path,
            env={**passed, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )

    return run
