"""Cut a specification down to the operations of `operations.yaml` and to what they reach.

The slice of a slice is the slice. What it keeps beside the operations is the document's head,
`servers`, `security` and every security scheme: those hold for whatever is called.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from openapi.documents import (
    JUNCTION,
    OPERATIONS,
    DocumentError,
    dumps,
    follow,
    load_plain,
    objects,
    parse,
)
from openapi.fetch import PUBLISHED, fetch
from openapi.layout import styled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_HEAD = ("openapi", "info", "jsonSchemaDialect", "servers", "security")
_COMPONENT = 4  # parts of "#/components/schemas/Name"


class SliceError(Exception):
    """The slice cannot be made; the message says what is missing, one line each."""


def slice_document(document: Any, operations: Iterable[str]) -> dict[str, Any]:
    """Return the part of `document` that `operations` need, in the document's own order.

    Args:
        document: An OpenAPI document, as plain data; it is shared with the result, not copied.
        operations: ``METHOD /path`` each.

    Raises:
        SliceError: An operation is not there, or a reference leads nowhere.
    """
    if not isinstance(document, dict) or not isinstance(document.get("paths"), dict):
        raise SliceError("not an OpenAPI document: it has no paths")
    wanted: dict[str, set[str]] = {}
    for operation in operations:
        method, _, path = operation.partition(" ")
        wanted.setdefault(path.strip(), set()).add(method.lower())
    if missing := [*_missing(document, wanted)]:
        raise SliceError("\n".join(missing))
    result = {key: value for key, value in document.items() if key in _HEAD}
    result["paths"] = {
        path: {
            key: value for key, value in item.items() if key not in METHODS or key in wanted[path]
        }
        for path, item in document["paths"].items()
        if path in wanted
    }
    components = _reached(document, result)
    # In the document's order, at the document's place: the slice of a slice has its bytes.
    result["components"] = components
    return {key: result[key] for key in document if key in result}


def _missing(document: Any, wanted: dict[str, set[str]]) -> Iterator[str]:
    for path, methods in wanted.items():
        item = document["paths"].get(path)
        for method in sorted(methods):
            if not isinstance(item, dict) or method not in METHODS or method not in item:
                yield f"{method.upper()} {path}: the document has no such operation"


def _reached(document: Any, result: dict[str, Any]) -> dict[str, Any]:
    """Return the components that `result` reaches, with all security schemes."""
    everything = document.get("components", {})
    schemes = everything.get("securitySchemes", {})
    reached = {("securitySchemes", name) for name in schemes}
    waiting: list[Any] = [result, schemes]
    elsewhere: set[str] = set()
    while waiting:
        for reference in _references(waiting.pop()):
            try:
                follow(reference, document)
            except LookupError as error:
                raise SliceError(f"{reference!r} leads nowhere in this document") from error
            parts = unquote(reference).split("/")
            if parts[1] != "components" or len(parts) < _COMPONENT:
                elsewhere.add(reference)
                continue
            kind, name = (part.replace("~1", "/").replace("~0", "~") for part in parts[2:4])
            if (kind, name) not in reached:
                reached.add((kind, name))
                waiting.append({kind: {name: everything[kind][name]}})
    kept = {
        kind: {name: value for name, value in named.items() if (kind, name) in reached}
        for kind, named in everything.items()
        if isinstance(named, dict)
    }
    for reference in sorted(elsewhere):
        try:
            follow(reference, {**result, "components": kept})
        except LookupError as error:
            raise SliceError(f"{reference!r} leads out of the slice") from error
    return {kind: named for kind, named in kept.items() if named}


def _references(node: Any) -> Iterator[str]:
    for _, found in objects(node):
        if isinstance(reference := found.get("$ref"), str):
            yield reference
        # Data to everybody else: the examples of a parameter may stand among the components.
        if isinstance(examples := found.get("examples"), dict):
            for example in examples.values():
                if isinstance(example, dict) and isinstance(example.get("$ref"), str):
                    yield example["$ref"]
        if isinstance(discriminator := found.get("discriminator"), dict):
            for target in discriminator.get("mapping", {}).values():
                yield target if "/" in target else f"#/components/schemas/{target}"


def read_operations(path: Path = OPERATIONS) -> list[str]:
    """Return the operations that a file lists.

    Raises:
        DocumentError: It cannot be read, or lists none.
    """
    listed = load_plain(path)
    found = listed.get("operations") if isinstance(listed, dict) else None
    if not isinstance(found, list) or not found or not all(isinstance(one, str) for one in found):
        raise DocumentError(f"{path}: no list of operations, each METHOD /path")
    return found


def sliced_text(text: str, operations: Iterable[str], like: Any = None, name: str = "text") -> str:
    """Return the slice of a document as YAML in the vendor's layout.

    YAML that is its own slice already comes back as it is, byte for byte.

    Args:
        text: A whole document or a slice, YAML or JSON.
        operations: As for `slice_document`.
        like: A document whose order of keys and enum values to keep where there is no other reason.
        name: What an error calls the text.

    Raises:
        DocumentError: The text is no document.
        SliceError: As for `slice_document`.
    """
    document = parse(text, name)
    cut = slice_document(document, operations)
    if cut == document and not text.lstrip("\ufeff \t\r\n").startswith("{"):
        return text
    ordered = styled(cut, like)
    written = dumps(ordered)
    # The layout is ours, what it holds is the vendor's.
    if load_plain(written) != ordered:
        raise DocumentError(f"{name}: cannot be written as YAML without a change")
    return written


def main(argv: Sequence[str] | None = None) -> int:
    """Print the slice of a document."""
    parser = argparse.ArgumentParser(description="Cut a document down to the operations listed.")
    parser.add_argument("spec", nargs="?", default=PUBLISHED, help="a file or an https URL")
    parser.add_argument("--operations", type=Path, default=OPERATIONS)
    parser.add_argument("--like", type=Path, default=JUNCTION, help="whose order of keys to keep")
    arguments = parser.parse_args(argv)
    try:
        operations = read_operations(arguments.operations)
        like = load_plain(arguments.like)
        text = sliced_text(fetch(arguments.spec), operations, like, arguments.spec)
    except (DocumentError, SliceError) as error:
        print(f"slice: {error}", file=sys.stderr)
        return 1
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
