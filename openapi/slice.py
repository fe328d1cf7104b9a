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
    METHODS,
    OPERATIONS,
    DocumentError,
    dumps,
    follow,
    is_json,
    load_as_written,
    load_plain,
    objects,
    parse,
    pointer,
    printable,
)
from openapi.fetch import PUBLISHED, fetch
from openapi.layout import styled
from openapi.wellformed import misfits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from openapi.documents import Place

_HEAD = ("openapi", "info", "jsonSchemaDialect", "servers", "security")
_COMPONENT = 4  # parts of "#/components/schemas/Name"
_MOST_REFERENCES = 20  # from one path item to the next


class SliceError(Exception):
    """The slice cannot be made; the message says what is missing, one line each."""


def slice_document(document: Any, operations: Iterable[str]) -> dict[str, Any]:
    """Return the part of `document` that `operations` need, in the document's own order.

    A path item that is a reference is replaced by what it refers to.

    Args:
        document: An OpenAPI document, as plain data; it is shared with the result, not copied.
        operations: ``METHOD /path`` each.

    Raises:
        SliceError: An operation is not there, a reference leads nowhere, or something is not what
            it must be in such a document.
    """
    wanted = by_path(operations)
    refuse_missing(missing_operations(document, wanted))
    result = {key: value for key, value in document.items() if key in _HEAD}
    result["paths"] = {
        path: {
            key: value
            for key, value in _item(document, path).items()
            if key not in METHODS or key in wanted[path]
        }
        for path in document["paths"]
        if path in wanted
    }
    _check(result)
    # In the document's order, at the document's place: the slice of a slice has its bytes.
    result["components"] = _reached(document, result)
    _check(result)
    return {key: result[key] for key in document if key in result}


def refuse_missing(operations: Iterable[str]) -> None:
    """Raise an error that names operations that a document does not have, if any."""
    if lines := [f"{operation}: the document has no such operation" for operation in operations]:
        raise SliceError("\n".join(lines))


def _check(document: Any) -> None:
    if wrong := next(misfits(document), None):
        raise SliceError(wrong)


def by_path(operations: Iterable[str]) -> dict[str, set[str]]:
    """Return the methods that operations, ``METHOD /path`` each, have at each path."""
    wanted: dict[str, set[str]] = {}
    for operation in operations:
        method, _, path = operation.partition(" ")
        wanted.setdefault(path.strip(), set()).add(method.lower())
    return wanted


def missing_operations(document: Any, wanted: dict[str, set[str]]) -> list[str]:
    """Return those of the operations wanted that a document does not have.

    Raises:
        SliceError: It is no OpenAPI document.
    """
    if not isinstance(document, dict) or not isinstance(document.get("paths"), dict):
        raise SliceError("not an OpenAPI document: it has no paths")
    return [
        f"{method.upper()} {path}"
        for path, methods in wanted.items()
        for method in sorted(methods)
        if method not in METHODS or method not in _item(document, path)
    ]


def _item(document: Any, path: str) -> dict[str, Any]:
    item = document["paths"].get(path)
    for _ in range(_MOST_REFERENCES):
        if not isinstance(item, dict):
            return {}
        if not isinstance(reference := item.get("$ref"), str):
            return item
        said = {key: value for key, value in item.items() if key != "$ref"}
        target = _follow(reference, document, ("paths", path, "$ref"))
        item = {**target, **said} if isinstance(target, dict) else target
    raise SliceError(f"{pointer(('paths', path, '$ref'))}: references that lead to one another")


def _follow(reference: str, document: Any, at: Place) -> Any:
    try:
        return follow(reference, document)
    except LookupError as error:
        message = f"{pointer(at)}: {reference!r} leads nowhere in this document"
        raise SliceError(message) from error


def _reached(document: Any, result: dict[str, Any]) -> dict[str, Any]:
    """Return the components that `result` reaches, with all security schemes."""
    everything = document.get("components", {})
    if not isinstance(everything, dict):
        _check({**result, "components": everything})
    schemes = everything.get("securitySchemes", {})
    reached = {("securitySchemes", name) for name in schemes or ()}
    waiting: list[tuple[Place, Any]] = [((), result), (("components", "securitySchemes"), schemes)]
    elsewhere: set[str] = set()
    while waiting:
        for at, reference in _references(*waiting.pop()):
            _follow(reference, document, at)
            parts = unquote(reference).split("/")
            if parts[1] != "components" or len(parts) < _COMPONENT:
                elsewhere.add(reference)
                continue
            kind, name = (part.replace("~1", "/").replace("~0", "~") for part in parts[2:4])
            if (kind, name) not in reached:
                reached.add((kind, name))
                waiting.append((("components",), {kind: {name: everything[kind][name]}}))
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


def _references(at: Place, node: Any) -> Iterator[tuple[Place, str]]:
    for place, found in objects(node, at):
        if isinstance(reference := found.get("$ref"), str):
            yield (*place, "$ref"), reference
        # Data to everybody else: the examples of a parameter may stand among the components.
        if isinstance(examples := found.get("examples"), dict):
            for name, example in examples.items():
                if isinstance(example, dict) and isinstance(example.get("$ref"), str):
                    yield (*place, "examples", name, "$ref"), example["$ref"]
        if isinstance(discriminator := found.get("discriminator"), dict):
            mapping = discriminator.get("mapping")
            for value, target in mapping.items() if isinstance(mapping, dict) else ():
                there = (*place, "discriminator", "mapping", value)
                if isinstance(target, str):
                    full = target if "/" in target else f"#/components/schemas/{target}"
                    yield there, full


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
    return written(slice_document(document, operations), document, text, like, name)


def written(cut: Any, document: Any, text: str, like: Any = None, name: str = "text") -> str:
    """Return a slice of a document as YAML; as for `sliced_text`, with the slice at hand."""
    if cut == document and not is_json(text) and load_as_written(text) == cut:
        return text
    ordered = styled(cut, like)
    result = dumps(ordered)
    # The layout is ours, what it holds is the vendor's.
    if load_plain(result) != ordered:
        raise DocumentError(f"{name}: cannot be written as YAML without a change")
    return result


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
        print(printable(f"slice: {error}"), file=sys.stderr)
        return 1
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
