"""Compare two versions of a specification from the point of view of an API client.

Each change is one line: its class, its place on the wire, its direction, the old and the new state,
and what to do. A different spelling of the same meaning, another order and `x-` keys are not
changes, except for the names of servers and `x-extensible-enum`.
"""

from __future__ import annotations

import difflib
from typing import Any

from openapi.diff.changes import DOCUMENT, REQUEST, At, Change, Changes, Grade
from openapi.diff.exchanges import ExchangeComparison
from openapi.diff.servers import compare_servers
from openapi.diff.values import both, told
from openapi.diff.variants import Schemas
from openapi.documents import DocumentError, operations
from openapi.wellformed import misfits

_HANDLED = {"openapi", "info", "servers", "security", "paths", "components"}
_LEAST_LIKENESS = 0.5


def compare(old: Any, new: Any, whole: Any = None) -> list[Change]:
    """Return the changes from one OpenAPI document to another, the most serious first.

    Args:
        old: The old document, as plain data, whole or sliced.
        new: The new document, as plain data, whole or sliced.
        whole: The document that `new` is a slice of; it is searched for replacements of operations
            that are gone.

    Raises:
        DocumentError: One of them is not an OpenAPI document, or a reference has no target.
    """
    changes = Changes()
    for document in (old, new):
        if wrong := next(misfits(document), None):
            raise DocumentError(f"not an OpenAPI document: {wrong}")
    try:
        _document(old, new, changes)
        compare_servers(old.get("servers", []), new.get("servers", []), changes)
        _operations(old, new, whole or new, changes)
    except LookupError as error:
        raise DocumentError(f"not an OpenAPI document: {error}") from error
    except RecursionError as error:
        raise DocumentError("not an OpenAPI document: nested too deep") from error
    return changes.sorted()


def version(document: Any) -> str:
    """Return the version in a document's `info`."""
    return str(document["info"]["version"])


def _document(old: Any, new: Any, changes: Changes) -> None:
    at = At(DOCUMENT, "info")
    for key in sorted((old["info"].keys() | new["info"].keys()) - {"version"}):
        before, after = old["info"].get(key), new["info"].get(key)
        if key.startswith("x-") or told(before) == told(after):
            continue
        grade, what = Grade.ABSORBED, f"{key} changed"
        if key == "title":
            grade, what = Grade.NAMES, f"title {before!r} is now {after!r}; no class name changes"
        changes.add((old, new), grade, at, what)
    versions = [str(document.get("openapi")) for document in (old, new)]
    if versions[0] != versions[1]:
        # A patch version of OpenAPI changes its wording, not its meaning.
        same = versions[0].rpartition(".")[0] == versions[1].rpartition(".")[0]
        grade = Grade.ABSORBED if same else Grade.ATTENTION
        what = f"OpenAPI {versions[0]} is now {versions[1]}"
        changes.add((old, new), grade, At(DOCUMENT, "openapi"), what)
    for key in sorted((old.keys() | new.keys()) - _HANDLED):
        if not key.startswith("x-") and told(old.get(key)) != told(new.get(key)):
            grade = Grade.ABSORBED if key in {"tags", "externalDocs"} else Grade.ATTENTION
            changes.add((old, new), grade, At(DOCUMENT, key), f"{key} changed")


def _operations(old: Any, new: Any, whole: Any, changes: Changes) -> None:
    comparison = ExchangeComparison(Schemas(old), Schemas(new), changes)
    known = operations(old)
    for name, before, after in both(known, operations(new)):
        if after is None:
            others = {one: at for one, at in operations(whole).items() if one not in known}
            like = _most_like(name, before[1], others)
            advice = f"the most similar is {like}" if like else "look for a replacement"
            at = At(REQUEST, name)
            changes.add((old, new, name), Grade.BREAKING, at, "operation gone", advice)
        elif before is None:
            changes.add((old, new, name), Grade.ABSORBED, At(REQUEST, name), "new operation")
        else:
            comparison.compare(name, before, after)
    comparison.finish()


def _most_like(name: str, operation: Any, others: dict[str, tuple[Any, Any]]) -> str | None:
    """Return the name of the operation that is most similar to one that is gone, or None."""
    here = f"{name} {operation.get('operationId')}"
    there = {f"{one} {other.get('operationId')}": one for one, (_, other) in others.items()}
    found = difflib.get_close_matches(here, there, n=1, cutoff=_LEAST_LIKENESS)
    return there[found[0]] if found else None
