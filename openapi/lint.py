"""Find what is wrong with a specification document.

`openapi-spec-validator` checks the structure. Three kinds of defect it does not see, and this
vendor's documents have had each of them: duplicate enum values, examples that their own schema
rejects, and the string "None" where an example means null.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator

from openapi.documents import SPEC, load_plain, pointer, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from openapi.documents import Place

# Named one by one: jsonschema drops a format without a word when the library that checks it is
# missing (rfc3339-validator for date-time), and a lint that skips in silence is worse than none.
_FORMATS = FormatChecker(("date-time", "date", "uuid", "email"))


def defects(document: Any) -> list[str]:
    """Return every defect of an OpenAPI 3.1 document, one line each, with its JSON pointer."""
    return [
        *_structural(document),
        *_duplicate_enum_values(document),
        *_invalid_examples(document),
        *_none_strings(document),
    ]


def _structural(document: Any) -> Iterator[str]:
    for error in OpenAPIV31SpecValidator(document).iter_errors():
        yield f"{pointer(tuple(error.absolute_path)) or '/'}: {error.message}"


def _in_example(at: Place) -> bool:
    return "example" in at or "examples" in at


def _duplicate_enum_values(document: Any) -> Iterator[str]:
    for at, node in walk(document):
        if not isinstance(node, dict) or not isinstance(node.get("enum"), list) or _in_example(at):
            continue
        values = node["enum"]
        for value in sorted({str(value) for value in values if values.count(value) > 1}):
            yield f"{pointer((*at, 'enum'))}: duplicate value {value!r}"


def _examples(document: Any) -> Iterator[tuple[Place, Any, Any]]:
    """Yield (place, schema, example) for schemas, parameters, headers and media types."""
    for at, node in walk(document):
        if not isinstance(node, dict) or _in_example(at):
            continue
        schema = node.get("schema", node)
        if "example" in node:
            yield (*at, "example"), schema, node["example"]
        several = node.get("examples")
        if isinstance(several, list):  # a schema's, as in JSON Schema
            for index, value in enumerate(several):
                yield (*at, "examples", index), schema, value
        elif isinstance(several, dict):  # a parameter's or a media type's, named
            for name, example in several.items():
                if isinstance(example, dict) and "value" in example:
                    yield (*at, "examples", name), schema, example["value"]


def _invalid_examples(document: Any) -> Iterator[str]:
    components = document.get("components", {})
    for at, schema, example in _examples(document):
        # `#/components/…` is resolved against the root, so the components come along.
        validator = Draft202012Validator(
            {"allOf": [schema], "components": components}, format_checker=_FORMATS
        )
        for error in validator.iter_errors(example):
            yield f"{pointer((*at, *error.absolute_path))}: invalid example: {error.message}"


def _none_strings(document: Any) -> Iterator[str]:
    for at, _, example in _examples(document):
        for below, value in walk(example):
            if value == "None":
                yield f"{pointer((*at, *below))}: the string 'None' where null is meant"


def main(argv: Sequence[str] | None = None) -> int:
    """Print the defects of a document; exit 1 when there are any."""
    parser = argparse.ArgumentParser(description="Lint an OpenAPI 3.1 document.")
    parser.add_argument("document", type=Path, nargs="?", default=SPEC)
    found = defects(load_plain(parser.parse_args(argv).document))
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
