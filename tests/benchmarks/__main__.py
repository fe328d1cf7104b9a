"""`make bench`: asks every question, prints the answers and writes RESULTS.md.

``python -m tests.benchmarks decode walk`` asks some, and writes nothing but the chart of `scaling`.
"""

# ruff: noqa: T201  a command-line face prints

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Final

from tests.benchmarks import machine, reporting, setting, workload

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.benchmarks.measuring import Answer

RESULTS: Final = Path(__file__).parent / "RESULTS.md"

# A module of `questions` each, in the order of the report.
QUESTIONS: Final = (
    "decode",
    "walk",
    "floor",
    "rows",
    "arrow",
    "store",
    "million",
    "export",
    "latency",
    "concurrency",
    "scaling",
    "imports",
    "first_user",
    "command_line",
    "generate",
    "bump",
)


def main(argv: Sequence[str] | None = None) -> int:
    """Ask the questions that are named, or all.

    Returns:
        0, whatever was measured: a missed target is told, and is no failure of the run.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("question", nargs="*", help=f"one of {', '.join(QUESTIONS)}; default: all")
    asked = parser.parse_args(argv).question
    if unknown := [name for name in asked if name not in QUESTIONS]:
        parser.error(f"unknown question {unknown[0]}: choose from {', '.join(QUESTIONS)}")
    answers: list[Answer] = []
    begun = perf_counter()
    with setting.opened() as given:
        for name in asked or QUESTIONS:
            print(f"{perf_counter() - begun:5.0f} s  {name}", file=sys.stderr, flush=True)
            ask: Callable[[setting.Setting], Answer] = import_module(
                f"tests.benchmarks.questions.{name}"
            ).ask
            answer = ask(given)
            print(f"{reporting.answer_text(answer)}\n", flush=True)
            answers.append(answer)
        if not asked:
            pages = (
                f"pages of {workload.USERS_A_PAGE} users, {workload.pulls(given.page):,} pulls, "
                f"{len(given.page) / 1000:.0f} kB"
            )
            text = reporting.results_text(answers, machine.described(pages))
            RESULTS.write_text(text, encoding="utf-8")
    print(f"{perf_counter() - begun:5.0f} s  done", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
