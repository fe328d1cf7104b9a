"""Changes modules in many small ways, and counts the changes that their tests do not notice.

``python -m tests.support.mutating [MODULE…]``: a module is written as in ``tests/mutants.toml``.
Everything happens in a copy of the tree below ``build/mutants``; survivors are left there as diffs.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
COPY = ROOT / "build" / "mutants"
CONFIG = "mutants.toml"
SESSION = "session.sqlite"
MOST_SURVIVORS = 10  # per cent, of the mutants of one module

# Annotations are strings that nothing evaluates: an operator in one changes nothing.
_CONFIG = """
[cosmic-ray]
module-path = "{module}"
timeout = 120.0
excluded-modules = []
test-command = "python -m pytest -x -q -p no:cacheprovider -p no:randomly -p no:xdist {tests}"

[cosmic-ray.distributor]
name = "local"

[cosmic-ray.filters.operators-filter]
exclude-operators = ["core/ReplaceBinaryOperator_BitOr_.*"]
"""


class Counts(NamedTuple):
    """How many mutants of a module were tried, and how many its tests did not notice."""

    tried: int
    survived: int


def targets() -> dict[str, list[str]]:
    """Return each module to change and the tests that have to notice, relative to the root."""
    listed = tomllib.loads((ROOT / "tests" / "mutants.toml").read_text(encoding="utf-8"))
    return {
        f"wrapper/junction_introspect/{module}": [f"tests/unit/{test}" for test in tests]
        for module, tests in listed["modules"].items()
    }


def counts(report: str) -> Counts:
    """Read the end of a report of cosmic-ray."""
    (tried,) = re.findall(r"^complete: (\d+)", report, re.MULTILINE)
    (survived,) = re.findall(r"^surviving mutants: (\d+)", report, re.MULTILINE)
    return Counts(int(tried), int(survived))


def mutate(module: str, tests: list[str]) -> Counts:
    """Try every mutant of one module, and leave the survivors in ``survivors/``."""
    (COPY / CONFIG).write_text(
        _CONFIG.format(module=module, tests=" ".join(tests)), encoding="utf-8"
    )
    (COPY / SESSION).unlink(missing_ok=True)
    _cosmic_ray("cosmic-ray", "init", CONFIG, SESSION)
    _cosmic_ray("cr-filter-operators", SESSION, CONFIG)
    _cosmic_ray("cosmic-ray", "baseline", CONFIG)
    _cosmic_ray("cosmic-ray", "exec", CONFIG, SESSION)
    survivors = COPY / "survivors" / f"{module.replace('/', '.')}.txt"
    survivors.parent.mkdir(exist_ok=True)
    survivors.write_text(
        _cosmic_ray("cr-report", "--show-diff", "--surviving-only", SESSION), encoding="utf-8"
    )
    return counts(_cosmic_ray("cr-report", SESSION))


def _cosmic_ray(*command: str) -> str:
    environment = {
        **os.environ,
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
        "PYTHONPATH": os.pathsep.join(("wrapper", "generated")),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(  # noqa: S603 - of our own making
        command, cwd=COPY, env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


def main() -> int:
    """Mutate the modules of the command line, or all, and return an exit status."""
    known = targets()
    chosen = [f"wrapper/junction_introspect/{name}" for name in sys.argv[1:]] or list(known)
    shutil.rmtree(COPY, ignore_errors=True)
    for name in ("generated", "wrapper", "openapi", "tests"):
        shutil.copytree(ROOT / name, COPY / name)
    shutil.copy(ROOT / "pyproject.toml", COPY)
    failed = False
    for module in chosen:
        tried, survived = mutate(module, known[module])
        failed |= 100 * survived > MOST_SURVIVORS * tried
        print(f"{module}: {survived} of {tried} survived", flush=True)  # noqa: T201 - as a command does
    print(f"survivors: {COPY / 'survivors'}")  # noqa: T201 - as a command does
    return failed


if __name__ == "__main__":
    sys.exit(main())
