"""Compare the servers that requests go to."""

from __future__ import annotations

from typing import Any

from openapi.diff.changes import DOCUMENT, REQUEST, At, Changes, Grade
from openapi.diff.values import told

_NAME = "x-fern-server-name"
_ADVICE = "check where your requests go"


def compare_servers(old: list[Any], new: list[Any], changes: Changes, root: str = "") -> None:
    """Note the servers that are new, gone, moved or renamed.

    Args:
        old: The old Server Objects.
        new: The new Server Objects.
        changes: Collects the changes.
        root: The operation that the servers belong to; empty for those of the document.
    """
    prefix = f"{root} → servers" if root else "servers"

    def add(name: str, what: str) -> None:
        at = At(REQUEST, f"{prefix} → {name}")
        changes.add((old, new, name), Grade.ATTENTION, at, what, _ADVICE)

    left = [*new]
    for server in old:
        name, url = _name(server), _url(server)
        same = [one for one in left if name == _name(one)]
        same += [one for one in left if url == _url(one)]
        if not same:
            add(name, f"server gone: {url}")
            continue
        left.remove(same[0])
        if url != _url(same[0]):
            add(name, f"{url} is now {_url(same[0])}")
        if server.get(_NAME) != same[0].get(_NAME):
            add(name, f"{url} is now called {same[0].get(_NAME, 'nothing')}")
        variables = [told(one.get("variables")) for one in (server, same[0])]
        if variables[0] != variables[1]:
            add(name, "variables of the URL changed")
        if server.get("description") != same[0].get("description"):
            place = At(DOCUMENT, f"{prefix} → {name}")
            changes.add((old, new, name), Grade.ABSORBED, place, "description changed")
    for server in left:
        add(_name(server), f"new server: {_url(server)}")


def _url(server: Any) -> str:
    return str(server["url"]).rstrip("/") or "/"


def _name(server: Any) -> str:
    return str(server.get(_NAME, _url(server)))
