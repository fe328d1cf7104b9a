"""Reading and writing specification documents without changing how they look."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from ruamel.yaml import YAML

if TYPE_CHECKING:
    from collections.abc import Iterator

Place: TypeAlias = tuple[str | int, ...]

HERE = Path(__file__).parent
JUNCTION = HERE / "junction.yaml"
OVERLAY = HERE / "overlay.yaml"
SPEC = HERE / "spec.yaml"


def _yaml() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    # The vendor's own layout: with it, loading and dumping junction.yaml gives back its bytes.
    yaml.width = 80
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.representer.add_representer(
        type(None),
        lambda representer, _: representer.represent_scalar("tag:yaml.org,2002:null", "null"),
    )
    return yaml


def load(source: Path | str) -> Any:
    """Load YAML (or JSON) from a file or a text, keeping key order, quotes and folding."""
    return _yaml().load(source)


def load_plain(source: Path | str) -> Any:
    """Load YAML (or JSON) as plain dicts, lists and scalars: what a consumer of it sees."""
    # Timestamps in the document are JSON strings to every consumer; the pure loader would turn
    # an unquoted one into a datetime, which no JSON schema check accepts. YAML 1.2's core schema
    # has no timestamp.
    yaml = YAML(typ="safe", pure=True)
    yaml.constructor.yaml_constructors.pop("tag:yaml.org,2002:timestamp", None)
    yaml.constructor.add_constructor(
        "tag:yaml.org,2002:timestamp", lambda loader, node: loader.construct_scalar(node)
    )
    return yaml.load(source)


def dumps(document: Any) -> str:
    """Return `document` as YAML text in the vendor's layout."""
    buffer = io.StringIO()
    _yaml().dump(document, buffer)
    return buffer.getvalue()


def pointer(parts: Place) -> str:
    """Return an RFC 6901 JSON pointer: where in a document something stands."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def walk(node: Any, at: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Yield every node of a document with its place, parents first."""
    yield at, node
    if isinstance(node, dict):
        for key, child in node.items():
            yield from walk(child, (*at, key))
    elif isinstance(node, list):
        for index, child in enumerate(node):
            yield from walk(child, (*at, index))
