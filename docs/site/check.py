"""Checks the built site: ``python -m docs.site.check build/docs``.

Every link and picture that stays on the site has to lead somewhere, anchors included, and every
public name has to have an entry.
"""

from __future__ import annotations

import sys
import zlib
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from docs.site.reference import MODULES, described


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: set[str] = set()
        self.feed(text)

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("id", "name") and value:
                self.anchors.add(value)
            if name in ("href", "src") and value:
                self.links.add(value)


def dead_links(site: Path) -> list[str]:
    """Return a line for each link of a built site that leads nowhere on it."""
    pages = {path: _Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}
    dead: list[str] = []
    for path, page in pages.items():
        for link in sorted(page.links):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            anchor = unquote(parts.fragment)
            if not target.exists() or (
                anchor and target in pages and anchor not in pages[target].anchors
            ):
                dead.append(f"{path.relative_to(site)}: {link}")
    return dead


def missing_names(site: Path) -> list[str]:
    """Return the public names that a built site has no entry for."""
    # Four lines of text, and the rest compressed: one entry per line.
    packed = (site / "objects.inv").read_bytes().split(b"\n", 4)[4]
    entries = {line.split()[0] for line in zlib.decompress(packed).decode().splitlines()}
    names = described()
    return [
        name
        for module in MODULES
        for name in (f"{module}.{short}" for short in names[module])
        if name not in entries
    ]


def main(arguments: list[str]) -> int:
    """Print what is wrong with a site, and return an exit status."""
    (folder,) = arguments
    site = Path(folder).resolve()
    faults = [f"dead link: {line}" for line in dead_links(site)]
    faults += [f"not in the reference: {name}" for name in missing_names(site)]
    for fault in faults:
        print(fault, file=sys.stderr)  # noqa: T201 - a command-line face prints
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
