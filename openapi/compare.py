"""Compare two versions of a specification from the side of whoever calls the API.

Each change is one line: its class, its place on the wire, its direction, what it is. What two
documents say in different words, in another order or under `x-` keys is no change, the names of
servers excepted.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from openapi.changes import (
    DOCUMENT,
    REQUEST,
    At,
    Change,
    Changes,
    Grade,
    as_json,
    as_markdown,
    as_text,
    gravest,
    heading,
)
from openapi.documents import DocumentError, parse
from openapi.exchanges import ExchangeComparison
from openapi.fetch import fetch
from openapi.slice import METHODS

if TYPE_CHECKING:
    from collections.abc import Sequence

FORMATS = ("text", "json", "markdown")
_SERVER_NAME = "x-fern-server-name"
_HANDLED = {"openapi", "info", "servers", "security", "paths", "components"}


def compare(old: Any, new: Any) -> list[Change]:
    """Return the changes from one OpenAPI document to another, the gravest first.

    Args:
        old: The document as it was, as plain data, whole or sliced.
        new: The document as it is.

    Raises:
        DocumentError: One of them is no OpenAPI document, or a reference in it leads nowhere.
    """
    changes = Changes()
    try:
        _document(old, new, changes)
        _servers(old.get("servers", []), new.get("servers", []), changes)
        _security(old, new, changes)
        _operations(old, new, changes)
    except LookupError as error:
        raise DocumentError(f"no OpenAPI document: {error} leads nowhere") from error
    except (AttributeError, TypeError, ValueError) as error:
        raise DocumentError(f"no OpenAPI document: {error}") from error
    except RecursionError as error:
        raise DocumentError("no OpenAPI document: nested too deep") from error
    return changes.sorted()


def version(document: Any) -> str:
    """Return the version that a document says it has."""
    return str(document["info"]["version"])


def _document(old: Any, new: Any, changes: Changes) -> None:
    at = At(DOCUMENT, "info")
    for key in sorted((old["info"].keys() | new["info"].keys()) - {"version"}):
        if key.startswith("x-") or old["info"].get(key) == new["info"].get(key):
            continue
        grade, what = Grade.ABSORBED, f"{key} changed"
        if key == "title":
            titles = (document["info"].get(key) for document in (old, new))
            grade, what = (
                Grade.NAMES,
                "title {!r} is now {!r}; no class name changes".format(*titles),
            )
        changes.add((old, new), grade, at, what)
    if old.get("openapi") != new.get("openapi"):
        what = f"OpenAPI {old.get('openapi')} is now {new.get('openapi')}"
        changes.add((old, new), Grade.ATTENTION, At(DOCUMENT, "openapi"), what)
    for key in sorted((old.keys() | new.keys()) - _HANDLED):
        if not key.startswith("x-") and old.get(key) != new.get(key):
            grade = Grade.ABSORBED if key in {"tags", "externalDocs"} else Grade.ATTENTION
            changes.add((old, new), grade, At(DOCUMENT, key), f"{key} changed")


def _servers(old: list[Any], new: list[Any], changes: Changes) -> None:
    def add(name: str, what: str) -> None:
        changes.add((old, new, name), Grade.ATTENTION, At(REQUEST, f"servers → {name}"), what)

    left = [*new]
    for server in old:
        name, url = server.get(_SERVER_NAME, server["url"]), server["url"]
        same = [one for one in left if name == one.get(_SERVER_NAME, one["url"])]
        same += [one for one in left if url == one["url"]]
        if not same:
            add(name, f"server gone: {url}")
            continue
        left.remove(same[0])
        if url != same[0]["url"]:
            add(name, f"{url} is now {same[0]['url']}")
        if server.get(_SERVER_NAME) != same[0].get(_SERVER_NAME):
            add(name, f"{url} is now called {same[0].get(_SERVER_NAME, 'nothing')}")
        if server.get("variables") != same[0].get("variables"):
            add(name, "variables of the URL changed")
        if server.get("description") != same[0].get("description"):
            place = At(DOCUMENT, f"servers → {name}")
            changes.add((old, new, name), Grade.ABSORBED, place, "description changed")
    for server in left:
        add(server.get(_SERVER_NAME, server["url"]), f"new server: {server['url']}")


def _security(old: Any, new: Any, changes: Changes) -> None:
    if old.get("security", []) != new.get("security", []):
        wanted = [
            " or ".join(" and ".join(entry) or "nothing" for entry in document.get("security", []))
            or "nothing"
            for document in (old, new)
        ]
        what = f"what a request needs was {wanted[0]}, and is now {wanted[1]}"
        changes.add((old, new), Grade.ATTENTION, At(REQUEST, "security"), what)
    schemes = [document.get("components", {}).get("securitySchemes", {}) for document in (old, new)]
    for name in {**schemes[0], **schemes[1]}:
        before, after = (_told(side.get(name)) for side in schemes)
        at = At(REQUEST, f"security schemes → {name}")
        origin = (old, new, name)
        if before is None:
            changes.add(origin, Grade.ATTENTION, at, "new security scheme")
        elif after is None:
            changes.add(origin, Grade.ATTENTION, at, "security scheme gone")
        else:
            for key in sorted(before.keys() | after.keys()):
                if before.get(key) != after.get(key):
                    grade = Grade.ABSORBED if key == "description" else Grade.ATTENTION
                    changes.add(origin, grade, at, f"{key} changed")


def _told(node: Any) -> Any:
    return node and {key: value for key, value in node.items() if not key.startswith("x-")}


def _operations(old: Any, new: Any, changes: Changes) -> None:
    comparison = ExchangeComparison(old, new, changes)
    before, after = (_listed(document) for document in (old, new))
    for name in {**before, **after}:
        if name not in after:
            changes.add((old, new, name), Grade.BREAKING, At(REQUEST, name), "operation gone")
        elif name not in before:
            changes.add((old, new, name), Grade.ABSORBED, At(REQUEST, name), "new operation")
        else:
            comparison.compare(name, before[name], after[name])


def _listed(document: Any) -> dict[str, tuple[Any, Any]]:
    """Return the operations of a document by ``METHOD /path``, each with its path item."""
    return {
        f"{method.upper()} {path}": (item, item[method])
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    }


def render(changes: list[Change], old: str, new: str, layout: str = "text") -> str:
    """Return changes as text, JSON or Markdown.

    Args:
        changes: What `compare` has found.
        old: The version from.
        new: The version to.
        layout: ``text``, ``json`` or ``markdown``.
    """
    if layout == "json":
        return as_json(changes, old, new)
    write = as_markdown if layout == "markdown" else as_text
    return write(changes, heading(old, new))


def main(argv: Sequence[str] | None = None) -> int:
    """Print the changes; exit with 0, with 3 for attention, with 4 for breaking ones."""
    parser = argparse.ArgumentParser(description="Compare two versions of an OpenAPI document.")
    parser.add_argument("old", help="a file or an https URL")
    parser.add_argument("new", help="a file or an https URL")
    parser.add_argument("--format", choices=FORMATS, default="text")
    arguments = parser.parse_args(argv)
    try:
        old, new = (parse(fetch(source), source) for source in (arguments.old, arguments.new))
        changes = compare(old, new)
        print(render(changes, version(old), version(new), arguments.format))
    except DocumentError as error:
        print(f"compare: {error}", file=sys.stderr)
        return 1
    return gravest(changes).status


if __name__ == "__main__":
    sys.exit(main())
