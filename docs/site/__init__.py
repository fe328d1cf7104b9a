"""A Sphinx extension: generates parts of pages from the code, and keeps links inside the site.

A line of a page that begins with ``<!-- generated: … -->`` is replaced by what is generated. The
rest of the line is for readers of the repository.
"""

from __future__ import annotations

import os
import re
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import hatch_build
from docs.site import commands, reference
from docs.site.links import FOLDER, rewritten

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT: Final = Path(__file__).parents[2]

_PLACE: Final = re.compile(r"^<!-- generated: (\w+)(?: (\S+))? -->.*$", re.MULTILINE)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the extension; Sphinx calls this."""
    app.setup_extension("sphinx.ext.autodoc")  # whose event is used below
    app.connect("source-read", _fill)
    app.connect("autodoc-process-signature", _hide_private_constructor)
    app.connect("missing-reference", _leave_type_variable)
    return {"parallel_read_safe": True}


def repository() -> str | None:
    """Return the address of the repository's files, if the environment has it as a workflow's."""
    address = hatch_build.repository(os.environ)
    return address and f"{address}/blob/HEAD"


def filled(text: str, page: str) -> str:
    """Return the text of a page as the site shows it.

    Args:
        text: The text.
        page: The page, as a path in the repository.

    Raises:
        ValueError: Nothing generates what the page asks for.
    """

    def generated(found: re.Match[str]) -> str:
        match found[1], found[2]:
            case "api", str(module):
                return reference.page(module)
            case "commands", None:
                return commands.page()
            case "statuses", None:
                return commands.statuses()
            case "file", str(file):
                shown = (ROOT / file).read_text(encoding="utf-8")
                return rewritten(shown, source=file, page=page, repository=repository())
        raise ValueError(f"nothing generates {found[0]}")

    own = rewritten(text, source=page, page=page, repository=repository())
    return _PLACE.sub(generated, own)


def _fill(_app: Sphinx, name: str, source: list[str]) -> None:
    source[0] = filled(source[0], f"{FOLDER}/{name}.md")


def _hide_private_constructor(
    _app: Sphinx, what: str, _name: str, described: Any, _options: Any, *_signature: Any
) -> tuple[str, None] | None:
    """Hide the parameters of a class that only this package makes: they are of private types."""
    if what == "class" and reference.is_made_by_us(described):
        return "", None
    return None


def _leave_type_variable(_app: Sphinx, _env: Any, node: Any, content: Any) -> Any:
    """Show a type variable as it is: it is no name to look up."""
    module, _, name = node.get("reftarget", "").rpartition(".")
    if module.startswith("junction_") and isinstance(_value(module, name), TypeVar):
        return content
    return None


def _value(module: str, name: str) -> object:
    try:
        return getattr(import_module(module), name, None)
    except ImportError:
        return None
