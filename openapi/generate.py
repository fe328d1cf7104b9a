"""Regenerate `generated/junction_api` from `junction.yaml`: overlay, lint, generate, check.

Replaces files only after every step has succeeded.
"""

from __future__ import annotations

import argparse
import filecmp
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, cast

from openapi import generator, leniency, lint, overlay, package_check, refusals, standalone
from openapi.documents import HERE, JUNCTION, OVERLAY, SPEC, StepError, load_plain, refuse, resolved
from openapi.generator import GenerateError
from openapi.samples import foreseen, json_schema, samples, status_code

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from openapi_python_client import Project

ROOT = HERE.parent
PACKAGE = "junction_api"
_CACHES = ("__pycache__", ".ruff_cache", ".mypy_cache")

# Isolated, because the project's lint rules must not affect the generator's output.
_STYLE = ("--isolated", "--quiet", "--target-version", "py311", "--config", "line-length=100")
_IMPORTS = ("ruff", "check", *_STYLE, "--fix-only", "--select", "F401,I")
_FORMAT = ("ruff", "format", *_STYLE)
_MYPY = (
    *("mypy", "--strict", "--no-error-summary", "--config-file", os.devnull),
    *("--cache-dir", os.devnull, "--package", PACKAGE),
)


def refused(document: Any) -> list[str]:
    """Return the reasons why nothing can be generated from a document, one line each."""
    if found := lint.defects(document):
        return found
    known = (*refusals.unmodellable(document), *refusals.several_bodies(document))
    return [*dict.fromkeys(map(str, known))]  # several operations may share a body


def generate(spec: Path, output: Path) -> None:
    """Write the package generated from `spec` to the folder `output`, which must not exist.

    Raises:
        GenerateError: The document has defects, the generator failed or warned, or the package does
            not work: it cannot be imported, it cannot decode what the document describes, or it
            does not pass mypy.
    """
    build(load_plain(spec), output)
    for command in (_IMPORTS, _FORMAT):
        _run(["-m", *command, str(output)])
    _run(["-m", *_MYPY], env={"MYPYPATH": str(output.parent)})


def build(document: Any, output: Path, number: int = 1, *, apart: bool = True) -> None:
    """Write an unformatted package to the folder `output`, and check that it works.

    Args:
        document: The corrected document.
        output: The folder to write to.
        number: As in `write`.
        apart: Whether to check it in an interpreter of its own.

    Raises:
        GenerateError: As in `generate`; the message names the overlay actions that would help.
    """
    if lines := refused(document):
        raise GenerateError("\n".join(lines))
    try:
        answers_of = write(document, output, number)
    except GenerateError as error:
        raise GenerateError(refusals.explained(str(error), document)) from error
    check_it = check if apart else package_check.check
    if wrong := check_it(str(output.parent), answers_of):
        raise GenerateError(refusals.explained("\n".join(wrong), document))


def write(document: Any, output: Path, number: int = 1) -> list[dict[str, Any]]:
    """Write an unformatted and unchecked package; return valid responses to check it with.

    Args:
        document: The corrected document.
        output: The folder to write to.
        number: How many responses to make for each operation and status.

    Raises:
        GenerateError: The generator failed or warned, or a schema has no valid document.
    """
    project = generator.parse(document, output)
    generator.write(project)
    for name, text in leniency.modules(project, document).items():
        (output / name).write_text(text, encoding="utf-8")
    client = output / "client.py"
    source = client.read_text(encoding="utf-8")
    client.write_text(standalone.client(source, document), encoding="utf-8")
    (output / "py.typed").touch()
    return [*answers(project, document, number)]


def answers(project: Project, document: Any, number: int = 1) -> Iterator[dict[str, Any]]:
    """Yield random valid responses: `number` of them for every operation and status.

    They are in the form that `package_check` reads, which reports the seed of a failed response.
    """
    for operation in generator.operations(project, document):
        described = document["paths"][operation.path][operation.method]["responses"]
        for status, response in described.items():
            schema = json_schema(resolved(response, document), document)
            answer = {"module": operation.module, "status": status_code(status)}
            if schema is None:
                yield {**answer, "seed": 0, "body": None, "expected": None}
                continue
            seeds = map(Random, range(number))
            for seed, value in enumerate(samples(schema, document, seeds)):
                body = json.dumps(value)
                yield {**answer, "seed": seed, "body": body, "expected": foreseen(value)}


def check(root: str, answers: list[dict[str, Any]]) -> list[str]:
    """As `package_check.check`, in a fresh interpreter.

    Raises:
        GenerateError: The check itself failed.
    """
    # Without -P, it would import modules from the folder of the script.
    command = ["-P", str(HERE / "package_check.py")]
    given = json.dumps({"root": root, "answers": answers}, default=str)
    said = _run(command, env={"PYTHONDONTWRITEBYTECODE": "1"}, given=given)
    return cast("list[str]", json.loads(said))


def _run(arguments: Sequence[str], env: Mapping[str, str] | None = None, given: str = "") -> str:
    """Run Python with some arguments and return what it prints."""
    done = subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, **(env or {})},
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise GenerateError((done.stderr + done.stdout).strip())
    return done.stdout


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
        except StepError as error:
            return refuse("generate", error)
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
    """Yield the files that differ between two folders or exist in only one of them."""
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
