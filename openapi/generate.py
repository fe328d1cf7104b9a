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
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openapi import lint, overlay
from openapi.documents import (
    HERE,
    JUNCTION,
    OVERLAY,
    SPEC,
    DocumentError,
    load_plain,
    objects,
    pointer,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = HERE.parent
PACKAGE = "junction_api"
# Names that a model's class needs for itself.
_TAKEN = ("from_dict", "mro", "self", "to_dict")
_CACHES = ("__pycache__", ".ruff_cache", ".mypy_cache")

# Run in a fresh interpreter, which has only the package just generated to import.
_BUILD_DECODERS = """
import sys, msgspec
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
    for at, node in objects(document):
        for name in node.get("properties", {}):
            if not _can_name_a_field(name):
                yield f"{pointer((*at, 'properties', name))}: {name!r} cannot name a field"


def _can_name_a_field(name: str) -> bool:
    return (
        name.isidentifier()
        and not keyword.iskeyword(name)
        and name not in _TAKEN
        # msgspec leaves out a field whose name begins with an underscore when it encodes.
        and not name.startswith("_")
        # Python reads an identifier in this form, and would look for another name on the wire.
        and unicodedata.is_normalized("NFKC", name)
    )


def generate(spec: Path, output: Path) -> None:
    """Write the package generated from `spec` to the folder `output`, which must not exist.

    Raises:
        GenerateError: The document has defects, the generator failed or warned, or a model has no
            decoder.
    """
    document = load_plain(spec)
    if refused := lint.defects(document) or [*unmodellable(document)]:
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
        # -P: a package of the same name in the current folder would stand before the new one.
        [sys.executable, "-P", "-c", _BUILD_DECODERS],
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
        except (DocumentError, overlay.OverlayError, GenerateError) as error:
            print(f"generate: {error}", file=sys.stderr)
            return 1
        target = arguments.root / PACKAGE
        if arguments.check:
            stale = [*differences(package, target)]
            spec = arguments.spec
            if not spec.is_file() or built.read_bytes() != spec.read_bytes():
                stale.append(str(spec))
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
    one_sided = (*compared.left_only, *compared.right_only, *compared.common_funny)
    for name in (*one_sided, *mismatched, *errors):
        yield str(right / name)
    for name in compared.common_dirs:
        yield from differences(left / name, right / name)


if __name__ == "__main__":
    sys.exit(main())
