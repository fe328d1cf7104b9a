"""Tries every mutant of modules, in a copy of the tree that `mutating` has made.

cosmic-ray makes the mutants. The tests of each run in a fork of this process, which has imported
what tests need from elsewhere: starting Python and importing it takes longer than most of them.
"""

from __future__ import annotations

import ast
import difflib
import importlib
import os
import resource
import signal
import sys
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from math import ceil
from pathlib import Path

import pytest
from cosmic_ray.ast import Visitor, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

MOST_SURVIVORS = 10  # per cent, of the mutants of one module

# What takes long to import. Not the package: one of its modules is another in each fork.
_PRELOADED = ("anyio.pytest_plugin", "fastapi", "hypothesis", "msgspec", "respx", "trio", "typer")

# Bounds for mutants that loop or wait for ever.
_MOST_SECONDS = 300
_MOST_MEMORY = 4 * 1024**3


def targets() -> dict[str, list[str]]:
    """Return each module to change, below the package, and the tests that have to notice."""
    listed = tomllib.loads(Path("tests/mutants.toml").read_text(encoding="utf-8"))["modules"]
    return {name: [f"tests/unit/{test}" for test in tests] for name, tests in listed.items()}


def mutants(source: str) -> list[str]:
    """Return the source of each mutant."""
    found = []
    for name in operator_names():
        kind = get_operator(name)
        if not kind.arguments():  # the others have to be told what to change
            for number in _places(source, kind()):
                # cosmic-ray does not replace an exception that is named with its module.
                with suppress(AttributeError):
                    found.append(mutate_code(source, kind(), number))
    return found


def _places(source: str, operator: object) -> Iterator[int]:
    """Yield the number of each place where an operator applies, except in annotations.

    Annotations are strings that nothing evaluates: an operator in one changes nothing.
    """
    annotations = [
        ((each.lineno, each.col_offset), (each.end_lineno, each.end_col_offset))
        for node in ast.walk(ast.parse(source))
        for each in (getattr(node, "annotation", None), getattr(node, "returns", None))
        if each is not None
    ]
    starts = []

    class Places(Visitor):
        def visit(self, node):
            starts.extend(start for start, _ in operator.mutation_positions(node))
            return node

    Places().walk(get_ast(source))
    for number, start in enumerate(starts):
        if not any(first <= start < last for first, last in annotations):
            yield number


def cost(tests: list[str], most: float) -> float | None:
    """Run tests in a process of their own.

    Args:
        tests: The tests.
        most: After how many seconds of the processor they count as failed. (On a busy machine,
            the seconds of a clock would say little.)

    Returns:
        The seconds of the processor that they took, or None if one failed.
    """
    pid = os.fork()
    if pid:
        _, status, usage = os.wait4(pid, 0)
        return None if status else usage.ru_utime + usage.ru_stime
    status = 1
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (ceil(most), ceil(most)))
        resource.setrlimit(resource.RLIMIT_DATA, (_MOST_MEMORY, _MOST_MEMORY))
        signal.alarm(_MOST_SECONDS)
        sink = os.open(os.devnull, os.O_WRONLY)
        os.dup2(sink, sys.stdout.fileno())
        os.dup2(sink, sys.stderr.fileno())
        without = [f"-pno:{name}" for name in ("cacheprovider", "randomly", "xdist")]
        # Nobody reads why a test fails, so neither assertions nor examples are explained.
        options = ["--assert=plain", "--hypothesis-profile=mutants", *without]
        status = pytest.main(["-x", *options, *tests])
    finally:
        os._exit(status)


def survivors(path: Path, tests: list[str]) -> tuple[int, list[str]]:
    """Try every mutant of a file; return their number, and the diffs of those that survive."""
    usual = cost(tests, _MOST_SECONDS)
    if usual is None:
        raise SystemExit(f"{' '.join(tests)}: these tests fail without any mutant")
    source = path.read_text(encoding="utf-8")
    tried, found = 0, []
    try:
        for mutant in mutants(source):
            path.write_text(mutant, encoding="utf-8")
            tried += 1
            if cost(tests, 5 + 3 * usual) is not None:
                lines = source.splitlines(), mutant.splitlines()
                found.append("\n".join([*difflib.unified_diff(*lines, lineterm="", n=1)][2:]))
    finally:
        path.write_text(source, encoding="utf-8")
    return tried, found


def main() -> int:
    """Mutate the modules of the command line, or all, and return an exit status."""
    for name in _PRELOADED:
        importlib.import_module(name)
    known = targets()
    if unknown := {*sys.argv[1:]} - {*known}:
        sys.exit(f"not in tests/mutants.toml: {', '.join(sorted(unknown))}")
    failed = False
    for name in sys.argv[1:] or known:
        listed = Path("wrapper/junction_introspect", name)
        tried, found = 0, []
        for path in [listed] if listed.is_file() else sorted(listed.rglob("*.py")):
            more, left = survivors(path, known[name])
            tried += more
            found += [f"{path}\n{diff}\n" for diff in left]
        failed |= 100 * len(found) > MOST_SURVIVORS * tried
        print(f"{name}: {len(found)} of {tried} survived", flush=True)  # noqa: T201 - as a command does
        report = Path("survivors", f"{name.replace('/', '.')}.txt")
        report.parent.mkdir(exist_ok=True)
        report.write_text("\n".join(found), encoding="utf-8")
    print(f"survivors: {Path('survivors').absolute()}")  # noqa: T201 - as a command does
    return failed


if __name__ == "__main__":
    sys.exit(main())
