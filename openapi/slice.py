"""Cut a specification down to the operations of `operations.yaml` and the components they use.

Slicing a slice again does not change it. Besides the operations, a slice keeps the document's head,
`servers`, `security` and every security scheme, because they apply to all operations.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openapi.documents import (
    JUNCTION,
    METHODS,
    OPERATIONS,
    DocumentError,
    StepError,
    dumps,
    follow,
    is_json,
    load_as_written,
    load_plain,
    objects,
    parse,
    pointer,
    refuse,
    steps,
)
from openapi.documents import operations as documented
from openapi.fetch import PUBLISHED, fetch
from openapi.layout import styled
from openapi.wellformed import misfits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from openapi.documents import Place

_HEAD = ("openapi", "info", "jsonSchemaDialect", "servers", "security")


class SliceError(StepError):
    """The slice cannot be made; the message has one line for each reason."""


def slice_document(document: Any, operations: Iterable[str]) -> dict[str, Any]:
    """Return the part of `document` that `operations` need, in the document's own order.

    A path item that is a reference is replaced by its target.

    Args:
        document: An OpenAPI document, as plain data; it is shared with the result, not copied.
        operations: The operations, each as ``METHOD /path``.

    Raises:
        DocumentError: A path item is a reference without a target in the document.
        SliceError: An operation is missing, a reference has no target, or a value is of the wrong
            type for an OpenAPI document.
    """
    operations = [*operations]
    refuse_missing(missing_operations(document, operations))
    known = documented(document)
    wanted = {*map(_named, operations)}
    items = {name.partition(" ")[2]: known[name][0] for name in wanted}
    result = {key: value for key, value in document.items() if key in _HEAD}
    result["paths"] = {
        path: {
            key: value
            for key, value in items[path].items()
            if key not in METHODS or f"{key.upper()} {path}" in wanted
        }
        for path in document["paths"]
        if path in items
    }
    _check(result)
    # In the order of the document, so that slicing a slice again does not change a byte.
    result["components"] = _reached(document, result)
    _check(result)
    return {key: result[key] for key in document if key in result}


def refuse_missing(operations: Iterable[str]) -> None:
    """Raise an error that lists the missing operations, if there are any."""
    missing = "the document has no such operation; `make drift` names the most similar"
    if lines := [f"{operation}: {missing}" for operation in operations]:
        raise SliceError("\n".join(lines))


def _check(document: Any) -> None:
    if wrong := next(misfits(document), None):
        raise SliceError(wrong)


def _named(operation: str) -> str:
    """Return an operation as ``METHOD /path``, whatever the letter case of its method."""
    method, _, path = operation.partition(" ")
    return f"{method.upper()} {path.strip()}"


def missing_operations(document: Any, operations: Iterable[str]) -> list[str]:
    """Return those of some operations that a document lacks.

    Raises:
        DocumentError: A path item is a reference without a target in the document.
        SliceError: The document is not an OpenAPI document.
    """
    if not isinstance(document, dict) or not isinstance(document.get("paths"), dict):
        raise SliceError("not an OpenAPI document: it has no paths")
    known = documented(document)
    return [operation for operation in operations if _named(operation) not in known]


def _follow(reference: str, document: Any, at: Place) -> Any:
    try:
        return follow(reference, document)
    except LookupError as error:
        raise SliceError(f"{pointer(at)}: {error}") from error


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
            match steps(reference):
                case ["components", kind, name, *_]:
                    if (kind, name) not in reached:
                        reached.add((kind, name))
                        waiting.append((("components",), {kind: {name: everything[kind][name]}}))
                case _:
                    elsewhere.add(reference)
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
        # `objects` skips examples as data, but an example of a parameter may be a reference.
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
        DocumentError: The file cannot be read, or does not list any operations.
    """
    listed = load_plain(path)
    found = listed.get("operations") if isinstance(listed, dict) else None
    if not isinstance(found, list) or not found or not all(isinstance(one, str) for one in found):
        raise DocumentError(f"{path}: it must have a list of operations, each METHOD /path")
    return found


def sliced_text(text: str, operations: Iterable[str], like: Any = None, name: str = "text") -> str:
    """Return the slice of a document as YAML in the vendor's layout.

    YAML that is already a slice is returned unchanged, byte for byte.

    Args:
        text: A whole document or a slice, in YAML or JSON.
        operations: As in `slice_document`.
        like: A document whose order of keys and enum values is kept where possible.
        name: The name of the text in error messages.

    Raises:
        DocumentError: The text is not a document.
        SliceError: As in `slice_document`.
    """
    document = parse(text, name)
    return written(slice_document(document, operations), document, text, like, name)


def written(cut: Any, document: Any, text: str, like: Any = None, name: str = "text") -> str:
    """Return a slice that was already made as YAML. See `sliced_text`."""
    if cut == document and not is_json(text) and load_as_written(text) == cut:
        return text
    ordered = styled(cut, like)
    result = dumps(ordered)
    # We choose the layout, but must not change the vendor's content.
    if load_plain(result) != ordered:
        raise DocumentError(f"{name}: cannot be written as YAML without a change")
    return result


def main(argv: Sequence[str] | None = None) -> int:
    """Print the slice of a document."""
    parser = argparse.ArgumentParser(description="Cut a document down to the operations listed.")
    parser.add_argument("spec", nargs="?", default=PUBLISHED, help="a file or an https URL")
    parser.add_argument("--operations", type=Path, default=OPERATIONS)
    parser.add_argument("--like", type=Path, default=JUNCTION, help="keep this file's key order")
    arguments = parser.parse_args(argv)
    try:
        operations = read_operations(arguments.operations)
        like = load_plain(arguments.like)
        text = sliced_text(fetch(arguments.spec), operations, like, arguments.spec)
    except StepError as error:
        return refuse("slice", error)
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
