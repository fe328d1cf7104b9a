"""Reports for every operation of a whole document whether it can be generated as it is.

Each operation is cut out by itself, corrected by the overlay (in which only the general actions
match), linted, generated, and called with valid responses. These must be the same after decoding
and encoding. A failure is reported with the overlay action that would fix it.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openapi import overlay
from openapi.documents import (
    OVERLAY,
    StepError,
    load_plain,
    operations,
    parse,
    printable,
    refuse,
    resolved,
)
from openapi.fetch import PUBLISHED, fetch
from openapi.generate import PACKAGE, build
from openapi.generator import GenerateError
from openapi.samples import json_schema
from openapi.slice import SliceError, slice_document

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Executor

# The number of operations that are given to a process at once, with the document.
_CHUNK = 16


@dataclass(frozen=True)
class Verdict:
    """The result for one operation.

    Attributes:
        operation: The operation, as ``METHOD /path``.
        paged: Whether it is a listing with pages of ``data`` and a ``next_cursor``.
        reasons: Why it needs overlay actions of its own, one line each; empty if it can be
            generated as it is.
    """

    operation: str
    paged: bool
    reasons: tuple[str, ...] = ()


def survey(
    document: Any, corrections: Any, processes: Executor, *, documents: int = 1
) -> list[Verdict]:
    """Return a verdict for each operation of a document, in its order.

    Args:
        document: A whole document, as plain data.
        corrections: The overlay.
        processes: Other processes to work in, because the generated packages are imported.
        documents: How many random documents to try for each response of an operation.

    Raises:
        OverlayError: An action is malformed, or cannot be applied to what it matches.
    """
    examine = partial(_examine, document, corrections, documents)
    return [*processes.map(examine, operations(document), chunksize=_CHUNK)]


def is_paged(document: Any, operation: str) -> bool:
    """Tell whether an operation is a listing with pages of ``data`` and a ``next_cursor``."""
    item, described = operations(document)[operation]
    parameters = (
        resolved(one, document)
        for one in (*item.get("parameters", ()), *described.get("parameters", ()))
    )
    answer = resolved(described.get("responses", {}).get("200", {}), document)
    page = resolved(json_schema(answer, document), document)
    fields = page.get("properties", {}) if isinstance(page, dict) else {}
    data = resolved(fields.get("data"), document)
    return (
        any(one.get("name") == "next_cursor" and one.get("in") == "query" for one in parameters)
        and isinstance(data, dict)
        and data.get("type") == "array"
        and "next_cursor" in fields
    )


def _examine(document: Any, corrections: Any, documents: int, operation: str) -> Verdict:
    paged, reasons = False, ""
    with tempfile.TemporaryDirectory(prefix="operation-") as folder:
        try:
            part = slice_document(document, [operation])
            paged = is_paged(part, operation)
            corrected = overlay.apply(part, corrections, lambda _: None)
            build(corrected, Path(folder) / PACKAGE, documents, apart=False)
        except (SliceError, GenerateError) as error:
            reasons = str(error)
    return Verdict(operation, paged, tuple(reasons.splitlines()))


def render(verdicts: Sequence[Verdict], layout: str) -> str:
    """Return verdicts as ``text`` or ``json``."""
    if layout == "json":
        return json.dumps([asdict(one) for one in verdicts], indent=2, ensure_ascii=False)
    as_they_are = [one for one in verdicts if not one.reasons]
    groups = {
        "As they are, with pages of `data` and a `next_cursor`": [
            one for one in as_they_are if one.paged
        ],
        "As they are, without pages": [one for one in as_they_are if not one.paged],
        "With overlay actions of their own": [one for one in verdicts if one.reasons],
    }
    lines = [f"{len(as_they_are)} of {len(verdicts)} operations can be generated as they are."]
    for title, group in groups.items():
        lines.append(f"\n{title}: {len(group)}")
        for one in group:
            paged = " (pages by next_cursor)" if one.paged and one.reasons else ""
            lines += [f"  {one.operation}{paged}", *(f"    {reason}" for reason in one.reasons)]
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Print which operations can be generated."""
    parser = argparse.ArgumentParser(description="Report which operations can be generated.")
    parser.add_argument("spec", nargs="?", default=PUBLISHED, help="a file or an https URL")
    parser.add_argument("--overlay", type=Path, default=OVERLAY)
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument(
        "--documents", type=int, default=1, help="random documents to try for each response"
    )
    arguments = parser.parse_args(argv)
    try:
        document = parse(fetch(arguments.spec), arguments.spec)
        slice_document(document, [])
        corrections = load_plain(arguments.overlay)
        with ProcessPoolExecutor(mp_context=get_context("spawn")) as processes:
            verdicts = survey(document, corrections, processes, documents=arguments.documents)
    except StepError as error:
        return refuse("operations", error)
    print(printable(render(verdicts, arguments.format)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
