"""`make release-check`: builds the distributions, and tries each extra by itself.

``python -m tests.release [EXTRA…] [--resolution lowest-direct] [--python 3.11]``
"""

# ruff: noqa: T201  a command-line face prints

from __future__ import annotations

import argparse
import logging
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import tomllib
import zipfile
from pathlib import Path

from junction_introspect.mock import MockServer, Population

ROOT = Path(__file__).parents[2]
DIST = ROOT / "dist"
UV = (sys.executable, "-m", "uv")
SMOKE = Path(__file__).with_name("smoke.py")

# What a checkout's targets need, and so the source distribution too.
NEEDED = {
    *("Makefile", "README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"),
    *("pyproject.toml", "requirements-dev.txt", "generator-config.yaml", "hatch_build.py"),
    *(".ci/run", ".github/workflows/ci.yml", "docs/requirements.txt", "openapi/junction.yaml"),
    *("tests/requirements-mutants.txt", "tests/benchmarks/requirements-bare.txt"),
}


def run(*command: object, **options: object) -> None:
    """Run a command; a failure ends the check."""
    subprocess.run([*map(str, command)], check=True, **options)  # type: ignore[call-overload]  # noqa: S603


def build() -> tuple[Path, Path]:
    """Build the source distribution, and the wheel from that; return both."""
    shutil.rmtree(DIST, ignore_errors=True)
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", cwd=ROOT, stdout=sys.stderr)
    (source,) = DIST.glob("*.tar.gz")
    with tempfile.TemporaryDirectory() as folder:
        unpacked = unpack(source, Path(folder))
        check_source(unpacked)
        run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", DIST, cwd=unpacked)
        # The tests of the pure modules, on the code of the source distribution.
        path = os.pathsep.join(str(unpacked / name) for name in ("wrapper", "generated"))
        environ = os.environ | {"PYTHONPATH": path}
        run(sys.executable, "-m", "pytest", "-q", "--quick", cwd=unpacked, env=environ)
    (wheel,) = DIST.glob("*.whl")
    run(sys.executable, "-m", "twine", "check", "--strict", source, wheel)
    return source, wheel


def unpack(source: Path, folder: Path) -> Path:
    """Unpack a source distribution and return its folder."""
    with tarfile.open(source) as archive:
        archive.extractall(folder, filter="data")
    (unpacked,) = folder.iterdir()
    return unpacked


def check_source(unpacked: Path) -> None:
    """Check that nothing is missing that a checkout's targets need."""
    missing = sorted(name for name in NEEDED if not (unpacked / name).exists())
    if missing:
        sys.exit(f"the source distribution lacks {', '.join(missing)}")


def extras() -> list[str]:
    """Return the names of all extras."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return [*settings["project"]["optional-dependencies"]]


def try_out(wheel: Path, extra: str, python: str, resolution: str) -> None:
    """Install the wheel with an extra into an environment of its own, and use it."""
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory() as folder,
        MockServer(Population(12, seed=3)) as server,
    ):
        venv, work = Path(folder, "venv"), Path(folder, "work")
        work.mkdir()
        run(*UV, "venv", "--quiet", "--python", python, venv)
        interpreter = next(venv.glob("[bS]*/python*"))
        install = [*UV, "pip", "install", "--quiet", "--python", interpreter]
        name = "junction-introspect" + (f"[{extra}]" if extra != "bare" else "")
        run(*install, "--resolution", resolution, f"{name} @ {wheel.as_uri()}")
        run(interpreter, SMOKE, extra, server.url, server.api_key, work, cwd=work)
    print(f"{extra:10} {time.monotonic() - began:5.1f} s", flush=True)


def main() -> int:
    """Build and try out everything, or some extras only."""
    # The contract breaks requests on purpose, and the mock would say so of each.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    parser = argparse.ArgumentParser(prog="python -m tests.release")
    parser.add_argument("extras", nargs="*", help="by default bare, all, and each by itself")
    parser.add_argument("--resolution", default="highest", help="as uv's: lowest-direct, say")
    parser.add_argument("--python", default=sys.executable)
    arguments = parser.parse_args()
    # An extra that does not exist would be installed as nothing, and pass.
    if unknown := {*arguments.extras} - {"bare", *extras()}:
        parser.error(f"no such extra: {', '.join(sorted(unknown))}")
    _, wheel = build()
    with zipfile.ZipFile(wheel) as archive:
        assert "junction_introspect/spec.yaml" in archive.namelist()
    for extra in arguments.extras or ["bare", *extras()]:
        try_out(wheel, extra, arguments.python, arguments.resolution)
    return 0


if __name__ == "__main__":
    sys.exit(main())
