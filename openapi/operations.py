"""Tells of every operation of a whole document whether it can be taken as it is.

Each operation is cut out alone, corrected by the overlay (of which only what holds for any
operation finds anything), linted, generated, and called with valid answers, which have to stay what
they are when they are decoded and encoded again. What fails is told with the overlay action that
would do.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openapi import overlay
from openapi.documents import METHODS, OVERLAY, DocumentError, load_plain, parse
from openapi.fetch import PUBLISHED, fetch
from openapi.generate import Package, check, explained, refused, write
from openapi.generator import GenerateError
from openapi.overlay import OverlayError
from openapi.samples import json_schema, resolved
from openapi.slice import SliceError, slice_document

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Operations that are generated before one interpreter checks them all.
_CHUNK = 16


@dataclass(frozen=True)
class Verdict:
    """What can be said of an operation.

    Attributes:
        operation: Its ``METHOD /path``.
        paged: Whether its pages are those of a listing: ``data``, and ``next_cursor`` to go on.
        reasons: Why it needs an overlay action of its own, one line each; none when it can be taken
            as it is.
    """

    operation: str
    paged: bool
    reasons: tuple[str, ...] = ()


def survey(
    document: Any, corrections: Any, *, processes: int = 1, documents: int = 1
) -> list[Verdict]:
    """Return a verdict for each operation of a document, in its order.

    Args:
        document: A whole document, as plain data.
        corrections: The overlay.
        processes: How many to spread the work over.
        documents: How many random documents to try for each answer of an operation.

    Raises:
        OverlayError: An action is malformed, or does not fit what it matches.
    """
    chunks = [*_chunks([*listed(document)])]
    examine = partial(_examine, document, corrections, documents)
    if processes == 1:
        found = [*map(examine, chunks)]
    else:
        with ProcessPoolExecutor(processes) as pool:
            found = [*pool.map(examine, chunks)]
    return [*itertools.chain.from_iterable(found)]


def listed(document: Any) -> Iterator[str]:
    """Yield the operations of a document, ``METHOD /path`` each."""
    for path, item in document["paths"].items():
        for method in item:
            if method in METHODS:
                yield f"{method.upper()} {path}"


def is_paged(document: Any, operation: str) -> bool:
    """Tell whether an operation lists pages of ``data``, which ``next_cursor`` leads through."""
    method, _, path = operation.partition(" ")
    described = document["paths"][path][method.lower()]
    parameters = (resolved(one, document) for one in described.get("parameters", ()))
    answer = resolved(described.get("responses", {}).get("200", {}), document)
    page = resolved(json_schema(answer, document) or {}, document).get("properties", {})
    return (
        any(one.get("name") == "next_cursor" and one.get("in") == "query" for one in parameters)
        and resolved(page.get("data", {}), document).get("type") == "array"
        and "next_cursor" in page
    )


def _chunks(operations: list[str]) -> Iterator[list[str]]:
    for first in range(0, len(operations), _CHUNK):
        yield operations[first : first + _CHUNK]


def _examine(
    document: Any, corrections: Any, documents: int, operations: list[str]
) -> list[Verdict]:
    """Return the verdicts on some operations, whose packages one interpreter checks."""
    with tempfile.TemporaryDirectory(prefix="operations-") as folder:
        verdicts: list[Verdict] = []
        written: dict[int, tuple[Package, Any]] = {}
        for number, operation in enumerate(operations):
            root = Path(folder) / str(number)
            root.mkdir()
            paged, corrected = False, None
            try:
                part = slice_document(document, [operation])
                paged = is_paged(part, operation)
                corrected = overlay.apply(part, corrections, lambda _: None)
                reasons = refused(corrected)
                if not reasons:
                    answers = write(corrected, root / "junction_api", documents)
                    written[number] = Package(root, answers), corrected
            except SliceError as error:
                reasons = str(error).splitlines()
            except GenerateError as error:
                reasons = str(explained(error, corrected)).splitlines()
            verdicts.append(Verdict(operation, paged, tuple(reasons)))
        wrong = check([package for package, _ in written.values()])
        for (number, (_, corrected)), lines in zip(written.items(), wrong, strict=True):
            if lines:
                told = str(explained(GenerateError("\n".join(lines)), corrected))
                verdicts[number] = replace(verdicts[number], reasons=tuple(told.splitlines()))
    return verdicts


def render(verdicts: Sequence[Verdict], layout: str) -> str:
    """Return verdicts as ``text`` or ``json``."""
    if layout == "json":
        return json.dumps([asdict(one) for one in verdicts], indent=2, ensure_ascii=False)
    as_they_are = [one for one in verdicts if not one.reasons]
    others = [one for one in verdicts if one.reasons]
    paged = [one for one in as_they_are if one.paged]
    lines = [f"{len(as_they_are)} of {len(verdicts)} operations can be taken as they are."]
    lines += [f"\n{len(paged)} of them page through `data` by `next_cursor`:"]
    lines += [f"  {one.operation}" for one in paged]
    lines += [f"\n{len(as_they_are) - len(paged)} do not:"]
    lines += [f"  {one.operation}" for one in as_they_are if not one.paged]
    lines += [f"\n{len(others)} need overlay actions of their own:"]
    for one in others:
        lines += [f"  {one.operation}{' (pages by next_cursor)' if one.paged else ''}"]
        lines += [f"    {reason}" for reason in one.reasons]
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Print what can be taken."""
    parser = argparse.ArgumentParser(description="Tell which operations can be taken.")
    parser.add_argument("spec", nargs="?", default=PUBLISHED, help="a file or an https URL")
    parser.add_argument("--overlay", type=Path, default=OVERLAY)
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument(
        "--documents", type=int, default=1, help="random documents to try for each answer"
    )
    arguments = parser.parse_args(argv)
    try:
        document = parse(fetch(arguments.spec), arguments.spec)
        slice_document(document, [])
        corrections = load_plain(arguments.overlay)
        verdicts = survey(
            document,
            corrections,
            processes=os.cpu_count() or 1,
            documents=arguments.documents,
        )
    except (DocumentError, SliceError, OverlayError) as error:
        print(f"operations: {error}", file=sys.stderr)
        return 1
    print(render(verdicts, arguments.format))
    return 0


if __name__ == "__main__":
    sys.exit(main())
