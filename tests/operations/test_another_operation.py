"""The pipeline and the clients take an operation that nobody has written a line of code for."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from openapi import overlay
from openapi.documents import JUNCTION, OVERLAY, dumps, load_plain
from openapi.generate import check, write
from tests.operations.made_up import with_devices

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RECIPE = ROOT / "docs" / "how-to" / "add-an-operation.md"


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    """A folder with a package generated from the document, and with the module of the how-to."""
    folder = tmp_path_factory.mktemp("generated")
    document = folder / "junction.yaml"
    document.write_text(dumps(with_devices(load_plain(JUNCTION))), encoding="utf-8")
    # As `make generate` does, but for its layout, and its type check, which the last test makes.
    corrected = load_plain(overlay.build(document, OVERLAY))
    answers = write(corrected, folder / "junction_api")
    assert check(str(folder), answers) == []
    (code,) = re.findall(r"```python\n(.*?)```", RECIPE.read_text("utf-8"), flags=re.DOTALL)
    (folder / "devices.py").write_text(code, encoding="utf-8")
    return folder


def run(generated, *command):
    # The new package stands before the installed one.
    path = os.pathsep.join(map(str, (generated, ROOT / "wrapper", ROOT)))
    return subprocess.run(  # noqa: S603 - this project's own tools
        [sys.executable, "-m", *command],
        env={**os.environ, "PYTHONPATH": path, "MYPYPATH": path},
        cwd=generated,
        capture_output=True,
        text=True,
        check=False,
    )


def test_another_operation_lists_with_everything_that_listing_has(generated):
    ran = run(generated, "pytest", "-q", "-p", "no:cacheprovider", str(HERE / "listing_devices.py"))

    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_type_checker_sees_its_records_and_rows(generated):
    (generated / "uses.py").write_text((HERE / "typing_devices.py").read_text("utf-8"), "utf-8")

    ran = run(generated, "mypy", "--strict", "--explicit-package-bases", "devices.py", "uses.py")

    assert ran.returncode == 0, ran.stdout + ran.stderr
