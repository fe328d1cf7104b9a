"""Report what has changed between `junction.yaml` and another version, without changing files."""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openapi import overlay
from openapi.diff.changes import Change, Grade, gravest
from openapi.diff.compare import compare, version
from openapi.diff.rendering import FORMATS, render
from openapi.documents import JUNCTION, OPERATIONS, OVERLAY, StepError, load_plain, parse, refuse
from openapi.fetch import PUBLISHED, fetch
from openapi.generate import PACKAGE, build
from openapi.slice import missing_operations, read_operations, slice_document, written

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Drift:
    """Another version of the document, and the changes in it."""

    text: str
    """The slice of the other version, as it would be written to `junction.yaml`."""
    document: Any
    before: Any
    changes: list[Change]
    missing: list[str]
    """The operations that the other version lacks, each as ``METHOD /path``."""

    @property
    def versions(self) -> tuple[str, str]:
        """The old and the new version."""
        return version(self.before), version(self.document)

    @property
    def grade(self) -> Grade:
        """The most serious grade among the changes."""
        return gravest(self.changes)

    def render(self, layout: str) -> str:
        """Return the changes as ``text``, ``json`` or ``markdown``."""
        return render(self.changes, *self.versions, layout)


def drift(source: str, junction: Path = JUNCTION, operations: Path = OPERATIONS) -> Drift:
    """Load another version, slice it, and compare it with the current one.

    A missing operation is reported as a change like any other.

    Args:
        source: A file or an https URL.
        junction: The current version.
        operations: The list of operations to keep in the slice.

    Raises:
        DocumentError: A document cannot be read.
        SliceError: The other version cannot be sliced.
    """
    before = load_plain(junction)
    text = fetch(source)
    whole = parse(text, source)
    document, changes, missing = compared(before, whole, read_operations(operations))
    return Drift(written(document, whole, text, before, source), document, before, changes, missing)


def compared(
    before: Any, whole: Any, operations: Sequence[str]
) -> tuple[Any, list[Change], list[str]]:
    """Return the slice of another version, the changes in it, and the operations that it lacks."""
    missing = missing_operations(whole, operations)
    document = slice_document(whole, [one for one in operations if one not in missing])
    return document, compare(before, document, whole), missing


def main(argv: Sequence[str] | None = None) -> int:
    """Print the changes; exit with 3 for attention, with 4 for breaking changes, else with 0.

    A version that nothing can be generated from needs attention, too.
    """
    parser = argparse.ArgumentParser(description="Compare junction.yaml with another version.")
    parser.add_argument("spec", nargs="?", default=PUBLISHED, help="a file or an https URL")
    parser.add_argument("--junction", type=Path, default=JUNCTION)
    parser.add_argument("--operations", type=Path, default=OPERATIONS)
    parser.add_argument("--format", choices=FORMATS, default="text")
    arguments = parser.parse_args(argv)
    try:
        found = drift(arguments.spec, arguments.junction, arguments.operations)
    except StepError as error:
        return refuse("drift", error)
    print(found.render(arguments.format))
    if found.changes and (why := _refused(found.document)):
        refuse("drift: a bump would be refused", why)
        return max(found.grade.status, Grade.ATTENTION.status)
    return found.grade.status


def _refused(document: Any) -> StepError | None:
    """Return why nothing can be generated from a version, or None if it can."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            corrected = overlay.apply(document, load_plain(OVERLAY), lambda _: None)
            build(corrected, Path(folder) / PACKAGE)
        except StepError as error:
            return error
    return None


if __name__ == "__main__":
    sys.exit(main())
