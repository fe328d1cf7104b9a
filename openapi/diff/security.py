"""Compare the credentials that requests need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from openapi.diff.changes import DOCUMENT, REQUEST, At, Changes, Grade
from openapi.diff.values import told

if TYPE_CHECKING:
    from openapi.diff.variants import Schemas

_ADVICE = "check that your credentials are still accepted"
# The credentials in a request, each with the scopes that it needs.
Credentials: TypeAlias = dict[str, tuple[str, ...]]


class SecurityComparison:
    """Compares the security requirements of operations, and the schemes of two documents."""

    def __init__(self, old: Schemas, new: Schemas, changes: Changes) -> None:
        self._documents = old.document, new.document
        self._schemes = _schemes(old), _schemes(new)
        self._changes = changes
        self._used: set[str] = set()

    def compare(self, name: str, old: Any, new: Any) -> None:
        """Note the changed requirements of an operation.

        Args:
            name: The operation, as ``METHOD /path``.
            old: The old operation.
            new: The new operation.
        """
        nodes = (old, new)
        own = any("security" in node for node in nodes)
        both = [
            node.get("security", document.get("security")) or [{}]
            for node, document in zip(nodes, self._documents, strict=True)
        ]
        self._used |= {scheme for listed in both for entry in listed for scheme in entry}
        before, after = (
            [_carried(entry, schemes) for entry in listed]
            for listed, schemes in zip(both, self._schemes, strict=True)
        )
        if all(entry in after for entry in before) and all(entry in before for entry in after):
            return
        at = At(REQUEST, name if own else "security")
        texts = [
            " or ".join(dict.fromkeys(_text(entry) for entry in side)) for side in (before, after)
        ]
        what = f"a request needed {texts[0]}, and now needs {texts[1]}"
        let_in = [any(other.keys() <= one.keys() for other in after) for one in before]
        grade, advice = Grade.ATTENTION, "check that you send one of these"
        if not any(let_in):
            grade, advice = Grade.BREAKING, "send these, or every call gets a 401"
        origin = (*(nodes if own else self._documents), "security")
        self._changes.add(origin, grade, at, what, advice)

    def compare_schemes(self) -> None:
        """Note other changes of the schemes. Must be called after all operations."""
        before, after = self._schemes
        were, are = (
            {name: _carrier(scheme, name) for name, scheme in side.items()}
            for side in self._schemes
        )
        renamed = {
            old: new
            for old in sorted(were.keys() - are.keys())
            for new in sorted(are.keys() - were.keys())
            if were[old] == are[new]
        }
        for old, new in renamed.items():
            what = f"security scheme {old} is now called {new}"
            at = At(DOCUMENT, f"security schemes → {new}")
            self._changes.add((*self._documents, old), Grade.NAMES, at, what)
        # Both documents have these, perhaps under another name.
        kept = {*were.values()} & {*are.values()}
        for name, carrier in {**were, **are}.items():
            origin = (*self._documents, name)
            at = At(REQUEST, f"security schemes → {name}")
            new_name = renamed.get(name, name)
            used = name in self._used
            grade = Grade.ATTENTION if used else Grade.ABSORBED
            if name in before and new_name in after:
                self._details(origin, before[name], after[new_name], at, grade)
            elif carrier not in kept:
                what = "security scheme gone" if name in before else "new security scheme"
                what += "" if used else ", which no operation uses"
                self._changes.add(origin, grade, at, what, _ADVICE if used else "")

    def _details(self, origin: Any, old: Any, new: Any, at: At, grade: Grade) -> None:
        if _carrier(old, "") != _carrier(new, ""):
            # For a scheme that is used, the change was noted with its operations.
            if grade is Grade.ABSORBED:
                what = f"was {_carrier(old, '')}, and is now {_carrier(new, '')}"
                self._changes.add(origin, grade, at, f"{what}; no operation uses it")
            return
        for key in sorted((old.keys() | new.keys()) - {"type", "name", "in", "scheme"}):
            texts = [told(side[key]) if key in side else "none" for side in (old, new)]
            if texts[0] != texts[1] and not key.startswith("x-"):
                if key == "description":
                    self._changes.add(origin, Grade.ABSORBED, at, "description changed")
                    continue
                what = f"{key} {texts[0]} is now {texts[1]}"
                advice = "" if grade is Grade.ABSORBED else _ADVICE
                self._changes.add(origin, grade, at, what, advice)


def _schemes(side: Schemas) -> dict[str, Any]:
    schemes = side.document.get("components", {}).get("securitySchemes", {})
    return {name: side.follow(scheme) for name, scheme in schemes.items()}


def _carried(entry: dict[str, list[str]], schemes: dict[str, Any]) -> Credentials:
    return {
        _carrier(schemes.get(name, {}), name): tuple(sorted(scopes))
        for name, scopes in entry.items()
    }


def _carrier(scheme: Any, name: str) -> str:
    """Return where a scheme puts its credential, as a text that can be compared."""
    kind = str(scheme.get("type", name))
    if kind == "apiKey":
        where, key = str(scheme.get("in")), str(scheme.get("name"))
        return f"{where} {key.lower() if where == 'header' else key}"
    if kind == "http":
        return f"{str(scheme.get('scheme')).lower()} authorization"
    return kind


def _text(entry: Credentials) -> str:
    return (
        " and ".join(
            f"{name} ({', '.join(scopes)})" if scopes else name for name, scopes in entry.items()
        )
        or "nothing"
    )
