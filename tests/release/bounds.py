"""`make bounds`: the unit tests with the lowest versions that are allowed, or with the highest.

``python -m tests.release.bounds lowest-direct [arguments of pytest]``. What the tests need besides
the package is the newest that goes with those versions.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
UV = (sys.executable, "-m", "uv")

# Old versions warn of what newer ones have changed; a warning there is no failure.
PYTEST = ("-o", "filterwarnings=", "-q", "--numprocesses", "auto", "--dist", "worksteal")
TESTS = (
    "tests/unit",
    # These need the generator and its tools, or measure.
    *("--ignore=tests/unit/openapi", "--ignore=tests/unit/benchmarks"),
    "--ignore=tests/unit/junction_api/test_version_skew.py",
    # What an import loads is promised for current versions.
    "--deselect=tests/unit/test_public_names.py::test_client_loads_what_its_first_request_needs",
)


def run(*command: object, **options: object) -> int:
    """Run a command and return its exit status."""
    return subprocess.run([*map(str, command)], check=False, **options).returncode  # type: ignore[call-overload,no-any-return]  # noqa: S603


def main() -> int:
    """Resolve, install and test; return the exit status of the first step that fails."""
    resolution, *arguments = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        pins, lock, venv = (Path(folder, name) for name in ("pins.txt", "lock.txt", "venv"))
        compiled = (*UV, "pip", "compile", "-q", "--no-header", "--extra", "all", "pyproject.toml")
        python = next(iter(venv.glob("[bS]*/python*")), venv / "bin" / "python")
        steps = [
            (*compiled, "--resolution", resolution, "-o", pins),
            (*compiled, "--group", "test", "-c", pins, "-o", lock),
            (*UV, "venv", "-q", "--seed", "--python", sys.executable, venv),
            (*UV, "pip", "install", "-q", "--python", python, "-r", lock, "hatchling", "editables"),
            (*UV, "pip", "install", "-q", "--python", python, "--no-deps", "-e", "."),
        ]
        for step in steps:
            if status := run(*step, cwd=ROOT, stdout=subprocess.DEVNULL):
                return status
        sys.stdout.write(pins.read_text(encoding="utf-8"))
        sys.stdout.flush()
        environ = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        tests = arguments or TESTS
        return run(python, "-m", "pytest", *PYTEST, *tests, cwd=ROOT, env=environ)


if __name__ == "__main__":
    sys.exit(main())
