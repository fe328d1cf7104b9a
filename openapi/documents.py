"""Reads and writes specification documents without changing their layout."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import unquote

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

Place: TypeAlias = tuple[str | int, ...]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

HERE = Path(__file__).parent
JUNCTION = HERE / "junction.yaml"
OPERATIONS = HERE / "operations.yaml"
OVERLAY = HERE / "overlay.yaml"
SPEC = HERE / "spec.yaml"

# Below these words, the keys are names chosen by the document, not words of OpenAPI.
_NAMES = frozenset(
    (
        *("$defs", "callbacks", "content", "dependentSchemas", "encoding", "headers", "links"),
        *("parameters", "pathItems", "paths", "patternProperties", "properties", "requestBodies"),
        *("responses", "schemas", "securitySchemes", "variables", "webhooks"),
    )
)
# Everything below these words is data.
_DATA = frozenset(("const", "default", "enum", "example", "examples"))


# Limits for the values of a document, with all YAML aliases expanded, and for its levels. The
# vendor's whole document has 40,000 values on 12 levels.
_MOST_VALUES = 2_000_000
_DEEPEST = 200


class StepError(Exception):
    """A step of the pipeline failed; the message has one line for each reason."""


class DocumentError(StepError):
    """A document cannot be read; the message is one line with its name and the reason."""


def printable(text: str) -> str:
    """Return a text with control characters except line breaks escaped as in JSON."""
    return "".join(
        one if one.isprintable() or one == "\n" else json.dumps(one)[1:-1] for one in text
    )


def refuse(command: str, error: Exception) -> int:
    """Print an error that ends a command; return the exit status."""
    print(printable(f"{command}: {error}"), file=sys.stderr)
    return 1


def _yaml() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    # The vendor's own layout: loading and dumping junction.yaml returns the same bytes. Long lines
    # are not broken, so that a changed text is one line of a diff.
    yaml.width = sys.maxsize
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.representer.add_representer(
        type(None),
        lambda representer, _: representer.represent_scalar("tag:yaml.org,2002:null", "null"),
    )
    return yaml


def load(source: Path | str) -> Any:
    """Load YAML (or JSON) from a file or a text, and keep key order, quotes and folding.

    Raises:
        DocumentError: There is no such file, or it is not YAML.
    """
    return _read(_yaml(), source)


def load_plain(source: Path | str, name: str = "text") -> Any:
    """Load YAML (or JSON) as plain dicts, lists and scalars, as a consumer sees it.

    A status code is a string even if its quotes are missing.

    Args:
        source: A file or a text.
        name: The name of a text in error messages.

    Raises:
        DocumentError: There is no such file, or it is not YAML.
    """
    return _quoted(load_as_written(source, name))


def load_as_written(source: Path | str, name: str = "text") -> Any:
    """As `load_plain`, but a status code without quotes is a number."""
    # Timestamps are strings in JSON, and the core schema of YAML 1.2 has no timestamps. The pure
    # loader would turn an unquoted one into a datetime, which no JSON schema check accepts.
    yaml = YAML(typ="safe", pure=True)
    yaml.constructor.yaml_constructors.pop("tag:yaml.org,2002:timestamp", None)
    yaml.constructor.add_constructor(
        "tag:yaml.org,2002:timestamp", lambda loader, node: loader.construct_scalar(node)
    )
    return _read(yaml, source, name)


def is_json(text: str) -> bool:
    """Tell whether a text is read as JSON, which is the case if it begins with a brace."""
    return text.lstrip("\ufeff \t\r\n").startswith("{")


def parse(text: str, name: str = "text") -> Any:
    """Read JSON or YAML as plain dicts, lists and scalars. JSON is read a hundred times faster.

    Args:
        text: The text; it is JSON if it begins with a brace, otherwise YAML.
        name: The name of the text in error messages.

    Raises:
        DocumentError: The text is neither, or an object in it has a key twice.
    """
    if not is_json(text):
        return load_plain(text, name)
    try:
        document = json.loads(
            text.removeprefix("\ufeff"), object_pairs_hook=_unique, parse_constant=_refuse
        )
        _measure(document, name, {})
    except RecursionError as error:
        raise DocumentError(f"{name}: nested too deep") from error
    except ValueError as error:
        raise DocumentError(f"{name}: not JSON: {error}") from error
    return document


def _measure(node: Any, name: str, measured: dict[int, tuple[int, int] | None]) -> tuple[int, int]:
    """Return the numbers of values and of levels of a node, with all YAML aliases expanded.

    Raises:
        DocumentError: The node is too large or too deep to walk.
    """
    if not isinstance(node, dict | list):
        return 1, 0
    if id(node) not in measured:
        measured[id(node)] = None  # being measured
        children = node.values() if isinstance(node, dict) else node
        inner = [_measure(child, name, measured) for child in children]
        values = 1 + sum(size for size, _ in inner)
        levels = 1 + max((depth for _, depth in inner), default=0)
        if values > _MOST_VALUES:
            raise DocumentError(f"{name}: more than {_MOST_VALUES} values with aliases expanded")
        if levels > _DEEPEST:
            raise DocumentError(f"{name}: nested too deep, more than {_DEEPEST} levels")
        measured[id(node)] = values, levels
    found = measured[id(node)]
    if found is None:
        raise DocumentError(f"{name}: a value contains itself")
    return found


def _quoted(document: Any) -> Any:
    for _, node in walk(document):
        responses = node.get("responses") if isinstance(node, dict) else None
        if isinstance(responses, dict) and any(isinstance(key, int) for key in responses):
            node["responses"] = {
                str(key) if isinstance(key, int) else key: value for key, value in responses.items()
            }
    return document


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for key, _ in pairs if [name for name, _ in pairs].count(key) > 1)
        raise ValueError(f"an object has the key {twice!r} twice")
    return found


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not allowed in JSON")


def _read(yaml: YAML, source: Path | str, name: str = "text") -> Any:
    name = str(source) if isinstance(source, Path) else name
    try:
        document = yaml.load(source)
        _measure(document, name, {})
    except OSError as error:
        raise DocumentError(f"{name}: {error.strerror}") from error
    # ValueError: a scalar whose form and value do not match, such as the date 2024-99-99.
    except (YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        at = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
        raise DocumentError(f"{name}{at}: not YAML: {problem}") from error
    except RecursionError as error:
        raise DocumentError(f"{name}: nested too deep") from error
    return document


def dumps(document: Any) -> str:
    """Return `document` as YAML text in the vendor's layout."""
    buffer = io.StringIO()
    _yaml().dump(document, buffer)
    return buffer.getvalue()


def pointer(parts: Place) -> str:
    """Return the RFC 6901 JSON pointer of a place in a document."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def steps(reference: str) -> list[str]:
    """Return the keys that a `$ref` such as ``#/components/schemas/Name`` leads through."""
    parts = unquote(reference).removeprefix("#/").split("/")
    return [part.replace("~1", "/").replace("~0", "~") for part in parts]


def follow(reference: str, document: Any) -> Any:
    """Return the target of a `$ref` in `document`.

    Raises:
        LookupError: The target does not exist, or is outside the document.
    """
    node = document if reference.startswith("#/") else {}  # other documents are not loaded
    try:
        for key in steps(reference):
            node = node[int(key) if isinstance(node, list) else key]
    except (LookupError, TypeError, ValueError) as error:
        raise LookupError(f"{reference!r} leads nowhere in this document") from error
    return node


def resolved(node: Any, document: Any, beside: Container[str] | None = None) -> Any:
    """Return a node with its references followed; references that lead to one another give ``{}``.

    Args:
        node: The node.
        document: The document that the references lead into.
        beside: The keys beside a `$ref` that replace those of its target; by default all of them.

    Raises:
        LookupError: As in `follow`.
    """
    seen: set[str] = set()
    while isinstance(node, dict) and isinstance(reference := node.get("$ref"), str):
        if reference in seen:
            return {}
        seen.add(reference)
        own = {key: node[key] for key in node if key != "$ref" and (not beside or key in beside)}
        node = follow(reference, document)
        if own and isinstance(node, dict):
            node = {**node, **own}
    return node


def walk(node: Any, at: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Yield every node of a document with its place, parents first."""
    yield at, node
    if isinstance(node, dict):
        for key, child in node.items():
            yield from walk(child, (*at, key))
    elif isinstance(node, list):
        for index, child in enumerate(node):
            yield from walk(child, (*at, index))


def operations(document: Any) -> dict[str, tuple[Any, Any]]:
    """Return each operation of a document and its path item, by ``METHOD /path``.

    Raises:
        DocumentError: A path item is a reference without a target in the document.
    """
    found = {}
    for path, node in document["paths"].items():
        try:
            item = resolved(node, document)
        except LookupError as error:
            raise DocumentError(f"{pointer(('paths', path, '$ref'))}: {error}") from error
        for method in METHODS:
            if isinstance(item, dict) and method in item:
                found[f"{method.upper()} {path}"] = item, item[method]
    return found


def essence(media_type: str) -> str:
    """Return a media type without its parameters, in lower case."""
    return media_type.partition(";")[0].strip().lower()


def objects(node: Any, at: Place = ()) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Yield every object that describes something, with its place, parents first.

    Skips data (examples, defaults) and extensions. Skips maps from names to objects too, but yields
    the objects in them, even if one of the names is a word such as ``example`` or ``properties``.
    """
    if isinstance(node, list):
        for index, child in enumerate(node):
            yield from objects(child, (*at, index))
    elif isinstance(node, dict):
        yield at, node
        for key, child in node.items():
            if key in _NAMES and isinstance(child, dict):
                for name, named in child.items():
                    yield from objects(named, (*at, key, name))
            elif key not in _DATA and not key.startswith("x-"):
                yield from objects(child, (*at, key))
