"""Print the changes from one document to another: ``python -m openapi.diff OLD NEW``."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from openapi.diff.changes import gravest
from openapi.diff.compare import compare, version
from openapi.diff.rendering import FORMATS, render
from openapi.documents import DocumentError, parse, refuse
from openapi.fetch import fetch

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Print the changes; exit with 3 for attention, with 4 for breaking changes, else with 0."""
    parser = argparse.ArgumentParser(description="Compare two versions of an OpenAPI document.")
    parser.add_argument("old", help="a file or an https URL")
    parser.add_argument("new", help="a file or an https URL")
    parser.add_argument("--format", choices=FORMATS, default="text")
    arguments = parser.parse_args(argv)
    try:
        old, new = (parse(fetch(source), source) for source in (arguments.old, arguments.new))
        changes = compare(old, new)
        print(render(changes, version(old), version(new), arguments.format))
    except DocumentError as error:
        return refuse("diff", error)
    return gravest(changes).status


if __name__ == "__main__":
    sys.exit(main())
