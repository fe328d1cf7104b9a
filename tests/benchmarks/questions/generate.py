"""How long the generated package takes to make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.benchmarks.measuring import Answer, Claim, at_most, interleaved
from tests.benchmarks.setting import DEVELOPMENT, ROOT, starting

if TYPE_CHECKING:
    from tests.benchmarks.setting import Setting

_RUNS = 2


def ask(setting: Setting) -> Answer:  # noqa: ARG001 - every question is asked alike
    """Generate into a folder that is thrown away."""
    command = (DEVELOPMENT, "-m", "openapi.generate", "--check")
    (made,) = interleaved(
        {"make generate": starting(*command, environ={"PYTHONPATH": str(ROOT)})}, _RUNS
    )
    made = made.per(1000, "s")
    return Answer(
        "make generate",
        [made],
        [Claim("seconds", made.median, made.minimum, at_most(10, "s"), "s")],
        "Overlay, lint, generator, formatter and a decoder for every model, by `--check`, which "
        "does the same work and leaves the tree as it is.",
    )
