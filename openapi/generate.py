"""Regenerate `generated/junction_api` from `junction.yaml`: overlay, lint, generate, decoders.

Nothing is replaced before every step has succeeded.
"""

from __future__ import annotations

import argparse
import filecmp
import keyword
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openapi import lint, overlay
from openapi.documents import HERE, JUNCTION, OVERLAY, SPEC, load_plain, pointer, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = HERE.parent
PACKAGE = "junction_api"
_CACHES = ("__pycache__", ".ruff_cache", ".mypy_cache")

# Run in a fresh interpreter, which has only the package just generated to import.
_BUILD_DECODERS = """
import inspect, sys, msgspec
import junction_api.models as models
failed = False
for name in models.__all__:
    try:
        msgspec.json.Decoder(getattr(models, name))
    except Exception as error:
        failed = True
        print(f"{name}: msgspec cannot decode it: {error}", file=sys.stderr)
sys.exit(failed)
"""


class GenerateError(Exception):
    """A step failed; the message says which and why, one line each."""


def unmodellable(document: Any) -> Iterator[str]:
    """Yield the properties whose wire name no attrs field can bear.

    msgspec decodes an attrs field under its own name only, so such a property would make a model
    that never matches. It also keeps code out of the templates: names go into them unquoted.
    """
    for at, node in walk(document):
        if "example" in at or "examples" in at or not isinstance(node, dict):
            continue
        if isinstance(node.get("properties"), dict) and at[-1:] != ("properties",):
            for name in node["properties"]:
                if not name.isidentifier() or keyword.iskeyword(name):
                    yield f"{pointer((*at, 'properties', name))}: {name!r} cannot name a field"


def generate(spec: Path, output: Path) -> None:
    """Write the package generated from `spec` to the folder `output`, which must not exist.

    Raises:
        GenerateError: The document has defects, the generator failed or warned, or a model has no
            decoder.
    """
    document = load_plain(spec)
    refused = [*lint.defects(document), *unmodellable(document)]
    if refused:
        raise GenerateError("\n".join(refused))
    # The generator runs whatever `ruff` is first on PATH: the pinned one beside this interpreter.
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    command = [
        *(sys.executable, "-m", "openapi_python_client", "generate"),
        *("--path", str(spec), "--output-path", str(output), "--meta", "none"),
        *("--config", str(ROOT / "generator-config.yaml")),
        *("--custom-template-path", str(HERE / "templates"), "--fail-on-warning"),
    ]
    _run(command, env={**os.environ, "PATH": path})
    build_decoders(output.parent)


def build_decoders(root: Path) -> None:
    """Build a decoder for every model of the package below `root`.

    Raises:
        GenerateError: With a line for each model that msgspec cannot decode, naming it.
    """
    _run(
        [sys.executable, "-c", _BUILD_DECODERS],
        env={**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"},
    )


def _run(command: Sequence[str], env: dict[str, str]) -> None:
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise GenerateError((done.stderr or done.stdout).strip())


def main(argv: Sequence[str] | None = None) -> int:
    """Regenerate spec.yaml and the package below ``--root``."""
    parser = argparse.ArgumentParser(description="Regenerate the client from the specification.")
    parser.add_argument("--junction", type=Path, default=JUNCTION)
    parser.add_argument("--overlay", type=Path, default=OVERLAY)
    parser.add_argument("--spec", type=Path, default=SPEC, help="the corrected document to write")
    parser.add_argument("--root", type=Path, default=ROOT / "generated")
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 when stale")
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        built = Path(folder) / "spec.yaml"
        package = Path(folder) / PACKAGE
        try:
            built.write_text(overlay.build(arguments.junction, arguments.overlay), encoding="utf-8")
            generate(built, package)
        except (overlay.OverlayError, GenerateError) as error:
            print(f"generate: {error}", file=sys.stderr)
            return 1
        target = arguments.root / PACKAGE
        if arguments.check:
            stale = [*differences(package, target)]
            if built.read_bytes() != arguments.spec.read_bytes():
                stale.append(str(arguments.spec))
            for path in stale:
                print(f"generate: {path} is stale; run `make generate`", file=sys.stderr)
            return 1 if stale else 0
        shutil.copyfile(built, arguments.spec)
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(package, target, ignore=shutil.ignore_patterns(*_CACHES))
    return 0


def differences(left: Path, right: Path) -> Iterator[str]:
    """Yield the files that differ between two folders or stand in one only."""
    if not right.is_dir():
        yield str(right)
        return
    compared = filecmp.dircmp(left, right, ignore=list(_CACHES))
    _, mismatched, errors = filecmp.cmpfiles(left, right, compared.common_files, shallow=False)
    for name in (*compared.left_only, *compared.right_only, *mismatched, *errors):
        yield str(right / name)
    for name in compared.common_dirs:
        yield from differences(left / name, right / name)


if __name__ == "__main__":
    sys.exit(main())
