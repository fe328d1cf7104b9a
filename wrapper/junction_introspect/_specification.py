"""Says where the specification is that this package follows: the vendor's, with corrections."""

from __future__ import annotations

from pathlib import Path
from typing import Final

# A wheel has it next to this module; an editable install has it where it is built.
_PLACES: Final = (
    Path(__file__).with_name("spec.yaml"),
    Path(__file__).parents[2] / "openapi" / "spec.yaml",
)


def specification_path() -> Path:
    """Return the path of the specification, a YAML file."""
    return next(place for place in _PLACES if place.is_file())
