"""The specification that the mock keeps, for whoever asks it: the vendor's, corrected."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec
from ruamel.yaml import YAML

# In the wheel it stands beside this module; an editable install has it where it is built.
_PLACES: Final = (
    Path(__file__).with_name("spec.yaml"),
    Path(__file__).parents[3] / "openapi" / "spec.yaml",
)


@cache
def as_yaml() -> bytes:
    """Return the document as it was built."""
    return next(place for place in _PLACES if place.is_file()).read_bytes()


@cache
def as_json() -> bytes:
    """Return the same document in JSON."""
    return msgspec.json.encode(parsed(as_yaml()))


def parsed(document: bytes) -> Any:
    """Return what YAML says to JSON."""
    yaml: Any = YAML(typ="safe", pure=True)
    # To YAML 1.2 a timestamp is a string, as it is to JSON.
    yaml.constructor.add_constructor("tag:yaml.org,2002:timestamp", _text)
    return yaml.load(document)


def _text(loader: Any, node: Any) -> Any:
    return loader.construct_scalar(node)
