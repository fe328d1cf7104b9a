"""What the command line takes to say something that needs no server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.benchmarks.measuring import Answer, at_most, cost, interleaved
from tests.benchmarks.setting import CLI, starting

if TYPE_CHECKING:
    from tests.benchmarks.setting import Setting

_RUNS = 21


def ask(setting: Setting) -> Answer:  # noqa: ARG001 - every question is asked alike
    """Start the command as it is installed, beside an interpreter that imports httpx."""
    command = CLI.with_name("junction-introspect")
    series = interleaved(
        {
            "--help": starting(command, "--help"),
            "--version": starting(command, "--version"),
            "import httpx": starting(CLI, "-c", "import httpx"),
            "import typer, rich": starting(CLI, "-c", "import typer, rich"),
        },
        _RUNS,
    )
    helped, versioned, httpx, _ = series
    return Answer(
        "Command line",
        series,
        [cost(helped, httpx, at_most(1.3)), cost(versioned, httpx, at_most(1.3))],
        "All in an environment with the extra `cli`.",
    )
