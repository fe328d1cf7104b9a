"""Loads the specification that the mock follows and serves: the vendor's, with corrections."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
from ruamel.yaml import YAML

from junction_introspect._specification import specification_path


@cache
def as_yaml() -> bytes:
    """Return the document as YAML."""
    return specification_path().read_bytes()


@cache
def as_json() -> bytes:
    """Return the document as JSON."""
    return msgspec.json.encode(parsed(as_yaml()))


def parsed(document: bytes) -> Any:
    """Return a YAML document as JSON values."""
    yaml: Any = YAML(typ="safe", pure=True)
    # In YAML 1.2 a timestamp is a string, as in JSON.
    yaml.constructor.add_constructor("tag:yaml.org,2002:timestamp", _text)
    return yaml.load(document)


def _text(loader: Any, node: Any) -> Any:
    return loader.construct_scalar(node)
