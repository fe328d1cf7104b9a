"""Which modules are pure, as the import contract in pyproject.toml lists them.

``python -m tests.purity`` prints their files, for the report of their coverage.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
_WRAPPER = ROOT / "wrapper"
_EVENTS = ("socket.connect", "socket.bind", "subprocess.Popen", "os.fork", "os.posix_spawn")


def contract() -> list[str]:
    """Return the packages and modules that may neither do I/O nor know a clock."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (modules,) = (
        contract["source_modules"]
        for contract in settings["tool"]["importlinter"]["contracts"]
        if {"socket", "time"} <= set(contract.get("forbidden_modules", ()))
    )
    return modules


def files() -> list[Path]:
    """Return the files of the pure modules."""
    found = []
    for name in contract():
        path = _WRAPPER.joinpath(*name.rstrip(".*").split("."))
        found += sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
    return found


def tests() -> set[str]:
    """Return the names that the files of their tests have, after a module or its package."""
    names = {path.stem for path in files()} | {path.parent.name for path in files()}
    return {f"test_{name.strip('_')}{rest}.py" for name in names for rest in ("", "_properties")}


def enforce() -> None:
    """Raise wherever this process opens a connection or starts another, from now on."""

    def refuse(event: str, arguments: tuple[object, ...]) -> None:
        if event in _EVENTS:
            raise RuntimeError(f"a test of a pure module does no I/O: {event}{arguments}")

    sys.addaudithook(refuse)


if __name__ == "__main__":
    print(",".join(str(path.relative_to(ROOT)) for path in files()))  # noqa: T201 - to the Makefile
