"""What importing costs a process, in an environment that has nothing but our dependencies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.benchmarks.measuring import Answer, at_most, cost, interleaved
from tests.benchmarks.setting import BARE, VENDOR, starting

if TYPE_CHECKING:
    from tests.benchmarks.setting import Setting

_RUNS = 21


def ask(setting: Setting) -> Answer:  # noqa: ARG001 - every question is asked alike
    """Start an interpreter for each import."""
    series = interleaved(
        {
            name: starting(python, "-c", code)
            for name, python, code in (
                ("import junction_introspect", BARE, "import junction_introspect"),
                ("its Junction", BARE, "from junction_introspect import Junction"),
                ("import httpx", BARE, "import httpx"),
                ("the vendor's Junction", VENDOR, "from junction import Junction"),
                ("nothing", BARE, "pass"),
            )
        },
        _RUNS,
    )
    ours, client, httpx, _, _ = series
    return Answer(
        "Import",
        series,
        [cost(ours, httpx, at_most(1.5)), cost(client, httpx, at_most(1.6))],
        "From the start of the process to its end, so the interpreter's own start is in all of "
        "them. Bytecode is compiled and in the page cache.",
    )
