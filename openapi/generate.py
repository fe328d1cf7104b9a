"""Regenerate `generated/junction_api` from `junction.yaml`: overlay, lint, generate, check.

Nothing is replaced before every step has succeeded.
"""

from __future__ import annotations

import argparse
import filecmp
import json
import keyword
import os
import shutil
import subprocess
import sys
import tempfile
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openapi import generator, leniency, lint, overlay, standalone
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
from openapi.generator import GenerateError
from openapi.samples import json_schema, resolved, sample, status_code

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from openapi_python_client import Project

ROOT = HERE.parent
PACKAGE = "junction_api"
# Names that a model's class needs for itself.
_TAKEN = ("from_dict", "mro", "self", "to_dict")
_CACHES = ("__pycache__", ".ruff_cache", ".mypy_cache")

# Isolated: the project's own lint rules are not the generator's, and must not decide its output.
_STYLE = ("--isolated", "--quiet", "--target-version", "py311", "--config", "line-length=100")
_FORMATTING = (("check", *_STYLE, "--fix-only", "--select", "F401,I"), ("format", *_STYLE))
_MYPY = ("--config-file", os.devnull, "--cache-dir", os.devnull, "--package", PACKAGE)


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
        GenerateError: The document has defects, the generator failed or warned, or the package does
            not work: it cannot be imported, decode what the document describes, or pass mypy.
    """
    document = load_plain(spec)
    if refused := lint.defects(document) or [*unmodellable(document)]:
        raise GenerateError("\n".join(refused))
    project = generator.parse(document, output)
    generator.write(project)
    for name, text in leniency.modules(project, document).items():
        (output / name).write_text(text, encoding="utf-8")
    client = output / "client.py"
    source = client.read_text(encoding="utf-8")
    client.write_text(standalone.client(source, document), encoding="utf-8")
    (output / "py.typed").touch()
    for command in _FORMATTING:
        _run([sys.executable, "-m", "ruff", *command, str(output)])
    build_decoders(output.parent)
    call_endpoints(output.parent, [*answers(project, document)])
    _run(
        [*(sys.executable, "-m", "mypy", "--strict", "--no-error-summary"), *_MYPY],
        env={"MYPYPATH": str(output.parent)},
    )


def answers(project: Project, document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield for every operation, and every status of it that has a JSON schema, a valid answer."""
    for operation in generator.operations(project, document):
        described = document["paths"][operation.path][operation.method]["responses"]
        for status, response in described.items():
            schema = json_schema(resolved(response, document), document)
            yield {
                "module": operation.module,
                "status": status_code(status),
                "body": None if schema is None else json.dumps(sample(schema, document)),
            }


def build_decoders(root: Path) -> None:
    """Build a decoder for every model of the package below `root`.

    Raises:
        GenerateError: With a line for each model that msgspec cannot decode, naming it.
    """
    _check(root, "decoders")


def call_endpoints(root: Path, expected: list[dict[str, Any]]) -> None:
    """Call every operation of the package below `root`, and decode the answers.

    Args:
        root: The folder that the package is in.
        expected: What `answers` yields.

    Raises:
        GenerateError: With a line for each operation and status that does not work.
    """
    _check(root, "endpoints", json.dumps(expected))


def _check(root: Path, what: str, given: str = "") -> None:
    # A fresh interpreter, which has only the package just generated to import. -P: a package of the
    # same name in the current folder would stand before the new one.
    _run(
        [sys.executable, "-P", str(HERE / "package_check.py"), what],
        env={"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"},
        given=given,
    )


def _run(command: Sequence[str], env: Mapping[str, str] | None = None, given: str = "") -> None:
    environment = {**os.environ, **(env or {})}
    done = subprocess.run(
        command, env=environment, input=given, capture_output=True, text=True, check=False
    )
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
