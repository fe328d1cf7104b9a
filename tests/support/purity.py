"""Which modules are pure, as the import contract in pyproject.toml lists them.

``python -m tests.support.purity`` prints their files, for the report of their coverage.
"""

from __future__ import annotations

import sys
import tomllib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
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


def is_test_of_pure_module(path: Path) -> bool:
    """Tell whether a file is ``tests/unit/<package>/test_<module>.py`` of a pure module.

    ``test_<package>.py`` counts as well, and what is named after either and its properties.
    """
    stem = path.stem.removeprefix("test_").removesuffix("_properties")
    folder = path.parent.relative_to(ROOT).as_posix()
    return (folder, stem) in _tests()


@cache
def _tests() -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for path in files():
        package = path.parent.relative_to(_WRAPPER / "junction_introspect").as_posix()
        folder = "tests/unit" if package == "." else f"tests/unit/{package}"
        found |= {(folder, path.stem.strip("_")), (folder, path.parent.name.strip("_"))}
    return found


def enforce() -> None:
    """Raise wherever this process opens a connection or starts another, from now on."""

    def refuse(event: str, arguments: tuple[object, ...]) -> None:
        if event in _EVENTS:
            raise RuntimeError(f"a test of a pure module does no I/O: {event}{arguments}")

    sys.addaudithook(refuse)


if __name__ == "__main__":
    print(",".join(str(path.relative_to(ROOT)) for path in files()))  # noqa: T201 - to the Makefile
