"""Changes modules in many small ways, and counts the changes that their tests do not notice.

``python -m tests.support.mutating [MODULE…]``: a module is written as in ``tests/mutants.toml``.
Everything happens in a copy of the tree below ``build/mutants``; survivors are left there as diffs.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
COPY = ROOT / "build" / "mutants"


def main() -> int:
    """Mutate the modules of the command line, or all, and return an exit status."""
    shutil.rmtree(COPY, ignore_errors=True)
    for name in ("generated", "wrapper", "openapi", "tests"):
        shutil.copytree(ROOT / name, COPY / name)
    shutil.copy(ROOT / "pyproject.toml", COPY)
    # The package is found in the copy, wherever it is installed, and as its source is at the time.
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(("wrapper", "generated")),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [sys.executable, "-m", "tests.support.mutants", *sys.argv[1:]]
    return subprocess.run(command, cwd=COPY, env=environment, check=False).returncode  # noqa: S603 - our own


if __name__ == "__main__":
    sys.exit(main())
