"""Find defects in a specification document.

`openapi-spec-validator` checks the structure, but misses three kinds of defects that this vendor's
documents have had: duplicate enum values, examples that their own schema rejects, and the string
"None" in examples where null is meant. It also raises at a reference without a target, and reports
places in the schema instead of the document. So both are checked before it runs.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator

from openapi.diff.values import canonical
from openapi.documents import (
    SPEC,
    DocumentError,
    follow,
    load_plain,
    objects,
    pointer,
    printable,
    walk,
)
from openapi.wellformed import misfits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from openapi.documents import Place

# Each format is named, because then a missing checker is an error. By default, jsonschema silently
# skips a format if the library that checks it is missing (rfc3339-validator for date-time).
_FORMATS = FormatChecker(("date-time", "date", "uuid", "email"))
_META = Draft202012Validator(
    Draft202012Validator.META_SCHEMA, format_checker=FormatChecker(("regex",))
)


def defects(document: Any) -> list[str]:
    """Return the defects of an OpenAPI 3.1 document, one line each, with its JSON pointer."""
    if not isinstance(document, dict):
        return ["/: not an object"]
    try:
        # Each check relies on those before it, and may raise if they have found defects.
        for check in (*_BASICS, misfits, _structure):
            if found := [*check(document)]:
                return found
        return [
            *_duplicate_enum_values(document),
            *(line for _, line in _invalid_examples(document)),
        ]
    except RecursionError:
        return ["/: nested too deep, or references that lead only to one another"]


def invalid_examples(document: Any) -> set[Place]:
    """Return the places of `example` and `examples` with a defect.

    Returns nothing if the document is too broken to check.
    """
    try:
        if any(True for check in _BASICS for _ in check(document)):
            return set()
        return {word for word, _ in _invalid_examples(document)}
    except RecursionError:
        return set()


def validator(schema: Any, document: Any) -> Draft202012Validator:
    """Return jsonschema's validator for a schema in a document, with formats checked."""
    # `#/…` is resolved against the root, so the schema needs the whole document around it.
    return Draft202012Validator({**document, "allOf": [schema]}, format_checker=_FORMATS)


def _keys(document: Any) -> Iterator[str]:
    for at, node in walk(document):
        if isinstance(node, dict):
            for key in node:
                if not isinstance(key, str):
                    yield f"{pointer((*at, key))}: the key {key!r} is not a string"


def _references(document: Any) -> Iterator[str]:
    for at, node in objects(document):
        reference = node.get("$ref")
        if isinstance(reference, str):
            try:
                follow(reference, document)
            except LookupError as error:
                yield f"{pointer((*at, '$ref'))}: {error}"


def _schemas(document: Any) -> Iterator[str]:
    for at, node in objects(document):
        is_schema = at[:-1] == ("components", "schemas")
        here, schema = (at, node) if is_schema else ((*at, "schema"), node.get("schema", True))
        for error in _META.iter_errors(schema):
            yield f"{pointer((*here, *error.absolute_path))}: {error.message}"


_BASICS = (_keys, _references, _schemas)


def _structure(document: Any) -> Iterator[str]:
    refused = [*OpenAPIV31SpecValidator.schema_validator.iter_errors(document)]
    # The full validator continues after an error of the schema, and then raises.
    for error in refused or OpenAPIV31SpecValidator(document).iter_errors():
        message, _, _ = error.message.partition("\n")
        yield f"{pointer(tuple(error.absolute_path)) or '/'}: {message}"


def _duplicate_enum_values(document: Any) -> Iterator[str]:
    for at, node in objects(document):
        times = Counter(map(canonical, node.get("enum", [])))
        for value in sorted(value for value in times if times[value] > 1):
            yield f"{pointer((*at, 'enum'))}: duplicate value {value}"


def _examples(document: Any) -> Iterator[tuple[Place, Place, Any, Any]]:
    """Yield examples of schemas, parameters, headers and media types.

    Yields:
        The place of the keyword, the place of the example, the schema, and the example.
    """
    for at, node in objects(document):
        schema = node.get("schema", node)
        if "example" in node:
            yield (*at, "example"), (*at, "example"), schema, node["example"]
        several, word = node.get("examples"), (*at, "examples")
        if isinstance(several, list):  # a schema's, as in JSON Schema
            for index, value in enumerate(several):
                yield word, (*word, index), schema, value
        elif isinstance(several, dict):  # a parameter's or a media type's, named
            for name, example in several.items():
                if isinstance(example, dict) and "value" in example:
                    yield word, (*word, name), schema, example["value"]


def _invalid_examples(document: Any) -> Iterator[tuple[Place, str]]:
    for word, at, schema, example in _examples(document):
        for error in validator(schema, document).iter_errors(example):
            yield word, f"{pointer((*at, *error.absolute_path))}: invalid example: {error.message}"
        for below, value in walk(example):
            if value == "None":
                yield word, f"{pointer((*at, *below))}: the string 'None' where null is meant"


def main(argv: Sequence[str] | None = None) -> int:
    """Print the defects of a document; exit with 1 if there are any."""
    parser = argparse.ArgumentParser(description="Lint an OpenAPI 3.1 document.")
    parser.add_argument("document", type=Path, nargs="?", default=SPEC)
    try:
        found = defects(load_plain(parser.parse_args(argv).document))
    except DocumentError as error:
        found = [str(error)]
    for line in found:
        print(printable(line), file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
