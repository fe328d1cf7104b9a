"""Keeps the links of pages inside the site, wherever they are read from.

In the repository, a page links to files by their paths. On the site, some of these files are pages
under another name, and others are not part of it: those are links into the repository if its
address is known, and plain text if it is not.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import PurePosixPath
from typing import Final

FOLDER: Final = "docs"

# Files outside the folder of the documentation that the site has as pages.
PAGES: Final = {
    "README.md": "docs/index.md",
    "CHANGELOG.md": "docs/changelog.md",
    "CONTRIBUTING.md": "docs/contributing.md",
    "SECURITY.md": "docs/security.md",
}

_FENCED: Final = re.compile(r"(^```.*?^```)", re.DOTALL | re.MULTILINE)
_LINK: Final = re.compile(r"(?<!!)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)")
_ELSEWHERE: Final = re.compile(r"[a-z]+:|#|/", re.IGNORECASE)


def rewritten(text: str, *, source: str, page: str, repository: str | None) -> str:
    """Return a Markdown text whose links fit the site.

    Args:
        text: The text.
        source: The file that the text is from, as a path in the repository.
        page: The page that the text is shown on, as a path in the repository.
        repository: The address of the repository's files, such as ``https://…/blob/main``.
    """

    def replaced(found: re.Match[str]) -> str:
        label, link = found.groups()
        if _ELSEWHERE.match(link):
            return found[0]
        path, hash_, anchor = link.partition("#")
        target = posixpath.normpath(PurePosixPath(source).parent / path)
        target = PAGES.get(target, target)
        if target.startswith(f"{FOLDER}/"):
            relative = posixpath.relpath(target, PurePosixPath(page).parent)
            return f"[{label}]({relative}{hash_}{anchor})"
        if repository:
            return f"[{label}]({repository}/{target}{hash_}{anchor})"
        return label

    parts = _FENCED.split(text)
    return "".join(part if part.startswith("```") else _LINK.sub(replaced, part) for part in parts)
