"""A hook of hatchling: the project's links, and a README whose links work without the repository.

On a package index, links to files and pictures have to be absolute. The address of the repository
is what a workflow's variables say. Without them, links become plain text, and pictures are left
out.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

if TYPE_CHECKING:
    from collections.abc import Mapping

_LINK = re.compile(r"(!?)\[([^\[\]]*)\]\((?![a-z]+:|#)([^()\s]+)\)", re.IGNORECASE)


class ReadmeHook(MetadataHookInterface):
    """Sets the fields ``readme`` and ``urls``."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Change the metadata; hatchling calls this."""
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        readme = absolute(text, repository(os.environ))
        metadata["readme"] = {"content-type": "text/markdown", "text": readme}
        metadata["urls"] = urls(repository(os.environ))


def urls(address: str | None) -> dict[str, str]:
    """Return the links of the project's page: the API's documentation, and the repository's."""
    found = {"API documentation": "https://docs.junction.com"}
    if address is not None:
        found |= {
            "Repository": address,
            "Issues": f"{address}/issues",
            "Changelog": f"{address}/blob/HEAD/CHANGELOG.md",
        }
    return found


def repository(environ: Mapping[str, str]) -> str | None:
    """Return the address of the repository that a workflow runs for, or None elsewhere."""
    server, name = environ.get("GITHUB_SERVER_URL"), environ.get("GITHUB_REPOSITORY")
    return f"{server}/{name}" if server and name else None


def absolute(text: str, address: str | None) -> str:
    """Return a Markdown text whose links to files of the repository are absolute.

    Args:
        text: The text.
        address: The repository's address; None turns links into text, and leaves out pictures.
    """

    def replaced(found: re.Match[str]) -> str:
        picture, label, path = found.groups()
        if address is None:
            return "" if picture else label
        if picture:
            # A raw SVG is served as plain text, unless it is asked to be sanitized.
            query = "?sanitize=true" if path.endswith(".svg") else ""
            return f"![{label}]({address}/raw/HEAD/{path}{query})"
        return f"[{label}]({address}/blob/HEAD/{path})"

    return _LINK.sub(replaced, text)
