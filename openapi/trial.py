"""Run the steps of a bump in a copy of the tree: generation and tests."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeAlias

from openapi.documents import StepError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Environments, caches and build results.
_NOT_COPIED = shutil.ignore_patterns(".*", "__pycache__", "build", "dist")

_LAST_LINES = 40

Commands: TypeAlias = "Sequence[Sequence[str]]"

# Rebuilds spec.yaml and the client, and checks the decoders.
GENERATION: Commands = [[sys.executable, "-m", "openapi.generate"]]

_PYTEST = (sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider")

# The unit tests, and the contract. Leaves out the unit tests that are marked as independent of the
# specification: credentials, transport, processes of the command line, and the pipeline's own
# tests, which would start a bump again. All others run, including new files.
TESTS: Commands = [
    [*_PYTEST, "-m", "not any_specification", "tests/unit"],
    [sys.executable, "tests/bump/contract.py"],
]


class TrialError(StepError):
    """A step failed in the copy; the message contains the last lines of its output."""


@contextlib.contextmanager
def copy_of(root: Path) -> Iterator[Path]:
    """Yield a copy of a tree's sources, deleted afterwards."""
    with tempfile.TemporaryDirectory(prefix="bump-") as folder:
        copy = Path(folder) / "tree"
        shutil.copytree(root, copy, ignore=_NOT_COPIED)
        yield copy


def run(tree: Path, commands: Commands, advice: str = "") -> None:
    """Run commands in a tree in parallel, with its own packages before installed ones.

    Args:
        tree: The tree.
        commands: The commands.
        advice: The end of the message if one fails.

    Raises:
        TrialError: A command failed; the others are terminated.
    """
    environment = {
        name: value
        for name, value in os.environ.items()
        # The tests set their own JUNCTION_ variables, and coverage must not measure this copy.
        if not name.startswith(("JUNCTION_", "COV"))
    }
    paths = (str(tree), str(tree / "wrapper"), str(tree / "generated"))
    environment |= {"PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}
    with contextlib.ExitStack() as stack:
        running = []
        for command in commands:
            output = stack.enter_context(tempfile.TemporaryFile())
            process = subprocess.Popen(
                command, cwd=tree, env=environment, stdout=output, stderr=subprocess.STDOUT
            )
            stack.callback(_end, process)
            running.append((command, process, output))
        for command, process, output in running:
            if process.wait():
                raise TrialError(f"{' '.join(command[1:4])} failed:\n{_said(output)}{advice}")


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        process.wait()


def _said(output: IO[bytes]) -> str:
    output.seek(0)
    lines = output.read().decode(errors="replace").strip().splitlines()
    return "\n".join(lines[-_LAST_LINES:])
