"""Holds the thin core to a budget of lines: `python -m tests.support.budget`, part of `make check`.

The core is what every user imports: the root of the package, `operations`, `_paging`, `_http` and
`_concurrency`. A line counts if it has code; docstrings, comments and blank lines do not. Raise the
budget in a commit that says why.
"""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from pathlib import Path

BUDGET = 3_991

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "wrapper" / "junction_introspect"
CORE = (".", "operations", "_paging", "_http", "_concurrency")
_NO_CODE = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}


def lines_of_code(source: str) -> int:
    """Return how many lines of a module have code."""
    docstrings = {
        line
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and ast.get_docstring(node, clean=False) is not None
        for line in range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)
    }
    code = {
        line
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type not in _NO_CODE and token.type != tokenize.ENDMARKER
        for line in range(token.start[0], token.end[0] + 1)
    }
    return len(code - docstrings)


def count(folders: list[Path], *, deep: bool) -> dict[Path, int]:
    """Return the lines of code of each module in some folders."""
    pattern = "**/*.py" if deep else "*.py"
    return {
        path: lines_of_code(path.read_text(encoding="utf-8"))
        for folder in folders
        for path in sorted(folder.glob(pattern))
    }


def main() -> int:
    """Print the lines of the core, or of the folders named; return 1 if the core has too many."""
    if folders := [Path(name) for name in sys.argv[1:]]:
        sys.stdout.write(f"{sum(count(folders, deep=True).values()):,} lines of code\n")
        return 0
    lines = sum(count([PACKAGE / name for name in CORE], deep=False).values())
    sys.stdout.write(f"the core has {lines:,} lines of code, of {BUDGET:,}\n")
    return int(lines > BUDGET)


if __name__ == "__main__":
    sys.exit(main())
