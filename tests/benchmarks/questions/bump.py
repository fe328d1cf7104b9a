"""How long slicing and comparing a document of the vendor's size takes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.benchmarks.measuring import Answer, Claim, Series, at_most
from tests.benchmarks.setting import DEVELOPMENT, ROOT, SCRIPTS, output_of

if TYPE_CHECKING:
    from tests.benchmarks.setting import Setting

_RUNS = 2
_SECONDS = 3.0


def ask(setting: Setting) -> Answer:  # noqa: ARG001 - every question is asked alike
    """Run the steps of a bump in the development environment, which alone has what they need."""
    environ = {"PYTHONPATH": str(ROOT)}
    runs = [
        json.loads(output_of(DEVELOPMENT, SCRIPTS / "bump_steps.py", environ=environ))
        for _ in range(_RUNS)
    ]
    steps = [
        Series(name, [run["seconds"][name] for run in runs], "s") for name in runs[0]["seconds"]
    ]
    together = Series("together", [sum(run["seconds"].values()) for run in runs], "s")
    return Answer(
        "Bump: a whole document",
        [*steps, together],
        [Claim("together", together.median, together.minimum, at_most(_SECONDS, "s"), "s")],
        f"{runs[0]['document']}; the generator and the tests, which a bump runs as well, are not "
        "in it.",
    )
